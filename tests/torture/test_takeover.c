/* What a reader of the whole list sees while a lock is taken over from the dead. */
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { ITEMS = 2000, ROUNDS = 100, WRITES = 20 };

static polyshm_value values[ITEMS];

static polyshm_list *make(void)
{
    polyshm_list *list;
    for (int i = 0; i < ITEMS; i++)
        values[i] = v_int(0);
    EXPECT_OK(polyshm_list_create(NAME, values, ITEMS, 0, 0, 0, &list));
    return list;
}

/* Writes the number to all items, in the section of whoever calls: against the order in which a reader comes by. */
static void fill(polyshm_list *list, int64_t number)
{
    const polyshm_value value = v_int(number);
    for (int i = ITEMS - 1; i >= 0; i--)
        CHECK(polyshm_list_set(list, i, &value) == POLYSHM_OK);
}

static void fill_and_die(void *argument)
{
    CHECK(polyshm_list_lock(argument, 10) == POLYSHM_OK);
    fill(argument, -1);
}

static void end(polyshm_list *list)
{
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

TEST(takeover, moves_the_version_before_the_taker_writes)
{
    uint64_t before, after;
    polyshm_list *list = make();
    EXPECT_CHILD(fill_and_die, list);
    EXPECT_OK(polyshm_list_version(list, &before));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 10));
    EXPECT_OK(polyshm_list_version(list, &after));
    cr_assert_neq(after, before, "a snapshot that began before would take what the taker writes for the dead one's");
    EXPECT_OK(polyshm_list_unlock(list));
    end(list);
}

/* The death is noticed by a waiter that sleeps on the version as the dead writer left it. */
static void wait_for_change(void *argument)
{
    uint64_t version;
    CHECK(polyshm_list_version(argument, &version) == POLYSHM_OK);
    CHECK(polyshm_list_wait(argument, version, 10, NULL) == POLYSHM_OK);
}

TEST(takeover, wakes_who_waits_for_the_dead_writers_change)
{
    polyshm_list *list = make();
    EXPECT_CHILD(fill_and_die, list);
    pid_t waiter = child_start(wait_for_change, list);
    cr_assert(child_sleeps(waiter));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 10));
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(child_wait(waiter), 0);
    end(list);
}

static void take_over_and_fill(void *argument)
{
    CHECK(polyshm_list_lock(argument, 10) == POLYSHM_OWNER_DIED);
    for (int i = 0; i < WRITES; i++)
        fill(argument, i);
    CHECK(polyshm_list_unlock(argument) == POLYSHM_OK);
}

static void expect_same(void)
{
    for (int i = 1; i < ITEMS; i++)
        cr_assert_eq(values[i].integer, values[0].integer, "items 0 and %d: %d and %d", i, (int)values[0].integer,
                     (int)values[i].integer);
}

TEST(takeover, shows_all_or_nothing_of_what_the_taker_writes)
{
    polyshm_list *list = make();
    for (int i = 0; i < ROUNDS; i++) {
        EXPECT_CHILD(fill_and_die, list);
        pid_t taker = child_start(take_over_and_fill, list);
        do {
            EXPECT_OK(polyshm_list_snapshot(list, NULL, 0, values, NULL));
            expect_same();
        } while (values[0].integer == -1);
        cr_assert_eq(child_wait(taker), 0);
    }
    end(list);
}
