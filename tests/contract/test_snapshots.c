/* Snapshots: all that was written under one lock, or nothing of it. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "expect.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

enum { ITEMS = 40, WIDTH = 64, CAPACITY = ITEMS * WIDTH, READS = 300 };

/* All items of a round say its number: in turn as an int, a float, and a text that fills its slot more or less. */
static polyshm_value item_of(int64_t round, int at, char text[WIDTH])
{
    if (at % 3 == 0)
        return v_int(round);
    if (at % 3 == 1)
        return v_float((double)round);
    int length = snprintf(text, WIDTH, "%lld", (long long)round);
    while (length < round % 50)
        text[length++] = '.';
    return v_str_of(text, (uint64_t)length);
}

static int64_t round_of(const polyshm_value *value)
{
    char text[WIDTH] = "";
    if (value->type == POLYSHM_TYPE_INT64)
        return value->integer;
    if (value->type == POLYSHM_TYPE_FLOAT64)
        return (int64_t)value->real;
    memcpy(text, value->data, value->size);
    return atoll(text);
}

static polyshm_list *create(void)
{
    polyshm_value values[ITEMS];
    polyshm_list *list;
    for (int i = 0; i < ITEMS; i++)
        values[i] = v_str("0"); /* round 0, in slots that have room for every type */
    EXPECT_OK(polyshm_list_create(NAME, values, ITEMS, WIDTH - 8, 0, 0, &list));
    return list;
}

/* Writes one round, item by item, beginning with another one and so with another type each time. */
static void write_round(polyshm_list *list, int64_t round, int items)
{
    char text[WIDTH];
    for (int i = 0; i < items; i++) {
        int at = (int)((i + round) % ITEMS);
        polyshm_value value = item_of(round, at + (int)round, text);
        CHECK(polyshm_list_set(list, at, &value) == POLYSHM_OK);
    }
}

static void lock(polyshm_list *list)
{
    int32_t status = polyshm_list_lock(list, 30);
    CHECK(status == POLYSHM_OK || status == POLYSHM_OWNER_DIED);
}

static void write_rounds_with_pauses(polyshm_list *list, long pause)
{
    for (int64_t round = 1;; round++) {
        lock(list);
        write_round(list, round, ITEMS);
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
        if (pause)
            nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
    }
}

static void write_rounds(void *list)
{
    write_rounds_with_pauses(list, 0);
}

/* Who may not take the lock needs a moment in which nobody writes. */
static void write_rounds_now_and_then(void *list)
{
    write_rounds_with_pauses(list, 50000);
}

static int64_t expect_one_round(const polyshm_list *list, uint64_t *version)
{
    char buffer[CAPACITY];
    polyshm_value found[ITEMS];
    EXPECT_OK(polyshm_list_snapshot(list, buffer, sizeof buffer, found, version));
    int64_t first = round_of(&found[0]);
    for (int i = 1; i < ITEMS; i++)
        cr_assert_eq(round_of(&found[i]), first, "item %d: %s, not round %d", i, value_show(&found[i]), (int)first);
    return first;
}

static void expect_whole_rounds(uint32_t flags, void (*write)(void *list))
{
    polyshm_list *list = create(), *reader;
    uint64_t version = 0, before = 0;
    EXPECT_OK(polyshm_list_attach(NAME, flags, 0, &reader));
    pid_t writer = child_start(write, list);
    for (int i = 0; i < READS; i++) {
        int64_t round = expect_one_round(reader, &version);
        cr_assert_eq(version, (uint64_t)round);
        cr_assert_geq(version, before);
        before = version;
    }
    EXPECT_OK(polyshm_list_wait(reader, version, 30, NULL));
    child_kill(writer);
    polyshm_list_unref(reader);
    list_drop(list);
}

TEST(snapshots, beside_a_writer_have_all_of_a_round_or_nothing)
{
    expect_whole_rounds(0, write_rounds);
}

TEST(snapshots, beside_a_writer_have_all_of_a_round_also_for_who_may_only_read)
{
    expect_whole_rounds(POLYSHM_SEGMENT_READONLY, write_rounds_now_and_then);
}

static void write_a_part_and_die(void *inherited)
{
    polyshm_list *list = inherited;
    lock(list);
    write_round(list, 5, ITEMS / 2);
    raise(SIGKILL);
}

TEST(snapshots, beside_a_dead_writer_have_its_last_state)
{
    polyshm_list *list = create(), *reader;
    char buffer[CAPACITY];
    polyshm_value found[ITEMS];
    uint64_t version = 4711;
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    child_wait(child_start(write_a_part_and_die, list));
    EXPECT_OK(polyshm_list_snapshot(reader, buffer, sizeof buffer, found, &version));
    int written = 0;
    for (int i = 0; i < ITEMS; i++)
        written += round_of(&found[i]) == 5;
    cr_assert_eq(written, ITEMS / 2);
    cr_assert_eq(version, 0);
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    write_round(list, 6, ITEMS);
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(expect_one_round(reader, &version), 6);
    cr_assert_eq(version, 2, "what the dead one wrote is a version of its own");
    polyshm_list_unref(reader);
    list_drop(list);
}

static void write_a_part_and_stop(void *inherited)
{
    polyshm_list *list = inherited;
    lock(list);
    write_round(list, 5, ITEMS / 2);
    raise(SIGSTOP);
    write_round(list, 5, ITEMS);
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

TEST(snapshots, beside_a_stopped_writer_wait_for_the_handles_time)
{
    polyshm_list *list = create();
    char buffer[CAPACITY];
    polyshm_value found[ITEMS];
    int status;
    pid_t writer = child_start(write_a_part_and_stop, list);
    cr_assert_eq(waitpid(writer, &status, WUNTRACED), writer);
    cr_assert(WIFSTOPPED(status));
    EXPECT_OK(polyshm_list_set_timeout(list, 0.05));
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "kept the lock", polyshm_list_snapshot(list, buffer, sizeof buffer, found, NULL));
    kill(writer, SIGCONT);
    cr_assert_eq(child_wait(writer), 0);
    cr_assert_eq(expect_one_round(list, NULL), 5);
    list_drop(list);
}

TEST(snapshots, of_who_may_only_read_give_up_after_the_handles_time)
{
    polyshm_list *list = create(), *reader;
    char buffer[CAPACITY];
    polyshm_value found[ITEMS];
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    EXPECT_OK(polyshm_list_lock(list, 0));
    write_round(list, 3, ITEMS);
    for (int i = 0; i < 2; i++) {
        EXPECT_OK(polyshm_list_set_timeout(reader, i * 0.05));
        EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "being written all the time",
                       polyshm_list_snapshot(reader, buffer, sizeof buffer, found, NULL));
    }
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(expect_one_round(reader, NULL), 3);
    polyshm_list_unref(reader);
    list_drop(list);
}

TEST(snapshots, of_who_holds_the_lock_have_what_it_wrote)
{
    polyshm_list *list = create();
    uint64_t version;
    EXPECT_OK(polyshm_list_lock(list, 0));
    cr_assert_eq(expect_one_round(list, &version), 0);
    write_round(list, 3, ITEMS);
    cr_assert_eq(expect_one_round(list, &version), 3);
    cr_assert_eq(version, 0);
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(expect_one_round(list, &version), 3);
    cr_assert_eq(version, 1);
    list_drop(list);
}

TEST(snapshots, refuse_wrong_arguments_and_handles)
{
    polyshm_list *list = create();
    char buffer[CAPACITY];
    polyshm_value found[ITEMS];
    uint64_t version = 4711;
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_snapshot(NULL, buffer, sizeof buffer, found, &version));
    EXPECT_FAILURE(POLYSHM_EINVAL, "values", polyshm_list_snapshot(list, buffer, sizeof buffer, NULL, &version));
    EXPECT_FAILURE(POLYSHM_EINVAL, "buffer", polyshm_list_snapshot(list, NULL, 1, found, &version));
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_list_snapshot(list, buffer, 3, found, &version));
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_list_snapshot(list, NULL, 0, found, &version));
    EXPECT_OK(polyshm_list_close(list));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_snapshot(list, buffer, sizeof buffer, found, &version));
    cr_assert_eq(version, 4711);
    list_drop(list);
}

/* Single items are whole beside a writer, whatever it does. */
TEST(snapshots, are_not_needed_for_single_items)
{
    polyshm_list *list = create();
    char buffer[WIDTH];
    pid_t writer = child_start(write_rounds, list);
    int64_t before = 0;
    for (int i = 0; i < 100 * READS; i++) {
        polyshm_value found;
        EXPECT_OK(polyshm_list_get(list, 2, buffer, sizeof buffer, &found));
        int64_t round = round_of(&found);
        char text[WIDTH];
        polyshm_value expected = item_of(round, 2 + (int)round, text);
        cr_assert(value_is(&found, &expected), "found %s", value_show(&found));
        cr_assert_geq(round, before);
        before = round;
    }
    child_kill(writer);
    list_drop(list);
}
