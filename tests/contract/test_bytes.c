/* The bytes of a segment: read, written, and mapped. */
#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_segment *create(void)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_create(NAME, 10, 0, 0, &segment));
    EXPECT_OK(polyshm_segment_write(segment, 0, "0123456789", 10));
    return segment;
}

static void drop(polyshm_segment *segment)
{
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(bytes, what_is_written_is_read_from_there)
{
    polyshm_segment *segment = create();
    char found[11] = "..........";
    EXPECT_OK(polyshm_segment_write(segment, 3, "abc", 3));
    EXPECT_OK(polyshm_segment_read(segment, 2, found, 5));
    cr_assert_str_eq(found, "2abc6.....");
    EXPECT_OK(polyshm_segment_read(segment, 0, found, 10));
    cr_assert_str_eq(found, "012abc6789");
    EXPECT_OK(polyshm_segment_write(segment, 9, "z", 1));
    EXPECT_OK(polyshm_segment_read(segment, 9, found, 1));
    cr_assert_eq(found[0], 'z');
    drop(segment);
}

TEST(bytes, are_the_same_at_the_address_in_another_handle_and_in_the_file)
{
    polyshm_segment *segment = create(), *other;
    void *address;
    char found[10];
    EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &other));
    EXPECT_OK(polyshm_segment_address(segment, &address));
    memcpy(address, "address", 7);
    EXPECT_OK(polyshm_segment_read(other, 0, found, 10));
    cr_assert_arr_eq(found, "address789", 10);
    EXPECT_OK(polyshm_segment_write(other, 7, "XYZ", 3));
    cr_assert_eq(block_read(NAME, found, 10), 10);
    cr_assert_arr_eq(found, "addressXYZ", 10);
    drop(segment);
    polyshm_segment_unref(other);
}

static void expect_outside(polyshm_segment *segment, uint64_t offset, uint64_t size)
{
    char data[12] = "untouched..";
    EXPECT_FAILURE(POLYSHM_ERANGE, "10 bytes", polyshm_segment_read(segment, offset, data, size));
    EXPECT_STATUS(POLYSHM_ERANGE, polyshm_segment_write(segment, offset, data, size));
    cr_assert_str_eq(data, "untouched..");
}

TEST(bytes, outside_the_block_are_refused_whole)
{
    polyshm_segment *segment = create();
    char found[10];
    expect_outside(segment, 10, 1);
    expect_outside(segment, 11, 0);
    expect_outside(segment, 9, 2);
    expect_outside(segment, 0, 11);
    expect_outside(segment, UINT64_MAX, 1);
    expect_outside(segment, UINT64_MAX, UINT64_MAX);
    expect_outside(segment, 1, UINT64_MAX);
    expect_outside(segment, UINT64_C(1) << 63, UINT64_C(1) << 63);
    EXPECT_OK(polyshm_segment_read(segment, 0, found, 10));
    cr_assert_arr_eq(found, "0123456789", 10);
    drop(segment);
}

TEST(bytes, none_can_be_read_and_written_anywhere_up_to_the_end)
{
    polyshm_segment *segment = create();
    for (uint64_t offset = 0; offset <= 10; offset++) {
        EXPECT_OK(polyshm_segment_read(segment, offset, NULL, 0));
        EXPECT_OK(polyshm_segment_write(segment, offset, NULL, 0));
    }
    drop(segment);
}

TEST(bytes, outlive_the_name)
{
    polyshm_segment *segment = create();
    char found[10];
    EXPECT_OK(polyshm_segment_unlink(segment));
    EXPECT_OK(polyshm_segment_read(segment, 0, found, 10));
    cr_assert_arr_eq(found, "0123456789", 10);
    polyshm_segment_unref(segment);
}
