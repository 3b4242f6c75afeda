/* Versions, and waiting until they move. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

static uint64_t version(const polyshm_list *list)
{
    uint64_t found = 4711;
    CHECK(polyshm_list_version(list, &found) == POLYSHM_OK);
    return found;
}

static uint64_t item_version(const polyshm_list *list, int64_t index)
{
    uint64_t found = 4711;
    CHECK(polyshm_list_item_version(list, index, &found) == POLYSHM_OK);
    return found;
}

static void expect_versions(const polyshm_list *list, uint64_t whole, uint64_t first, uint64_t second)
{
    cr_assert_eq(version(list), whole, "the list's version is %d", (int)version(list));
    cr_assert_eq(item_version(list, 0), first, "item 0's version is %d", (int)item_version(list, 0));
    cr_assert_eq(item_version(list, 1), second, "item 1's version is %d", (int)item_version(list, 1));
}

TEST(waits, versions_move_with_every_write)
{
    polyshm_list *list = list_make();
    const polyshm_value values[] = {v_int(8), v_str("word")}, none = v_none();
    int32_t exchanged;
    expect_versions(list, 0, 0, 0);
    EXPECT_OK(polyshm_list_set(list, 0, values));
    expect_versions(list, 1, 1, 0);
    EXPECT_OK(polyshm_list_set(list, 0, values));
    expect_versions(list, 2, 2, 0);
    EXPECT_OK(polyshm_list_set(list, 0, &none));
    expect_versions(list, 3, 3, 0);
    EXPECT_OK(polyshm_list_write(list, 0, values, 2));
    expect_versions(list, 4, 4, 1);
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    expect_versions(list, 5, 5, 1);
    EXPECT_OK(polyshm_list_compare_exchange(list, 1, &none, &none, &exchanged));
    expect_versions(list, 5, 5, 1);
    list_drop(list);
}

TEST(waits, versions_do_not_move_with_what_fails)
{
    polyshm_list *list = list_make();
    const polyshm_value large = v_str("123456789"), one = v_int(1);
    char text[8];
    polyshm_value found[2];
    EXPECT_STATUS(POLYSHM_ETOOLONG, polyshm_list_set(list, 1, &large));
    EXPECT_STATUS(POLYSHM_ETOOLONG, polyshm_list_write(list, 0, (polyshm_value[]){one, large}, 2));
    EXPECT_STATUS(POLYSHM_ETYPE, polyshm_list_add(list, 1, 1, NULL));
    EXPECT_STATUS(POLYSHM_ERANGE, polyshm_list_add(list, 0, INT64_MAX, NULL));
    EXPECT_OK(polyshm_list_read(list, 0, 2, text, sizeof text, found));
    EXPECT_OK(polyshm_list_write(list, 0, NULL, 0));
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    expect_versions(list, 0, 0, 0);
    list_drop(list);
}

TEST(waits, all_that_is_written_under_a_lock_is_one_version)
{
    polyshm_list *list = list_make();
    const polyshm_value word = v_str("word");
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_set(list, 1, &word));
    EXPECT_OK(polyshm_list_unlock(list));
    expect_versions(list, 0, 1, 1);
    EXPECT_OK(polyshm_list_unlock(list));
    expect_versions(list, 1, 1, 1);
    list_drop(list);
}

TEST(waits, versions_refuse_wrong_arguments_and_handles)
{
    polyshm_list *list = list_make();
    uint64_t untouched = 4711;
    EXPECT_FAILURE(POLYSHM_EINVAL, "version", polyshm_list_version(list, NULL));
    EXPECT_FAILURE(POLYSHM_EINVAL, "version", polyshm_list_item_version(list, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_version(NULL, &untouched));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_item_version(NULL, 0, &untouched));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_item_version(list, 2, &untouched));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_wait_item(list, -1, 0, 0, &untouched));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_wait(NULL, 0, 0, &untouched));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_wait(list, 0, -1, &untouched));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_wait(list, 1, NAN, &untouched));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_wait_item(list, 0, 0, NAN, &untouched));
    EXPECT_OK(polyshm_list_close(list));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_version(list, &untouched));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_item_version(list, 0, &untouched));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_wait(list, 0, INFINITY, &untouched));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_wait_item(list, 0, 0, INFINITY, &untouched));
    cr_assert_eq(untouched, 4711);
    list_drop(list);
}

TEST(waits, end_at_once_when_the_version_is_another)
{
    polyshm_list *list = list_make();
    uint64_t found;
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    EXPECT_OK(polyshm_list_wait(list, 0, INFINITY, &found));
    cr_assert_eq(found, 1);
    EXPECT_OK(polyshm_list_wait(list, UINT64_MAX, 0, &found));
    cr_assert_eq(found, 1);
    EXPECT_OK(polyshm_list_wait_item(list, 0, 0, INFINITY, &found));
    cr_assert_eq(found, 1);
    EXPECT_OK(polyshm_list_wait(list, 0, 0, NULL));
    EXPECT_OK(polyshm_list_wait_item(list, 0, 0, 0, NULL));
    list_drop(list);
}

TEST(waits, end_with_their_time)
{
    static const double times[] = {0, 0.001, 0.05};
    polyshm_list *list = list_make();
    uint64_t found = 4711;
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        EXPECT_FAILURE(POLYSHM_ETIMEDOUT, NAME, polyshm_list_wait(list, 1, times[i], &found));
        EXPECT_FAILURE(POLYSHM_ETIMEDOUT, NAME, polyshm_list_wait_item(list, 1, 0, times[i], &found));
    }
    cr_assert_eq(found, 4711);
    list_drop(list);
}

/* One who waits, in a child. */
struct waiter {
    uint32_t flags;
    int64_t index; /* -1: the whole list */
    uint64_t seen;
};

static void wait_for_change(void *argument)
{
    const struct waiter *waiter = argument;
    polyshm_list *list;
    uint64_t found = 4711;
    CHECK(polyshm_list_attach(NAME, waiter->flags, 0, &list) == POLYSHM_OK);
    int32_t status = waiter->index < 0 ? polyshm_list_wait(list, waiter->seen, INFINITY, &found)
                                       : polyshm_list_wait_item(list, waiter->index, waiter->seen, INFINITY, &found);
    CHECK(status == POLYSHM_OK);
    CHECK(found == waiter->seen + 1);
}

static pid_t waiter_start(struct waiter *waiter)
{
    pid_t child = child_start(wait_for_change, waiter);
    cr_assert(child_sleeps(child));
    return child;
}

static void expect_wake(struct waiter waiter)
{
    polyshm_list *list = list_make();
    for (uint64_t i = 0; i < waiter.seen; i++)
        EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    pid_t child = waiter_start(&waiter);
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    cr_assert_eq(child_wait(child), 0);
    list_drop(list);
}

TEST(waits, end_with_the_next_write_of_another_process)
{
    expect_wake((struct waiter){.index = -1});
    expect_wake((struct waiter){.index = 0});
    expect_wake((struct waiter){.index = -1, .seen = 3});
    expect_wake((struct waiter){.index = 0, .seen = 3});
}

TEST(waits, end_with_the_next_write_also_for_who_may_only_read)
{
    expect_wake((struct waiter){.index = -1, .flags = POLYSHM_SEGMENT_READONLY});
    expect_wake((struct waiter){.index = 0, .flags = POLYSHM_SEGMENT_READONLY});
    expect_wake((struct waiter){.index = -1, .flags = POLYSHM_SEGMENT_READONLY, .seen = 3});
    expect_wake((struct waiter){.index = 0, .flags = POLYSHM_SEGMENT_READONLY, .seen = 3});
}

TEST(waits, of_many_end_together)
{
    struct waiter waiters[] = {{.index = -1}, {.index = 0}, {.index = -1}, {.index = 0}};
    pid_t children[COUNT_OF(waiters)];
    polyshm_list *list = list_make();
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        children[i] = waiter_start(&waiters[i]);
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        cr_assert_eq(child_wait(children[i]), 0);
    list_drop(list);
}

TEST(waits, for_an_item_go_on_while_others_change)
{
    struct waiter waiter = {.index = 1};
    const polyshm_value word = v_str("word");
    polyshm_list *list = list_make();
    pid_t child = waiter_start(&waiter);
    for (int i = 0; i < 100; i++)
        EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    cr_assert(child_sleeps(child));
    EXPECT_OK(polyshm_list_set(list, 1, &word));
    cr_assert_eq(child_wait(child), 0);
    list_drop(list);
}

TEST(waits, for_a_list_that_is_locked_end_when_it_is_given_back)
{
    struct waiter waiter = {.index = -1};
    polyshm_list *list = list_make();
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    pid_t child = waiter_start(&waiter);
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    cr_assert(child_sleeps(child));
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(child_wait(child), 0);
    list_drop(list);
}

static void write_and_die(void *list)
{
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_OK);
    CHECK(polyshm_list_add(list, 0, 1, NULL) == POLYSHM_OK);
    raise(SIGKILL);
}

TEST(waits, for_a_writer_that_died_end_with_the_next)
{
    struct waiter waiter = {.index = -1};
    polyshm_list *list = list_make();
    child_wait(child_start(write_and_die, list));
    pid_t child = waiter_start(&waiter);
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(child_wait(child), 0);
    list_drop(list);
}

TEST(waits, can_be_interrupted)
{
    polyshm_list *list = list_make();
    interrupts_start();
    int32_t whole = polyshm_list_wait(list, 0, INFINITY, NULL),
            item = polyshm_list_wait_item(list, 0, 0, INFINITY, NULL);
    interrupts_stop();
    EXPECT_STATUS(POLYSHM_EINTR, whole);
    EXPECT_STATUS(POLYSHM_EINTR, item);
    list_drop(list);
}

static void *wait_until_closed(void *list)
{
    CHECK(polyshm_list_wait(list, 0, INFINITY, NULL) == POLYSHM_ECLOSED);
    return NULL;
}

TEST(waits, end_when_the_handle_is_closed)
{
    polyshm_list *list = list_make();
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, wait_until_closed, list), 0);
    EXPECT_OK(polyshm_list_close(list));
    pthread_join(thread, NULL);
    list_drop(list);
}

enum { MESSAGES = 2000 };

/* Answers every odd number with the next even one. */
static void answer(void *inherited)
{
    polyshm_list *list = inherited;
    uint64_t seen = 0;
    for (int64_t expected = 1; expected < 2 * MESSAGES;) {
        polyshm_value found;
        CHECK(polyshm_list_get(list, 0, NULL, 0, &found) == POLYSHM_OK);
        if (found.integer == expected) {
            CHECK(polyshm_list_add(list, 0, 1, NULL) == POLYSHM_OK);
            expected += 2;
        }
        CHECK(polyshm_list_wait(list, seen, expected < 2 * MESSAGES ? 30 : 0, &seen) == POLYSHM_OK ||
              expected > 2 * MESSAGES);
    }
}

TEST(waits, miss_no_change)
{
    const polyshm_value zero = v_int(0);
    polyshm_list *list = list_make();
    uint64_t seen = 0;
    EXPECT_OK(polyshm_list_set(list, 0, &zero));
    pid_t child = child_start(answer, list);
    for (int64_t i = 1; i < 2 * MESSAGES; i += 2) {
        polyshm_value found = v_none();
        EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
        while (found.integer != i + 1) {
            EXPECT_OK(polyshm_list_wait(list, seen, 30, &seen));
            EXPECT_OK(polyshm_list_get(list, 0, NULL, 0, &found));
        }
    }
    cr_assert_eq(child_wait(child), 0);
    list_drop(list);
}
