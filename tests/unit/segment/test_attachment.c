/* How a process comes to a block, with the system's answers in the test's hand. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "blocks.h"
#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "names.h"
#include "segment.h"
#include "system.h"

#define NAME test_name(0)

static struct {
    int calls;
    double pauses[16];
    void (*during)(int call); /* what others do meanwhile */
} sleeps;

static int sleep_not(const struct timespec *time, struct timespec *left)
{
    (void)left;
    if ((size_t)sleeps.calls < COUNT_OF(sleeps.pauses))
        sleeps.pauses[sleeps.calls] = (double)time->tv_sec + (double)time->tv_nsec / 1e9;
    sleeps.calls++;
    if (sleeps.during)
        sleeps.during(sleeps.calls);
    return 0;
}

static void replace_sleep(void (*during)(int call))
{
    sleeps.during = during;
    pshmi_system.nanosleep = sleep_not;
}

TEST(attachment, the_pauses_of_a_wait_grow_from_a_half_to_10_milliseconds)
{
    static const double expected[] = {0.0005, 0.001, 0.002, 0.004, 0.008, 0.01, 0.01, 0.01};
    replace_sleep(NULL);
    pshmi_wait wait = pshmi_wait_begin(INFINITY);
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        EXPECT_OK(pshmi_wait_pause(&wait));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        cr_expect_float_eq(sleeps.pauses[i], expected[i], 1e-6, "pause %zu: %g", i, sleeps.pauses[i]);
}

TEST(attachment, no_pause_is_longer_than_what_is_left)
{
    replace_sleep(NULL);
    pshmi_wait wait = pshmi_wait_begin(0.0002);
    int32_t status = pshmi_wait_pause(&wait);
    cr_assert(status == POLYSHM_ETIMEDOUT || sleeps.pauses[0] <= 0.0002);
}

TEST(attachment, a_wait_ends_when_its_time_is_over)
{
    pshmi_wait wait = pshmi_wait_begin(0.01);
    double begin = pshmi_clock_now();
    int32_t status;
    while ((status = pshmi_wait_pause(&wait)) == POLYSHM_OK)
        continue;
    cr_assert_eq(status, POLYSHM_ETIMEDOUT);
    cr_assert(pshmi_clock_now() - begin >= 0.0099);
}

TEST(attachment, a_signal_ends_a_wait)
{
    pshmi_wait wait = pshmi_wait_begin(50);
    int32_t status;
    interrupts_start();
    while ((status = pshmi_wait_pause(&wait)) == POLYSHM_OK)
        continue;
    interrupts_stop();
    cr_assert_eq(status, POLYSHM_EINTR);
}

TEST(attachment, a_prepared_block_has_no_name_and_goes_without_a_trace)
{
    polyshm_segment *segment;
    EXPECT_OK(pshmi_segment_prepare(NAME, "abc", 3, 0, 0, &segment));
    cr_assert_not(block_exists(NAME));
    cr_assert_eq(memcmp(segment->address, "abc", 3), 0);
    polyshm_segment_unref(segment);
    cr_assert_not(block_exists(NAME));
}

TEST(attachment, publishing_names_the_block)
{
    polyshm_segment *segment;
    char found[3];
    EXPECT_OK(pshmi_segment_prepare(NAME, "abc", 3, 0, 0, &segment));
    EXPECT_OK(pshmi_segment_publish(NAME, NULL, segment));
    cr_assert_eq(block_read(NAME, found, sizeof found), 3);
    cr_assert_arr_eq(found, "abc", 3);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static int (*real_linkat)(int, const char *, int, const char *, int);
static int links_refused;

static int link_third_time(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (links_refused < 2) {
        links_refused++;
        errno = EEXIST;
        return -1;
    }
    return real_linkat(from_folder, from, to_folder, to, flags);
}

TEST(attachment, a_fresh_name_that_is_taken_is_tried_again_with_another)
{
    polyshm_segment *segment;
    const char *name;
    real_linkat = pshmi_system.linkat;
    pshmi_system.linkat = link_third_time;
    EXPECT_OK(polyshm_segment_create(NULL, 1, 0, 0, &segment));
    cr_assert_str_eq(polyshm_error_message(), "", "a success left a message");
    EXPECT_OK(polyshm_segment_name(segment, &name));
    cr_assert_eq(links_refused, 2);
    cr_assert_eq(block_status(name).st_ino, segment->file.identity.inode);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static int link_behind_another(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (!block_exists(NAME))
        block_make(NAME, "faster", 6);
    return real_linkat(from_folder, from, to_folder, to, flags);
}

TEST(attachment, create_or_attach_attaches_if_another_process_was_faster)
{
    polyshm_segment *segment;
    int32_t created = -1;
    real_linkat = pshmi_system.linkat;
    pshmi_system.linkat = link_behind_another;
    EXPECT_OK(polyshm_segment_create_or_attach(NAME, 6, 0, 0, &segment, &created));
    cr_assert_eq(created, 0);
    cr_assert_str_eq(polyshm_error_message(), "", "a success left a message");
    cr_assert_eq(memcmp(segment->address, "faster", 6), 0);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static void name_it_at_third(int call)
{
    if (call == 3)
        block_make(NAME, "named", 5);
}

TEST(attachment, attach_waits_for_a_name)
{
    polyshm_segment *segment;
    replace_sleep(name_it_at_third);
    EXPECT_OK(polyshm_segment_attach(NAME, 0, INFINITY, &segment));
    cr_assert_eq(sleeps.calls, 3);
    cr_assert_str_eq(polyshm_error_message(), "", "a success left a message");
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

static void size_it_at_third(int call)
{
    if (call == 3)
        block_write(NAME, 0, "sized", 5);
}

TEST(attachment, attach_waits_for_the_size_of_a_foreign_block_even_without_a_timeout)
{
    polyshm_segment *segment;
    uint64_t size;
    block_make(NAME, "", 0);
    replace_sleep(size_it_at_third);
    EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &segment));
    EXPECT_OK(polyshm_segment_size(segment, &size));
    cr_assert_eq(size, 5);
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

static void remove_it(int call)
{
    (void)call;
    block_remove(NAME);
}

TEST(attachment, a_block_that_goes_while_its_size_is_waited_for_is_gone)
{
    polyshm_segment *segment;
    block_make(NAME, "", 0);
    replace_sleep(remove_it);
    EXPECT_STATUS(POLYSHM_ENOENT, polyshm_segment_attach(NAME, 0, 0, &segment));
}
