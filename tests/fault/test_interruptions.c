/* Calls that a signal interrupts, or that do only a part, are gone on with. */
#include <errno.h>

#include "blocks.h"
#include "expect.h"
#include "faults.h"
#include "interrupts.h"
#include "leaks.h"
#include "names.h"
#include "operations.h"
#include "system.h"

#define NAME test_name(0)

TEST(interruptions, by_real_signals_do_not_stop_a_large_reservation)
{
    const uint64_t size = 128 << 20;
    polyshm_segment *segment;
    interrupts_start();
    int32_t status = polyshm_segment_create(NAME, size, 0, 0, &segment);
    interrupts_stop();
    EXPECT_OK(status);
    cr_assert_eq(block_memory(NAME), size);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static int interruptions;
static int (*real_fallocate)(int descriptor, int mode, off_t offset, off_t size);

static int fallocate_later(int descriptor, int mode, off_t offset, off_t size)
{
    if (interruptions++ % 10 == 9)
        return real_fallocate(descriptor, mode, offset, size);
    errno = EINTR;
    return -1;
}

TEST(interruptions, of_fallocate_are_tried_again_as_often_as_needed)
{
    const uint64_t size = 10 << 20;
    polyshm_segment *segment;
    real_fallocate = pshmi_system.fallocate;
    pshmi_system.fallocate = fallocate_later;
    EXPECT_OK(polyshm_segment_create(NAME, size, 0, 0, &segment));
    cr_assert_eq(interruptions, 100);
    cr_assert_eq(block_memory(NAME), size);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

static ssize_t (*real_pwrite)(int descriptor, const void *data, size_t size, off_t offset);

static ssize_t write_three_bytes(int descriptor, const void *data, size_t size, off_t offset)
{
    return real_pwrite(descriptor, data, size < 3 ? size : 3, offset);
}

TEST(interruptions, that_cut_a_write_short_leave_no_gap)
{
    const polyshm_value values[] = {v_int(7), v_str("text")};
    polyshm_list *list;
    real_pwrite = pshmi_system.pwrite;
    pshmi_system.pwrite = write_three_bytes;
    for (uint32_t flags = 0; flags <= POLYSHM_SEGMENT_SPARSE; flags += POLYSHM_SEGMENT_SPARSE) {
        EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, flags, &list));
        cr_assert(block_is_whole(NAME), "flags %d", (int)flags);
        EXPECT_OK(polyshm_list_unlink(list));
        polyshm_list_unref(list);
    }
}

static ssize_t write_nothing(int descriptor, const void *data, size_t size, off_t offset)
{
    (void)descriptor, (void)data, (void)size, (void)offset;
    return 0;
}

TEST(interruptions, a_write_that_makes_no_progress_is_a_full_folder)
{
    polyshm_list *list = NULL;
    pshmi_system.pwrite = write_nothing;
    EXPECT_FAILURE(POLYSHM_ENOSPC, "does not fit", polyshm_list_create(NAME, NULL, 0, 0, 0, 0, &list));
    cr_assert(!list && !block_exists(NAME));
}

static int refusals;
static int (*real_open)(const char *path, int flags, mode_t mode);

static int open_at_third(const char *path, int flags, mode_t mode)
{
    if (++refusals == 3)
        return real_open(path, flags, mode);
    errno = EWOULDBLOCK;
    return -1;
}

static int sleep_interrupted(const struct timespec *time, struct timespec *left)
{
    (void)time, (void)left;
    errno = EINTR;
    return -1;
}

TEST(interruptions, of_a_wait_that_goes_on_leave_the_last_failure_as_it_is)
{
    int32_t attached = 4711;
    block_make(NAME, "x", 1);
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_exists(NAME, NULL));
    real_open = pshmi_system.open;
    pshmi_system.open = open_at_third;
    pshmi_system.nanosleep = sleep_interrupted;
    EXPECT_OK(polyshm_segment_attached(NAME, &attached));
    cr_assert(refusals == 3 && attached == 0);
    cr_assert_str_eq(polyshm_error_message(), "polyshm_segment_exists: 'exists' is NULL");
    block_remove(NAME);
}
