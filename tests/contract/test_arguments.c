/* What every function does with NULL, closed handles, unknown flags and impossible timeouts: it says so, and touches
 * nothing. */
#include <math.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

/* Stand in the outputs before a call that fails, and must stand there behind it. */
static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;
static polyshm_list *const NO_LIST = (polyshm_list *)0x1234;

static polyshm_list *create_list(void)
{
    const polyshm_value values[] = {v_int(7), v_str("text")};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list));
    return list;
}

static polyshm_segment *create_segment(void)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_create(NAME, 16, 0, 0, &segment));
    return segment;
}

TEST(arguments, null_is_no_segment)
{
    const char *name;
    uint64_t size;
    void *address;
    char data[4] = "";
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_name(NULL, &name));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_size(NULL, &size));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_address(NULL, &address));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_read(NULL, 0, data, 1));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_write(NULL, 0, data, 1));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_pin(NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_unpin(NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_close(NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_unlink(NULL));
    cr_assert_eq(polyshm_segment_is_readonly(NULL), 0);
    cr_assert_eq(polyshm_segment_is_closed(NULL), 1);
    polyshm_segment_ref(NULL);
    polyshm_segment_unref(NULL);
}

TEST(arguments, null_takes_no_result_of_a_segment)
{
    polyshm_segment *segment = create_segment();
    int32_t created;
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_name(segment, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_size(segment, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_address(segment, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_read(segment, 0, NULL, 1));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_write(segment, 0, NULL, 1));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_exists(NAME, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_attached(NAME, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_attach(NAME, 0, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_create_or_attach(NAME, 1, 0, 0, NULL, &created));
    EXPECT_OK(polyshm_segment_unlink(segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_create(NAME, 1, 0, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_create_or_attach(NAME, 1, 0, 0, NULL, &created));
    cr_assert_not(block_exists(NAME));
    polyshm_segment_unref(segment);
}

TEST(arguments, null_is_a_name_for_create_only)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    int32_t number = 4711;
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_attach(NULL, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_create_or_attach(NULL, 1, 0, 0, &segment, &number));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_exists(NULL, &number));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_attached(NULL, &number));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_attach(NULL, 0, 0, &list));
    cr_assert(segment == NO_SEGMENT && list == NO_LIST && number == 4711);
}

TEST(arguments, null_is_no_list)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_value value = v_int(1);
    uint64_t count;
    int64_t index;
    int32_t type;
    char text[8];
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_length(NULL, &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_type(NULL, 0, &type));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_capacity(NULL, 0, 0, &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_get(NULL, 0, NULL, 0, &value));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_set(NULL, 0, &value));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_read(NULL, 0, 0, NULL, 0, &value));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_write(NULL, 0, &value, 0));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_count(NULL, &value, &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_index(NULL, &value, &index));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_format(NULL, text, sizeof text, &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_segment(NULL, &segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_close(NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_unlink(NULL));
    cr_assert_eq(polyshm_list_is_closed(NULL), 1);
    cr_assert_eq(segment, NO_SEGMENT);
    polyshm_list_ref(NULL);
    polyshm_list_unref(NULL);
}

TEST(arguments, null_takes_no_result_of_a_list_and_is_no_value)
{
    polyshm_list *list = create_list();
    polyshm_value value = v_int(7), values[2];
    uint64_t count;
    int64_t index;
    char text[32];
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_length(list, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_type(list, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_capacity(list, 0, 1, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_get(list, 0, text, sizeof text, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_get(list, 0, NULL, 8, &value));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_set(list, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_read(list, 0, 2, text, sizeof text, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_read(list, 0, 2, NULL, 8, values));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_write(list, 0, NULL, 1));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_count(list, NULL, &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_count(list, &value, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_index(list, NULL, &index));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_index(list, &value, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_format(list, NULL, 32, &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_format(list, text, sizeof text, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_segment(list, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_attach(NAME, 0, 0, NULL));
    EXPECT_OK(polyshm_list_unlink(list));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_create(NAME, &value, 1, 0, 0, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_create(NAME, NULL, 1, 0, 0, 0, &list));
    cr_assert_not(block_exists(NAME));
    polyshm_list_unref(list);
}

TEST(arguments, null_and_no_bytes_are_fine_together)
{
    polyshm_list *list = create_list();
    polyshm_segment *segment;
    EXPECT_OK(polyshm_list_segment(list, &segment));
    EXPECT_OK(polyshm_segment_read(segment, 0, NULL, 0));
    EXPECT_OK(polyshm_segment_write(segment, 0, NULL, 0));
    EXPECT_OK(polyshm_list_read(list, 0, 0, NULL, 0, NULL));
    EXPECT_OK(polyshm_list_write(list, 0, NULL, 0));
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_segment_unref(segment);
    polyshm_list_unref(list);
}

TEST(arguments, a_closed_segment_says_so_and_still_knows_what_is_constant)
{
    polyshm_segment *segment = create_segment();
    const char *name;
    uint64_t size;
    void *address = NO_SEGMENT;
    char data[4] = "abc";
    EXPECT_OK(polyshm_segment_close(segment));
    EXPECT_OK(polyshm_segment_close(segment));
    cr_assert_eq(polyshm_segment_is_closed(segment), 1);
    cr_assert_eq(polyshm_segment_is_readonly(segment), 0);
    EXPECT_FAILURE(POLYSHM_ECLOSED, NAME, polyshm_segment_address(segment, &address));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_segment_read(segment, 0, data, 1));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_segment_read(segment, 0, NULL, 0));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_segment_write(segment, 0, data, 1));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_segment_pin(segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_unpin(segment));
    cr_assert_eq(address, NO_SEGMENT);
    cr_assert_str_eq(data, "abc");
    EXPECT_OK(polyshm_segment_name(segment, &name));
    cr_assert_str_eq(name, NAME);
    EXPECT_OK(polyshm_segment_size(segment, &size));
    cr_assert_eq(size, 16);
    EXPECT_OK(polyshm_segment_unlink(segment));
    cr_assert_not(block_exists(NAME));
    polyshm_segment_unref(segment);
}

TEST(arguments, a_closed_list_says_so)
{
    polyshm_list *list = create_list();
    polyshm_segment *segment;
    polyshm_value value = v_int(4711), untouched = value;
    uint64_t count = 4711;
    int64_t index = 4711;
    int32_t type = 4711;
    char text[32] = "untouched";
    EXPECT_OK(polyshm_list_close(list));
    EXPECT_OK(polyshm_list_close(list));
    cr_assert_eq(polyshm_list_is_closed(list), 1);
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_length(list, &count));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_type(list, 0, &type));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_type(list, 99, &type));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_capacity(list, 0, 1, &count));
    EXPECT_FAILURE(POLYSHM_ECLOSED, NAME, polyshm_list_get(list, 0, text, sizeof text, &value));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_set(list, 0, &value));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_read(list, 0, 1, text, sizeof text, &value));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_write(list, 0, &value, 1));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_count(list, &value, &count));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_index(list, &value, &index));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_format(list, text, sizeof text, &count));
    cr_assert(count == 4711 && index == 4711 && type == 4711 && value_is(&value, &untouched));
    cr_assert_str_eq(text, "untouched");
    EXPECT_OK(polyshm_list_segment(list, &segment));
    cr_assert_eq(polyshm_segment_is_closed(segment), 1);
    polyshm_segment_unref(segment);
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

TEST(arguments, an_unknown_flag_is_refused_by_every_function_that_takes_flags)
{
    const uint32_t known_by_create = POLYSHM_SEGMENT_SPARSE | POLYSHM_SEGMENT_TRACK;
    const uint32_t known_by_attach = POLYSHM_SEGMENT_READONLY | POLYSHM_SEGMENT_SAME_USER;
    const uint32_t known_by_both = known_by_create | POLYSHM_SEGMENT_SAME_USER;
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    for (uint32_t flag = 1; flag; flag <<= 1) {
        if (!(flag & known_by_create)) {
            EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_create(NAME, 1, 0, flag, &segment));
            EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_create(NAME, NULL, 0, 0, 0, flag, &list));
        }
        if (!(flag & known_by_attach)) {
            EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_attach(NAME, flag, 0, &segment));
            EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_attach(NAME, flag, 0, &list));
        }
        if (!(flag & known_by_both))
            EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_create_or_attach(NAME, 1, 0, flag, &segment, NULL));
    }
    cr_assert(segment == NO_SEGMENT && list == NO_LIST && !block_exists(NAME));
}

TEST(arguments, a_timeout_is_a_number_and_not_negative)
{
    static const double timeouts[] = {-1, -1e-300, -INFINITY, NAN};
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    block_make(NAME, "block", 5);
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        EXPECT_FAILURE(POLYSHM_EINVAL, "timeout", polyshm_segment_attach(NAME, 0, timeouts[i], &segment));
        EXPECT_FAILURE(POLYSHM_EINVAL, "timeout", polyshm_list_attach(NAME, 0, timeouts[i], &list));
    }
    cr_assert(segment == NO_SEGMENT && list == NO_LIST);
    block_remove(NAME);
}

TEST(arguments, any_other_timeout_is_fine_if_the_block_is_there)
{
    static const double timeouts[] = {0, -0.0, 5e-324, 1e-9, 1, 1e300, INFINITY};
    block_make(NAME, "block", 5);
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        polyshm_segment *segment;
        EXPECT_OK(polyshm_segment_attach(NAME, 0, timeouts[i], &segment));
        polyshm_segment_unref(segment);
    }
    block_remove(NAME);
}
