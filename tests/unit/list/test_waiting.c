/* Versions and snapshots, seen beside a list's version that is odd, and a lock that is held. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "change.h"
#include "expect.h"
#include "leaks.h"
#include "list.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

static void expect_snapshot(const polyshm_list *list, int64_t first, uint64_t expected)
{
    polyshm_value found[2];
    char buffer[8];
    uint64_t version;
    EXPECT_OK(polyshm_list_snapshot(list, buffer, sizeof buffer, found, &version));
    EXPECT_VALUE(v_int(first), found[0]);
    EXPECT_VALUE(v_str("text"), found[1]);
    cr_assert_eq(version, expected);
}

TEST(waiting, the_version_is_that_of_the_last_write_that_is_done)
{
    polyshm_list *list = list_make();
    uint64_t version;
    list->lock.area.state->version = 11;
    list->lock.area.versions[1] = 9;
    EXPECT_OK(polyshm_list_version(list, &version));
    cr_assert_eq(version, 5);
    EXPECT_OK(polyshm_list_item_version(list, 1, &version));
    cr_assert_eq(version, 4);
    list_drop(list);
}

TEST(waiting, a_snapshot_takes_the_lock_when_the_version_stays_odd)
{
    polyshm_list *list = list_make();
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    expect_snapshot(list, 8, 0);
    EXPECT_OK(polyshm_list_unlock(list));
    expect_snapshot(list, 8, 1);
    list_drop(list);
}

TEST(waiting, a_version_that_stays_odd_without_a_holder_is_put_right_by_a_snapshot)
{
    polyshm_list *list = list_make();
    list->lock.area.state->version = 5;
    expect_snapshot(list, 7, 2);
    cr_assert_eq(list->lock.area.state->lock, 0);
    cr_assert_eq(list->lock.area.state->version & 1, 0);
    list_drop(list);
}

static void write_and_die(void *unused)
{
    polyshm_list *list;
    (void)unused;
    CHECK(polyshm_list_attach(NAME, 0, 0, &list) == POLYSHM_OK);
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_OK);
    CHECK(polyshm_list_add(list, 0, 1, NULL) == POLYSHM_OK);
    raise(SIGKILL);
}

TEST(waiting, a_snapshot_beside_a_dead_writer_is_its_last_state)
{
    polyshm_list *list = list_make(), *reader;
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    child_wait(child_start(write_and_die, NULL));
    expect_snapshot(reader, 8, 0);
    expect_snapshot(list, 8, 0);
    cr_assert_neq(list->lock.area.state->lock, 0);
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    expect_snapshot(reader, 8, 1);
    polyshm_list_unref(reader);
    list_drop(list);
}

TEST(waiting, a_mark_is_left_by_who_may_write_only)
{
    polyshm_list *list = list_make(), *reader;
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_wait(reader, 1, 0.02, NULL));
    cr_assert_eq(list->lock.area.state->mark, 0);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_wait(list, 1, 0.001, NULL));
    cr_assert_eq(list->lock.area.state->mark, 2);
    polyshm_list_unref(reader);
    list_drop(list);
}

TEST(waiting, a_damaged_mark_costs_sleep_but_no_change)
{
    polyshm_list *list = list_make();
    uint64_t version;
    list->lock.area.state->mark = UINT64_MAX;
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_wait(list, 1, 0.001, NULL));
    EXPECT_OK(polyshm_list_wait(list, 0, 0, &version));
    cr_assert_eq(version, 1);
    list_drop(list);
}

static void *wait_until_closed(void *list)
{
    uint64_t untouched = 4711;
    CHECK(polyshm_list_wait(list, 1, INFINITY, &untouched) == POLYSHM_ECLOSED);
    CHECK(untouched == 4711);
    return NULL;
}

static void *wait_for_an_item_until_closed(void *list)
{
    uint64_t untouched = 4711;
    CHECK(polyshm_list_wait_item(list, 0, 1, INFINITY, &untouched) == POLYSHM_ECLOSED);
    CHECK(untouched == 4711);
    return NULL;
}

/* The pages of a closed list are blank, and so would its version be 0. */
static void expect_end_by_close(void *(*wait)(void *))
{
    polyshm_list *list = list_make();
    pthread_t thread;
    EXPECT_OK(polyshm_list_add(list, 0, 1, NULL));
    cr_assert_eq(pthread_create(&thread, NULL, wait, list), 0);
    while (atomic_load(&list->lock.area.state->mark) != 2)
        sched_yield();
    EXPECT_OK(polyshm_list_close(list));
    pthread_join(thread, NULL);
    list_drop(list);
}

TEST(waiting, a_close_meanwhile_is_no_change)
{
    expect_end_by_close(wait_until_closed);
    expect_end_by_close(wait_for_an_item_until_closed);
}
