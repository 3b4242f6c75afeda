/* New blocks: their size, memory, mode and name. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;

static void expect_refused(int32_t expected, uint64_t size, uint32_t mode, uint32_t flags)
{
    polyshm_segment *segment = NO_SEGMENT;
    int32_t created = 4711;
    EXPECT_STATUS(expected, polyshm_segment_create(NAME, size, mode, flags, &segment));
    EXPECT_STATUS(expected, polyshm_segment_create_or_attach(NAME, size, mode, flags, &segment, &created));
    cr_assert(segment == NO_SEGMENT && created == 4711, "an output changed");
    cr_assert_not(block_exists(NAME));
}

TEST(create, a_size_is_at_least_1_and_less_than_2_to_the_63)
{
    expect_refused(POLYSHM_EINVAL, 0, 0, 0);
    expect_refused(POLYSHM_ERANGE, UINT64_C(1) << 63, 0, 0);
    expect_refused(POLYSHM_ERANGE, UINT64_MAX, 0, 0);
    expect_refused(POLYSHM_ERANGE, UINT64_MAX, 0, POLYSHM_SEGMENT_SPARSE);
}

TEST(create, a_size_beyond_all_memory_is_refused_at_once)
{
    const int32_t refusal = sizeof(void *) == 8 ? POLYSHM_ENOSPC : POLYSHM_ENOMEM; /* 32 bits have not the addresses */
    expect_refused(refusal, UINT64_C(1) << 50, 0, 0);
    expect_refused(refusal, INT64_MAX, 0, 0);
    expect_refused(POLYSHM_ENOMEM, UINT64_C(1) << 50, 0, POLYSHM_SEGMENT_SPARSE);
    expect_refused(POLYSHM_ENOMEM, INT64_MAX, 0, POLYSHM_SEGMENT_SPARSE);
}

TEST(create, a_mode_has_nine_bits)
{
    for (uint32_t bit = 01000; bit; bit <<= 1)
        expect_refused(POLYSHM_EINVAL, 1, bit, 0);
}

static mode_t mode_of_new(uint32_t mode)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_create(NAME, 1, mode, 0, &segment));
    mode_t found = block_status(NAME).st_mode;
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
    return found;
}

TEST(create, the_mode_is_exactly_what_was_asked_for)
{
    static const mode_t masks[] = {0, 022, 0277, 0777};
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        mode_t old = umask(masks[i]);
        cr_expect_eq(mode_of_new(0), S_IFREG | 0600, "mask %o", masks[i]);
        cr_expect_eq(mode_of_new(0600), S_IFREG | 0600, "mask %o", masks[i]);
        cr_expect_eq(mode_of_new(0666), S_IFREG | 0666, "mask %o", masks[i]);
        cr_expect_eq(mode_of_new(0777), S_IFREG | 0777, "mask %o", masks[i]);
        cr_expect_eq(mode_of_new(0001), S_IFREG | 0001, "mask %o", masks[i]);
        umask(old);
    }
}

TEST(create, the_size_is_exact_and_the_bytes_are_zeros)
{
    static const uint64_t sizes[] = {1, 7, 4095, 4096, 4097, (1 << 20) + 1};
    static const char zeros[(1 << 20) + 1];
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        polyshm_segment *segment;
        void *address;
        uint64_t size;
        EXPECT_OK(polyshm_segment_create(NAME, sizes[i], 0, 0, &segment));
        EXPECT_OK(polyshm_segment_size(segment, &size));
        EXPECT_OK(polyshm_segment_address(segment, &address));
        cr_expect_eq(size, sizes[i]);
        cr_expect_eq(block_size(NAME), sizes[i]);
        cr_expect_eq((uintptr_t)address % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
        cr_expect_eq(memcmp(address, zeros, size), 0);
        EXPECT_OK(polyshm_segment_unlink(segment));
        polyshm_segment_unref(segment);
    }
}

TEST(create, memory_is_reserved_unless_the_block_is_sparse)
{
    for (uint32_t flags = 0; flags <= POLYSHM_SEGMENT_SPARSE; flags += POLYSHM_SEGMENT_SPARSE) {
        polyshm_segment *segment;
        EXPECT_OK(polyshm_segment_create(NAME, 5 << 20, 0, flags, &segment));
        cr_expect_eq(block_memory(NAME), flags ? 0 : 5 << 20);
        EXPECT_OK(polyshm_segment_unlink(segment));
        polyshm_segment_unref(segment);
    }
}

TEST(create, a_taken_name_is_an_error_and_its_block_stays)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NULL;
    char found[5];
    block_make(NAME, "older", 5);
    EXPECT_FAILURE(POLYSHM_EEXIST, NAME, polyshm_segment_create(NAME, 1, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_EEXIST, polyshm_list_create(NAME, NULL, 0, 0, 0, 0, &list));
    cr_assert(segment == NO_SEGMENT && !list);
    cr_assert_eq(block_read(NAME, found, sizeof found), 5);
    cr_assert_arr_eq(found, "older", 5);
    block_remove(NAME);
}

TEST(create, a_name_is_taken_by_anything)
{
    polyshm_segment *segment;
    cr_assert_eq(symlink("nowhere", block_path(NAME)), 0);
    EXPECT_STATUS(POLYSHM_EEXIST, polyshm_segment_create(NAME, 1, 0, 0, &segment));
    block_remove(NAME);
    cr_assert_eq(mkdir(block_path(NAME), 0700), 0);
    EXPECT_STATUS(POLYSHM_EEXIST, polyshm_segment_create(NAME, 1, 0, 0, &segment));
    block_remove(NAME);
}

TEST(create, or_attach_says_which_it_did)
{
    polyshm_segment *one, *other;
    int32_t created = -1;
    EXPECT_OK(polyshm_segment_create_or_attach(NAME, 10, 0640, 0, &one, &created));
    cr_assert_eq(created, 1);
    EXPECT_OK(polyshm_segment_write(one, 0, "abc", 3));
    EXPECT_OK(polyshm_segment_create_or_attach(NAME, 10, 0600, 0, &other, &created));
    cr_assert_eq(created, 0);
    char found[3];
    EXPECT_OK(polyshm_segment_read(other, 0, found, 3));
    cr_assert_arr_eq(found, "abc", 3);
    cr_assert_eq(block_status(NAME).st_mode & 0777, 0640);
    EXPECT_OK(polyshm_segment_unlink(one));
    polyshm_segment_unref(one);
    polyshm_segment_unref(other);
}

TEST(create, or_attach_takes_a_larger_block_and_refuses_a_smaller_one)
{
    polyshm_segment *segment;
    int32_t created = 4711;
    uint64_t size;
    block_make(NAME, "12345", 5);
    EXPECT_OK(polyshm_segment_create_or_attach(NAME, 4, 0, 0, &segment, NULL));
    EXPECT_OK(polyshm_segment_size(segment, &size));
    cr_assert_eq(size, 5);
    polyshm_segment_unref(segment);
    segment = NO_SEGMENT;
    EXPECT_FAILURE(POLYSHM_ERANGE, "5 bytes", polyshm_segment_create_or_attach(NAME, 6, 0, 0, &segment, &created));
    cr_assert(segment == NO_SEGMENT && created == 4711, "an output changed");
    block_remove(NAME);
}

TEST(create, or_attach_needs_size_and_mode_only_when_it_creates)
{
    polyshm_segment *segment;
    block_make(NAME, "12345", 5);
    EXPECT_OK(polyshm_segment_create_or_attach(NAME, 0, 07777, 0, &segment, NULL));
    polyshm_segment_unref(segment);
    block_remove(NAME);
}
