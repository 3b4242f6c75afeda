/* Housekeeping beside helpers that do not do their work. */
#include <polyshm/manager.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "helper.h"
#include "idle.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"
#include "system.h"

#define NAME test_name(0)

static void leave_block(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_OK);
}

TEST(housekeeping, a_helper_that_does_not_do_its_work_is_not_waited_for_without_end)
{
    pshmi_helper helper;
    bool taken;
    char names[64];
    uint64_t size = 4711;
    runtime_make();
    runtime_be_idle(); /* so that nobody does it */
    EXPECT_CHILD(leave_block, NULL);
    EXPECT_OK(pshmi_helper_become(runtime_path(""), &helper, &taken));
    cr_assert(taken);
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "a helper is at work", polyshm_reap(0, names, sizeof names, &size));
    cr_assert_eq(size, 4711);
    cr_assert(block_exists(NAME));
    pshmi_helper_resign(&helper);
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert_str_eq(names, NAME);
    cr_assert_eq(size, strlen(NAME) + 1);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}

static int (*real_close)(int descriptor);

/* Another process, which finds this one to be the helper, lives and ends when that is about to be over. */
static int close_after_a_short_life(int descriptor)
{
    uint32_t process;
    bool taken = false;
    pshmi_system.close = real_close;
    CHECK(pshmi_helper_find(runtime_path(""), &taken, &process) == POLYSHM_OK);
    if (taken)
        CHECK(child_wait(child_start(leave_block, NULL)) == 0 && block_exists(NAME));
    else
        pshmi_system.close = close_after_a_short_life;
    return real_close(descriptor);
}

TEST(housekeeping, whoever_relies_on_it_is_cleaned_up_after_too)
{
    char names[64] = "", path[PSHMI_PATH_SIZE];
    uint64_t size;
    runtime_make();
    runtime_be_idle();
    EXPECT_OK(pshmi_folder_path(path));
    real_close = pshmi_system.close;
    pshmi_system.close = close_after_a_short_life; /* no book is there: a helper closes but its own file */
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert_str_eq(names, NAME);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}
