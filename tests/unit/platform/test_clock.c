/* Time, chance, and who we are. */
#include <pthread.h>
#include <unistd.h>

#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "platform.h"

TEST(clock, never_goes_back)
{
    double before = pshmi_clock_now();
    for (int i = 0; i < 100000; i++) {
        double now = pshmi_clock_now();
        cr_assert(now >= before);
        before = now;
    }
}

TEST(clock, sleeps_at_least_so_long)
{
    double before = pshmi_clock_now();
    EXPECT_OK(pshmi_clock_sleep(0.02));
    cr_assert(pshmi_clock_now() - before >= 0.02);
}

TEST(clock, sleeps_for_no_time_at_all)
{
    EXPECT_OK(pshmi_clock_sleep(0));
}

TEST(clock, a_signal_handler_ends_the_sleep)
{
    pshmi_fail(POLYSHM_EINVAL, "before");
    interrupts_start();
    int32_t status = pshmi_clock_sleep(50);
    interrupts_stop();
    EXPECT_FAILURE(POLYSHM_EINTR, "before", status); /* who goes on succeeds, and a success leaves the record */
}

TEST(clock, random_numbers_differ)
{
    uint32_t first = pshmi_random(), tries = 0;
    while (pshmi_random() == first)
        cr_assert(++tries < 8, "8 times the same number"); /* by chance: once in 2^256 */
}

static void draw(void *numbers)
{
    for (int i = 0; i < 64; i++)
        ((uint32_t *)numbers)[i] = pshmi_random();
}

TEST(clock, a_child_and_its_parent_do_not_draw_the_same_random_numbers)
{
    uint32_t *childs = shared_memory(64 * sizeof *childs), own[64];
    int same = 0;
    pshmi_random();
    EXPECT_CHILD(draw, childs);
    draw(own);
    for (int i = 0; i < 64; i++)
        same += childs[i] == own[i];
    cr_assert(same < 8, "%d of 64 are the same", same);
}

static void *hold_gate(void *gate)
{
    gate_wait(*(int *)gate);
    return NULL;
}

TEST(clock, a_thread_beside_another_is_not_alone)
{
    int gate = gate_make();
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, hold_gate, &gate), 0);
    cr_assert_not(pshmi_thread_is_alone());
    gate_open(gate);
    pthread_join(thread, NULL);
    close(gate);
}

TEST(clock, the_user_is_the_effective_one)
{
    cr_assert_eq(pshmi_user(), geteuid());
}
