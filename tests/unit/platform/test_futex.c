/* Sleeping on a word that processes share. */
#include <math.h>
#include <stdatomic.h>

#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "platform.h"

static _Atomic uint32_t *make(void)
{
    return shared_memory(sizeof(_Atomic uint32_t));
}

TEST(futex, a_word_that_is_another_is_not_waited_for)
{
    _Atomic uint32_t *word = make();
    EXPECT_OK(pshmi_futex_wait(word, 1, INFINITY));
}

TEST(futex, a_wait_ends_with_its_time)
{
    _Atomic uint32_t *word = make();
    static const double times[] = {0, 1e-9, 0.01};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        double begin = pshmi_clock_now();
        EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_futex_wait(word, 0, times[i]));
        cr_assert_geq(pshmi_clock_now() - begin, times[i]);
    }
}

TEST(futex, what_the_system_refuses_is_no_matter_of_a_block)
{
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "cannot wait for another process", pshmi_futex_wait(NULL, 0, 0));
}

static void wait_for_word(void *word)
{
    while (atomic_load((_Atomic uint32_t *)word) == 0)
        CHECK(pshmi_futex_wait(word, 0, INFINITY) == POLYSHM_OK);
}

TEST(futex, a_wake_reaches_other_processes)
{
    _Atomic uint32_t *word = make();
    pid_t children[3];
    for (size_t i = 0; i < COUNT_OF(children); i++)
        cr_assert(child_sleeps(children[i] = child_start(wait_for_word, word)));
    atomic_store(word, 1);
    pshmi_futex_wake(word, INT32_MAX);
    for (size_t i = 0; i < COUNT_OF(children); i++)
        cr_assert_eq(child_wait(children[i]), 0);
}

TEST(futex, a_wake_that_nobody_waits_for_is_nothing)
{
    _Atomic uint32_t *word = make();
    pshmi_futex_wake(word, INT32_MAX);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_futex_wait(word, 0, 0));
}

TEST(futex, a_signal_ends_the_wait)
{
    _Atomic uint32_t *word = make();
    int32_t status;
    interrupts_start();
    while ((status = pshmi_futex_wait(word, 0, INFINITY)) == POLYSHM_OK)
        ;
    interrupts_stop();
    EXPECT_FAILURE(POLYSHM_EINTR, "signal", status);
}
