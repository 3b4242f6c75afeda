/* Many processes and one block: what they inherit, and what happens when all come at once. */
#include <stdlib.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { RACERS = 1000 };

static void use_inherited_segment(void *argument)
{
    polyshm_segment *segment = argument;
    char found[6];
    CHECK(polyshm_segment_read(segment, 0, found, 6) == POLYSHM_OK && memcmp(found, "parent", 6) == 0);
    CHECK(polyshm_segment_write(segment, 0, "child!", 6) == POLYSHM_OK);
    CHECK(polyshm_segment_pin(segment) == POLYSHM_OK);
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    CHECK(polyshm_segment_unpin(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

TEST(processes, a_child_uses_and_closes_what_it_inherited_without_touching_its_parents_handle)
{
    polyshm_segment *segment;
    char found[6];
    EXPECT_OK(polyshm_segment_create(NAME, 6, 0, 0, &segment));
    EXPECT_OK(polyshm_segment_write(segment, 0, "parent", 6));
    EXPECT_CHILD(use_inherited_segment, segment);
    cr_assert_eq(polyshm_segment_is_closed(segment), 0);
    EXPECT_OK(polyshm_segment_read(segment, 0, found, 6));
    cr_assert_arr_eq(found, "child!", 6);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static void use_inherited_list(void *argument)
{
    polyshm_list *list = argument;
    const polyshm_value value = v_str("of the child");
    CHECK(polyshm_list_set(list, 0, &value) == POLYSHM_OK);
    CHECK(polyshm_list_close(list) == POLYSHM_OK);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
}

TEST(processes, a_child_writes_and_unlinks_a_list_that_it_inherited)
{
    polyshm_list *list;
    polyshm_value found;
    const polyshm_value value = v_str("of the parent");
    char text[16];
    EXPECT_OK(polyshm_list_create(NAME, &value, 1, 0, 0, 0, &list));
    EXPECT_CHILD(use_inherited_list, list);
    cr_assert_not(block_exists(NAME));
    EXPECT_OK(polyshm_list_get(list, 0, text, sizeof text, &found));
    EXPECT_VALUE(v_str("of the child"), found);
    polyshm_list_unref(list);
}

static void create_and_leave(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 6, 0, 0, &segment) == POLYSHM_OK);
    CHECK(polyshm_segment_write(segment, 0, "legacy", 6) == POLYSHM_OK);
}

TEST(processes, a_block_stays_when_its_creator_ends)
{
    polyshm_segment *segment;
    char found[6];
    EXPECT_CHILD(create_and_leave, NULL);
    EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &segment));
    EXPECT_OK(polyshm_segment_read(segment, 0, found, 6));
    cr_assert_arr_eq(found, "legacy", 6);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(processes, descriptors_are_not_for_programs_that_are_executed)
{
    polyshm_segment *created, *attached;
    EXPECT_OK(polyshm_segment_create(NAME, 6, 0, 0, &created));
    EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &attached));
    /* bxf_*: Criterion's own */
    cr_assert_eq(system("! ls -l /proc/self/fd | grep -v /dev/shm/bxf_ | grep /dev/shm"), 0, "a program sees a block");
    EXPECT_OK(polyshm_segment_unlink(created));
    polyshm_segment_unref(created);
    polyshm_segment_unref(attached);
}

/* What the racers find, in memory that they share. */
typedef struct {
    int gate;
    int created;
    uint64_t inodes[RACERS];
    unsigned char marks[RACERS]; /* each racer's byte in the block, as the last look finds it */
} race;

typedef struct {
    race *race;
    int number;
} racer;

static void run_race(void *argument)
{
    racer *self = argument;
    polyshm_segment *segment;
    int32_t created;
    const char mark = 1;
    CHECK(gate_wait(self->race->gate));
    CHECK(polyshm_segment_create_or_attach(NAME, RACERS, 0, 0, &segment, &created) == POLYSHM_OK);
    CHECK(polyshm_segment_write(segment, (uint64_t)self->number, &mark, 1) == POLYSHM_OK);
    __atomic_add_fetch(&self->race->created, created, __ATOMIC_SEQ_CST);
    self->race->inodes[self->number] = block_status(NAME).st_ino;
}

TEST(processes, a_thousand_that_create_or_attach_at_once_end_on_one_block)
{
    race *shared = shared_memory(sizeof *shared);
    pid_t racers[RACERS];
    shared->gate = gate_make();
    for (int i = 0; i < RACERS; i++)
        racers[i] = child_start(run_race, &(racer){.race = shared, .number = i});
    gate_open(shared->gate);
    for (int i = 0; i < RACERS; i++)
        cr_expect_eq(child_wait(racers[i]), 0, "racer %d", i);
    close(shared->gate);

    cr_assert_eq(shared->created, 1);
    cr_assert_eq(block_size(NAME), RACERS);
    cr_assert_eq(block_read(NAME, shared->marks, RACERS), RACERS);
    for (int i = 0; i < RACERS; i++) {
        cr_assert_eq(shared->inodes[i], block_status(NAME).st_ino, "racer %d was on another block", i);
        cr_assert_eq(shared->marks[i], 1, "racer %d wrote elsewhere", i);
    }
    block_remove(NAME);
}
