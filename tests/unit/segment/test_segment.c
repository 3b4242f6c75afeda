/* Segment handles from inside: what is mapped and open, and when. */
#include <inttypes.h>
#include <stdio.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "segment.h"

#define NAME test_name(0)

static polyshm_segment *create(uint64_t size)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_create(NAME, size, 0, 0, &segment));
    return segment;
}

static void drop(polyshm_segment *segment)
{
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

/* Whether a file of this inode is mapped by this process. */
static bool is_mapped(uint64_t inode)
{
    char line[512];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    cr_assert(maps);
    while (fgets(line, sizeof line, maps)) {
        uint64_t mapped = 0;
        found |= sscanf(line, "%*s %*s %*s %*s %" SCNu64, &mapped) == 1 && mapped == inode && strstr(line, "/dev/shm");
    }
    fclose(maps);
    return found;
}

TEST(segment, close_gives_back_descriptor_and_block_and_leaves_zeros)
{
    SKIP_IF_EMULATED("this test is alone in its process, and closing unmaps");
    int before = descriptors_count();
    polyshm_segment *segment = create(10000);
    uint64_t inode = segment->file.identity.inode;
    char zeros[10000] = {0};
    memset(segment->address, 'x', sizeof zeros);
    cr_assert(is_mapped(inode));
    cr_assert_eq(descriptors_count(), before + 1);

    EXPECT_OK(polyshm_segment_close(segment));
    cr_assert_not(is_mapped(inode));
    cr_assert_eq(descriptors_count(), before);
    cr_assert_arr_eq(segment->address, zeros, sizeof zeros);
    drop(segment);
}

TEST(segment, the_last_reference_closes)
{
    int before = descriptors_count();
    polyshm_segment *segment = create(1);
    uint64_t inode = segment->file.identity.inode;
    polyshm_segment_ref(segment);
    polyshm_segment_unref(segment);
    cr_assert(is_mapped(inode));
    drop(segment);
    cr_assert_not(is_mapped(inode));
    cr_assert_eq(descriptors_count(), before);
}

TEST(segment, a_pin_keeps_it_mapped_beyond_close_and_unref)
{
    int before = descriptors_count();
    polyshm_segment *segment = create(1);
    uint64_t inode = segment->file.identity.inode;
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_close(segment));
    drop(segment);
    cr_assert(is_mapped(inode));
    EXPECT_OK(polyshm_segment_unpin(segment));
    cr_assert(is_mapped(inode));
    segment->address[0] = 'x';
    EXPECT_OK(polyshm_segment_unpin(segment));
    cr_assert_not(is_mapped(inode));
    cr_assert_eq(descriptors_count(), before);
}

TEST(segment, pins_are_counted_up_to_a_limit)
{
    polyshm_segment *segment = create(1);
    atomic_store(&segment->state, PSHMI_SEGMENT_CLOSED - 1);
    EXPECT_FAILURE(POLYSHM_ERANGE, "pinned too often", polyshm_segment_pin(segment));
    cr_assert_eq(atomic_load(&segment->state), PSHMI_SEGMENT_CLOSED - 1);
    atomic_store(&segment->state, 0);
    drop(segment);
}

TEST(segment, was_open_tells_what_state_says)
{
    polyshm_segment *segment = create(1);
    cr_assert(pshmi_segment_is_open(segment) && pshmi_segment_was_open(segment));
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_close(segment));
    cr_assert(!pshmi_segment_is_open(segment) && !pshmi_segment_was_open(segment));
    EXPECT_OK(polyshm_segment_unpin(segment));
    drop(segment);
}

TEST(segment, flags_that_a_function_does_not_know_are_named)
{
    EXPECT_OK(pshmi_segment_check_flags("attach", 0, 0));
    EXPECT_OK(pshmi_segment_check_flags("attach", 5, 7));
    EXPECT_FAILURE(POLYSHM_EINVAL, "attach: flags 0x18", pshmi_segment_check_flags("attach", 0x19, 1));
    EXPECT_STATUS(POLYSHM_EINVAL, pshmi_segment_check_flags("attach", UINT32_MAX, INT32_MAX));
}

TEST(segment, a_closed_handle_and_none_at_all_fail_differently)
{
    polyshm_segment *segment = create(1);
    EXPECT_FAILURE(POLYSHM_ECLOSED, NAME, pshmi_segment_fail_closed(segment));
    EXPECT_FAILURE(POLYSHM_EINVAL, "NULL", pshmi_segment_fail_closed(NULL));
    drop(segment);
}
