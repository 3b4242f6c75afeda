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
