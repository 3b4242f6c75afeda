/* Whether anybody is attached: asked of the kernel, so that it is true whatever became of the holders. */
#include <signal.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static int32_t attached(void)
{
    int32_t answer = -1;
    CHECK(polyshm_segment_attached(NAME, &answer) == POLYSHM_OK);
    return answer;
}

static polyshm_segment *create(void)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_create(NAME, 1, 0, 0, &segment));
    return segment;
}

TEST(leases, every_attachment_counts_until_it_is_closed)
{
    polyshm_segment *one = create(), *other;
    cr_assert_eq(attached(), 1);
    EXPECT_OK(polyshm_segment_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &other));
    EXPECT_OK(polyshm_segment_close(one));
    cr_assert_eq(attached(), 1);
    polyshm_segment_unref(other);
    cr_assert_eq(attached(), 0);
    EXPECT_OK(polyshm_segment_unlink(one));
    polyshm_segment_unref(one);
}

TEST(leases, a_pin_counts)
{
    polyshm_segment *segment = create();
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_close(segment));
    cr_assert_eq(attached(), 1);
    EXPECT_OK(polyshm_segment_unpin(segment));
    cr_assert_eq(attached(), 0);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(leases, a_foreign_block_has_none)
{
    int32_t answer = -1;
    block_make(NAME, "foreign", 7);
    EXPECT_OK(polyshm_segment_attached(NAME, &answer));
    cr_assert_eq(answer, 0);
    block_remove(NAME);
}

TEST(leases, a_question_about_no_block_fails)
{
    int32_t answer = 4711;
    EXPECT_STATUS(POLYSHM_ENOENT, polyshm_segment_attached(NAME, &answer));
    cr_assert_eq(symlink("nowhere", block_path(NAME)), 0);
    EXPECT_STATUS(POLYSHM_ENOTBLOCK, polyshm_segment_attached(NAME, &answer));
    cr_assert_eq(answer, 4711);
    block_remove(NAME);
}

static void attach_and_wait(void *gate)
{
    polyshm_segment *segment;
    CHECK(polyshm_segment_attach(NAME, 0, 0, &segment) == POLYSHM_OK);
    gate_open(*(int *)gate);
    for (;;)
        pause();
}

TEST(leases, a_killed_holder_is_none)
{
    int gate = gate_make();
    polyshm_segment *segment = create();
    EXPECT_OK(polyshm_segment_close(segment));
    pid_t holder = child_start(attach_and_wait, &gate);
    cr_assert(gate_wait(gate));
    cr_assert_eq(attached(), 1);
    child_kill(holder);
    cr_assert_eq(attached(), 0);
    close(gate);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(leases, a_stopped_holder_is_one)
{
    int gate = gate_make();
    polyshm_segment *segment = create();
    EXPECT_OK(polyshm_segment_close(segment));
    pid_t holder = child_start(attach_and_wait, &gate);
    cr_assert(gate_wait(gate));
    cr_assert_eq(kill(holder, SIGSTOP), 0);
    cr_assert_eq(attached(), 1);
    child_kill(holder);
    close(gate);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static void close_inherited(void *segment)
{
    CHECK(attached() == 1);
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    CHECK(attached() == 1);
}

TEST(leases, a_child_that_closes_leaves_its_parent_attached)
{
    polyshm_segment *segment = create();
    EXPECT_CHILD(close_inherited, segment);
    cr_assert_eq(attached(), 1);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static void wait_with_inherited(void *gate)
{
    CHECK(gate_wait(*(int *)gate));
}

TEST(leases, a_child_is_an_attachment_of_its_own_without_a_gap)
{
    int gate = gate_make();
    polyshm_segment *segment = create();
    pid_t child = child_start(wait_with_inherited, &gate);
    EXPECT_OK(polyshm_segment_close(segment));
    cr_assert_eq(attached(), 1);
    gate_open(gate);
    cr_assert_eq(child_wait(child), 0);
    cr_assert_eq(attached(), 0);
    close(gate);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}
