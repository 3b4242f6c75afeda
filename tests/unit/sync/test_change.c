/* The version of a list, and sleeping until it moves. */
#include "change.h"

#include <math.h>

#include "expect.h"
#include "interrupts.h"
#include "leaks.h"

/* An area that children share. */
static pshmi_area make(void)
{
    pshmi_area area;
    pshmi_area_open(shared_memory(pshmi_area_size(1, 8)), 1, 8, &area);
    return area;
}

TEST(change, the_version_is_odd_from_the_first_write_to_the_end)
{
    pshmi_area area = make();
    pshmi_change_begin(&area);
    pshmi_change_begin(&area);
    cr_assert_eq(area.state->version, 1);
    cr_assert_eq(pshmi_change_end(&area), 2);
    cr_assert_eq(area.state->version, 2);
}

TEST(change, an_end_without_a_beginning_is_none)
{
    pshmi_area area = make();
    cr_assert_eq(pshmi_change_end(&area), 0);
    cr_assert_eq(area.state->version, 0);
}

TEST(change, a_version_that_has_moved_is_not_waited_for)
{
    pshmi_area area = make();
    area.state->version = 8;
    EXPECT_OK(pshmi_change_wait(&area, true, 6, INFINITY));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_change_wait(&area, true, 8, 0.001));
}

TEST(change, an_odd_version_is_still_the_even_one_before)
{
    pshmi_area area = make();
    area.state->version = 9;
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_change_wait(&area, true, 8, 0.001));
}

TEST(change, the_mark_only_rises)
{
    pshmi_area area = make();
    area.state->version = 8;
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_change_wait(&area, true, 8, 0));
    cr_assert_eq(area.state->mark, 8);
    area.state->version = 4;
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_change_wait(&area, true, 4, 0));
    cr_assert_eq(area.state->mark, 8);
}

TEST(change, who_may_not_write_leaves_no_mark)
{
    pshmi_area area = make();
    area.state->version = 8;
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_change_wait(&area, false, 8, 0));
    cr_assert_eq(area.state->mark, 0);
}

static void wait_for_change(void *argument)
{
    pshmi_area *area = argument;
    while (area->state->version < 2)
        CHECK(pshmi_change_wait(area, true, 0, INFINITY) == POLYSHM_OK);
}

TEST(change, who_waits_is_woken)
{
    pshmi_area area = make();
    pid_t child = child_start(wait_for_change, &area);
    cr_assert(child_sleeps(child));
    pshmi_change_begin(&area);
    pshmi_change_wake(&area, pshmi_change_end(&area));
    cr_assert_eq(child_wait(child), 0);
}

TEST(change, a_signal_ends_the_wait)
{
    pshmi_area area = make();
    int32_t status;
    interrupts_start();
    while ((status = pshmi_change_wait(&area, true, 0, INFINITY)) == POLYSHM_OK)
        ;
    interrupts_stop();
    EXPECT_STATUS(POLYSHM_EINTR, status);
}
