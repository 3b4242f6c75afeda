/* What is there, and what dead processes left. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"

#define NAME  test_name(0)
#define OTHER test_name(1)

static char names[1 << 16];

static bool has_name(const char *name, uint64_t size)
{
    for (const char *next = names; next < names + size; next += strlen(next) + 1)
        if (strcmp(next, name) == 0)
            return true;
    return false;
}

TEST(housekeeping, names_all_blocks_and_nothing_else)
{
    uint64_t size = 0, again = 0;
    block_make(NAME, "x", 1);
    cr_assert_eq(mkdir(block_path(OTHER), 0700), 0);
    cr_assert_eq(symlink(NAME, block_path(test_name(2))), 0);
    EXPECT_OK(polyshm_block_names(names, sizeof names, &size));
    cr_assert(has_name(NAME, size) && !has_name(OTHER, size) && !has_name(test_name(2), size));
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_block_names(names, size - 1, &again));
    cr_assert_eq(size, again);
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_block_names(NULL, 0, &again));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_block_names(NULL, 1, &again));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_block_names(names, sizeof names, NULL));
    block_remove(test_name(2));
    block_remove(OTHER);
    block_remove(NAME);
}

/* How many blocks the dead left. */
static int count_left(void)
{
    int count = 0;
    uint64_t size = 0;
    EXPECT_OK(polyshm_reap(POLYSHM_REAP_DRY_RUN, names, sizeof names, &size));
    for (uint64_t i = 0; i < size; i++)
        count += !names[i];
    return count;
}

static void await_helper(void)
{
    long patience = 0;
    while (!runtime_helper() && be_patient(&patience))
        ;
}

/* Leaves a tracked block, one of a manager, and no helper. */
static void leave_all(void *unused)
{
    polyshm_segment *segment;
    polyshm_manager *manager;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_OK);
    CHECK(polyshm_manager_start("address", NULL, 0, &manager) == POLYSHM_OK);
    CHECK(polyshm_manager_create_segment(manager, OTHER, 1, 0, 0, &segment) == POLYSHM_OK);
    await_helper();
    runtime_kill_helper();
    raise(SIGKILL);
}

static void leave_without_helper(void)
{
    runtime_make();
    child_wait(child_start(leave_all, NULL));
    cr_assert(block_exists(NAME) && block_exists(OTHER) && runtime_books() == 2 && !runtime_helper());
    EXPECT_SOON(count_left() == 2); /* whoever reads a process in /proc keeps its memory for a moment after its end */
}

TEST(housekeeping, reaps_what_is_left_when_the_helper_was_killed_too)
{
    uint64_t size = 0;
    leave_without_helper();
    EXPECT_OK(polyshm_reap(POLYSHM_REAP_DRY_RUN, names, sizeof names, &size));
    cr_assert(size == strlen(NAME) + strlen(OTHER) + 2 && has_name(NAME, size) && has_name(OTHER, size));
    cr_assert(block_exists(NAME) && block_exists(OTHER) && runtime_books() == 2 && !runtime_helper());
    memset(names, 0, sizeof names);
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert(size == strlen(NAME) + strlen(OTHER) + 2 && has_name(NAME, size) && has_name(OTHER, size));
    cr_assert(!block_exists(NAME) && !block_exists(OTHER) && runtime_is_quiet());
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert_eq(size, 0);
}

TEST(housekeeping, reaps_also_what_it_cannot_name)
{
    uint64_t size = 0;
    leave_without_helper();
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_reap(0, NULL, 0, &size));
    cr_assert_eq(size, strlen(NAME) + strlen(OTHER) + 2);
    cr_assert(!block_exists(NAME) && !block_exists(OTHER) && runtime_is_quiet());
}

TEST(housekeeping, leaves_a_tracked_block_to_who_is_attached_and_a_helper_behind_it)
{
    uint64_t size = 0;
    leave_without_helper();
    int stock = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert(block_exists(NAME) && !block_exists(OTHER) && runtime_books() == 1);
    EXPECT_SOON(runtime_helper() != 0);
    close(stock);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
}

static void start_tracking(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_segment_create(test_name(2), 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_OK);
    long patience = 0;
    while (blocks_count(test_prefix()) > 1 && be_patient(&patience))
        ;
    CHECK(blocks_count(test_prefix()) == 1);
}

TEST(housekeeping, is_done_by_the_next_helper_as_well)
{
    leave_without_helper();
    EXPECT_CHILD(start_tracking, NULL);
    EXPECT_SOON(blocks_count(test_prefix()) == 0 && runtime_is_quiet());
}

static void leave_block(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_OK);
}

TEST(housekeeping, is_complete_while_a_helper_is_at_work)
{
    runtime_make();
    for (int i = 0; i < 20; i++) {
        uint64_t size = 0;
        EXPECT_CHILD(leave_block, NULL);
        EXPECT_SOON(!block_exists(NAME) || count_left() == 1);
        EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
        cr_assert_not(block_exists(NAME), "round %d", i);
    }
    EXPECT_SOON(runtime_is_quiet());
}

static void stop_helper(void *unused)
{
    leave_block(unused);
    await_helper();
    CHECK(kill(runtime_helper(), SIGSTOP) == 0);
}

static void wake_helper(void *unused)
{
    (void)unused;
    usleep(50000);
    CHECK(kill(runtime_helper(), SIGCONT) == 0);
}

TEST(housekeeping, waits_for_a_helper_that_is_at_work)
{
    uint64_t size = 0;
    runtime_make();
    EXPECT_CHILD(stop_helper, NULL);
    EXPECT_SOON(count_left() == 1);
    pid_t waker = child_start(wake_helper, NULL);
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert_not(block_exists(NAME));
    cr_assert_eq(child_wait(waker), 0);
    EXPECT_SOON(runtime_is_quiet());
}

TEST(housekeeping, says_that_a_helper_does_not_go_on)
{
    uint64_t size = 4711;
    runtime_make();
    EXPECT_CHILD(stop_helper, NULL);
    EXPECT_SOON(count_left() == 1);
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "a helper is at work", polyshm_reap(0, names, sizeof names, &size));
    cr_assert(block_exists(NAME) && size == 4711);
    wake_helper(NULL);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
}

TEST(housekeeping, arguments_are_checked)
{
    uint64_t size = 4711;
    runtime_make();
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_reap(2, names, sizeof names, &size));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_reap(0, NULL, 1, &size));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_reap(0, names, 1, NULL));
    setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
    EXPECT_STATUS(POLYSHM_ESYSTEM, polyshm_reap(0, names, sizeof names, &size));
    cr_assert_eq(size, 4711);
}
