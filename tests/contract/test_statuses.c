/* Status numbers never change; each has its words; and failures are remembered until the next one. */
#include <stddef.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

/* As they were published, for ever. A new status is added at the end. */
static const struct {
    int32_t number;
    const char *name;
    const char *text;
} published[] = {
    {0, "POLYSHM_OK", "success"},
    {-1, "POLYSHM_EINVAL", "invalid argument"},
    {-2, "POLYSHM_ECLOSED", "the handle is closed"},
    {-3, "POLYSHM_ENAME", "invalid name"},
    {-4, "POLYSHM_EEXIST", "the block exists"},
    {-5, "POLYSHM_ENOENT", "no such block"},
    {-6, "POLYSHM_EACCES", "access denied"},
    {-7, "POLYSHM_EREADONLY", "the attachment is read-only"},
    {-8, "POLYSHM_ENOSPC", "no space left in shared memory"},
    {-9, "POLYSHM_ENOMEM", "out of memory"},
    {-10, "POLYSHM_EMFILE", "out of file descriptors"},
    {-11, "POLYSHM_ETIMEDOUT", "timed out"},
    {-12, "POLYSHM_EINTR", "interrupted by a signal"},
    {-13, "POLYSHM_ERANGE", "out of range"},
    {-14, "POLYSHM_EINDEX", "no such item"},
    {-15, "POLYSHM_ETYPE", "a list cannot hold this type"},
    {-16, "POLYSHM_ETOOLONG", "longer than the slot"},
    {-17, "POLYSHM_ENOBUFS", "the buffer is too small"},
    {-18, "POLYSHM_ENOTFOUND", "not in the list"},
    {-19, "POLYSHM_ENOTBLOCK", "not a block"},
    {-20, "POLYSHM_EEMPTY", "the block has no bytes"},
    {-21, "POLYSHM_ENOTLIST", "the block is no list"},
    {-22, "POLYSHM_ELAYOUT", "a list in another layout"},
    {-23, "POLYSHM_ECORRUPT", "a damaged item"},
    {-24, "POLYSHM_EUTF8", "not valid UTF-8"},
    {-25, "POLYSHM_ESYSTEM", "a system call failed"},
    {-26, "POLYSHM_ENOSYNC", "a list without a sync area"},
    {-27, "POLYSHM_ENOTOWNER", "not the owner"},
    {-28, "POLYSHM_ENOTMANAGER", "not a manager"},
    {-29, "POLYSHM_EAUTHKEY", "another authkey"},
    {-30, "POLYSHM_ENOTSTARTER", "started by another process"},
};

TEST(statuses, keep_their_numbers_names_and_texts)
{
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        cr_expect_str_eq(polyshm_status_name(published[i].number), published[i].name);
        cr_expect_str_eq(polyshm_status_text(published[i].number), published[i].text);
    }
    cr_expect_str_eq(polyshm_status_name(-(int32_t)COUNT_OF(published)), "POLYSHM_UNKNOWN");
}

TEST(statuses, a_warning_is_positive)
{
    cr_expect_eq(POLYSHM_OWNER_DIED, 1);
    cr_expect_str_eq(polyshm_status_name(1), "POLYSHM_OWNER_DIED");
    cr_expect_str_eq(polyshm_status_text(1), "the last holder of the lock died with it");
    cr_expect_str_eq(polyshm_status_name(2), "POLYSHM_UNKNOWN");
}

TEST(statuses, the_list_of_errors_has_each_of_them_once)
{
    int times[COUNT_OF(published)] = {1};
#define X(name, text, errno_, python, ruby) times[-POLYSHM_##name]++;
#include <polyshm/errors.def>
#undef X
    for (size_t i = 0; i < COUNT_OF(times); i++)
        cr_expect_eq(times[i], 1, "%s stands in errors.def %d times", published[i].name, times[i]);
}

TEST(statuses, other_constants_keep_their_numbers)
{
    cr_expect(POLYSHM_SEGMENT_READONLY == 1 && POLYSHM_SEGMENT_SPARSE == 2 && POLYSHM_SEGMENT_SAME_USER == 4);
    cr_expect(POLYSHM_SEGMENT_TRACK == 8 && POLYSHM_REAP_DRY_RUN == 1);
    cr_expect(POLYSHM_TYPE_NONE == 0 && POLYSHM_TYPE_BOOL == 1 && POLYSHM_TYPE_INT64 == 2);
    cr_expect(POLYSHM_TYPE_FLOAT64 == 3 && POLYSHM_TYPE_STR == 4 && POLYSHM_TYPE_BYTES == 5);
}

TEST(statuses, a_value_keeps_its_layout)
{
    struct aligned {
        char first;
        uint64_t word;
    };
    /* In structs of i686, words of 64 bits are aligned to 32. */
    size_t alignment = offsetof(struct aligned, word);
    size_t size = (24 + sizeof(void *) + alignment - 1) / alignment * alignment;
    cr_expect(sizeof(void *) == 4 || size == 32);
    cr_expect(sizeof(polyshm_value) == size + 8 && offsetof(polyshm_value, type) == 0);
    cr_expect(offsetof(polyshm_value, flags) == 4 && offsetof(polyshm_value, integer) == 8);
    cr_expect(offsetof(polyshm_value, real) == 16 && offsetof(polyshm_value, data) == 24);
    cr_expect_eq(offsetof(polyshm_value, size), size);
}

TEST(statuses, the_library_knows_its_versions)
{
    cr_expect_str_eq(polyshm_version(), VERSION);
    cr_expect_eq(polyshm_abi_version(), 1);
}

/* Fails, so that there is a message to keep. */
static void remember_failure(void)
{
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_close(NULL));
}

#define EXPECT_REMEMBERED(call)                                                                                        \
    do {                                                                                                               \
        char before[1024];                                                                                             \
        remember_failure();                                                                                            \
        strcpy(before, polyshm_error_message());                                                                       \
        EXPECT_OK(call);                                                                                               \
        cr_expect_str_eq(polyshm_error_message(), before, "%s changed the message", #call);                            \
    } while (0)

TEST(statuses, a_success_leaves_the_last_failure_as_it_is)
{
    polyshm_segment *segment, *other;
    polyshm_list *list;
    const polyshm_value value = v_int(1);
    polyshm_value found;
    int32_t number;
    EXPECT_REMEMBERED(polyshm_segment_create_or_attach(NAME, 1, 0, 0, &segment, &number));
    EXPECT_REMEMBERED(polyshm_segment_create_or_attach(NAME, 1, 0, 0, &other, &number));
    EXPECT_REMEMBERED(polyshm_segment_exists(NAME, &number));
    EXPECT_REMEMBERED(polyshm_segment_exists(test_name(1), &number));
    EXPECT_REMEMBERED(polyshm_segment_attached(NAME, &number));
    EXPECT_REMEMBERED(polyshm_segment_unlink(segment));
    EXPECT_REMEMBERED(polyshm_list_create(NAME, &value, 1, 0, 0, 0, &list));
    EXPECT_REMEMBERED(polyshm_list_get(list, 0, NULL, 0, &found));
    EXPECT_REMEMBERED(polyshm_list_unlink(list));
    polyshm_list_unref(list);
    polyshm_segment_unref(segment);
    polyshm_segment_unref(other);
}
