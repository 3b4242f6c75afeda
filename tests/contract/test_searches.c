/* count, index and format: what Python's == finds equal. */
#include <math.h>
#include <stdlib.h>

#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_list *create(const polyshm_value *values, uint64_t count)
{
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, count, 0, 0, 0, &list));
    return list;
}

static void drop(polyshm_list *list)
{
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

/* first is the index that is found, -1 for none. */
static void expect_found(const polyshm_list *list, polyshm_value value, uint64_t expected, int64_t first)
{
    uint64_t count;
    int64_t index = -1;
    EXPECT_OK(polyshm_list_count(list, &value, &count));
    cr_expect_eq(count, expected, "%s: %d times, not %d", value_show(&value), (int)count, (int)expected);
    EXPECT_STATUS(first < 0 ? POLYSHM_ENOTFOUND : POLYSHM_OK, polyshm_list_index(list, &value, &index));
    cr_expect_eq(index, first, "%s: at %d, not %d", value_show(&value), (int)index, (int)first);
}

TEST(searches, numbers_and_bools_are_found_by_what_they_stand_for)
{
    const polyshm_value values[] = {v_str("1"), v_float(1.0), v_int(1), v_bool(true), v_float(-0.0), v_bool(false)};
    polyshm_list *list = create(values, COUNT_OF(values));
    expect_found(list, v_int(1), 3, 1);
    expect_found(list, v_float(1), 3, 1);
    expect_found(list, v_bool(true), 3, 1);
    expect_found(list, v_int(0), 2, 4);
    expect_found(list, v_float(0.0), 2, 4);
    expect_found(list, v_bool(false), 2, 4);
    expect_found(list, v_int(2), 0, -1);
    expect_found(list, v_float(0.5), 0, -1);
    drop(list);
}

TEST(searches, large_numbers_are_compared_exactly)
{
    const polyshm_value values[] = {v_float(0x1p53), v_int((INT64_C(1) << 53) + 1), v_int(INT64_MAX), v_float(0x1p63),
                                    v_int(INT64_MIN)};
    polyshm_list *list = create(values, COUNT_OF(values));
    expect_found(list, v_int(INT64_C(1) << 53), 1, 0);
    expect_found(list, v_int((INT64_C(1) << 53) + 1), 1, 1);
    expect_found(list, v_float(0x1p53), 1, 0);
    expect_found(list, v_int(INT64_MAX), 1, 2);
    expect_found(list, v_float(0x1p63), 1, 3);
    expect_found(list, v_float(-0x1p63), 1, 4);
    drop(list);
}

TEST(searches, a_nan_is_never_found)
{
    const polyshm_value values[] = {v_float(NAN), v_none()};
    polyshm_list *list = create(values, COUNT_OF(values));
    expect_found(list, v_float(NAN), 0, -1);
    expect_found(list, v_none(), 1, 1);
    drop(list);
}

TEST(searches, texts_and_bytes_are_found_by_type_and_by_every_byte)
{
    const polyshm_value values[] = {v_bytes("a"), v_str("a"), v_str_of("a\0", 2), v_str(""), v_bytes(""), v_str("ab")};
    polyshm_list *list = create(values, COUNT_OF(values));
    expect_found(list, v_str("a"), 1, 1);
    expect_found(list, v_bytes("a"), 1, 0);
    expect_found(list, v_str_of("a\0", 2), 1, 2);
    expect_found(list, v_str_of("a\0\0", 3), 0, -1);
    expect_found(list, v_str(""), 1, 3);
    expect_found(list, v_bytes_of(NULL, 0), 1, 4);
    expect_found(list, v_str("A"), 0, -1);
    expect_found(list, v_int(97), 0, -1);
    expect_found(list, v_none(), 0, -1);
    drop(list);
}

TEST(searches, a_value_that_is_none_is_refused)
{
    const polyshm_value value = v_int(1), refused[] = {{.type = 6}, {.type = POLYSHM_TYPE_BOOL, .integer = 2}};
    polyshm_list *list = create(&value, 1);
    const polyshm_value bad_text = v_str("\xFF");
    uint64_t count = 4711;
    int64_t index = 4711;
    EXPECT_STATUS(POLYSHM_ETYPE, polyshm_list_count(list, &refused[0], &count));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_index(list, &refused[1], &index));
    EXPECT_STATUS(POLYSHM_EUTF8, polyshm_list_count(list, &bad_text, &count));
    EXPECT_FAILURE(POLYSHM_ENOTFOUND, NAME, polyshm_list_index(list, &(polyshm_value){.type = 0}, &index));
    cr_assert(count == 4711 && index == 4711, "an output changed");
    drop(list);
}

static void expect_format(const polyshm_value *values, uint64_t count, const char *expected)
{
    polyshm_list *list = create(values, count);
    char formats[128];
    uint64_t size = 0, length = strlen(expected);
    EXPECT_OK(polyshm_list_format(list, formats, length + 1, &size));
    cr_assert_eq(size, length);
    cr_assert_str_eq(formats, expected);
    size = 4711;
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_list_format(list, formats, length, &size));
    cr_assert_eq(size, 4711);
    drop(list);
}

TEST(searches, format_is_cpythons)
{
    const polyshm_value values[] = {v_int(1),    v_float(1), v_bool(true),          v_none(),         v_str("12345678"),
                                    v_bytes(""), v_str(""),  v_bytes_of("ab\0", 3), v_str_of("\0", 1)};
    expect_format(values, COUNT_OF(values), "qdxxxxxxx?xxxxxx?x16s8s8s3s 1s ");
    expect_format(NULL, 0, "");
}
