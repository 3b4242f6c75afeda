/* Which values a list can hold, and which are equal. */
#include "value.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "expect.h"
#include "format.h"
#include "leaks.h"

static void expect_verdict(polyshm_value value, int32_t expected)
{
    pshmi_verdict verdict = pshmi_value_check(&value);
    cr_expect_eq(verdict.status, expected, "%s: %s", value_show(&value), polyshm_status_name(verdict.status));
    cr_expect(!verdict.why == !expected, "%s: words where none belong, or none", value_show(&value));
}

TEST(value, every_type_is_fine)
{
    expect_verdict(v_none(), POLYSHM_OK);
    expect_verdict(v_bool(false), POLYSHM_OK);
    expect_verdict(v_bool(true), POLYSHM_OK);
    expect_verdict(v_int(INT64_MIN), POLYSHM_OK);
    expect_verdict(v_float(NAN), POLYSHM_OK);
    expect_verdict(v_str(""), POLYSHM_OK);
    expect_verdict(v_str_of(NULL, 0), POLYSHM_OK);
    expect_verdict(v_str("h\xC3\xA9"), POLYSHM_OK);
    expect_verdict(v_bytes("\xFF\xFE"), POLYSHM_OK);
    expect_verdict(v_bytes_of(NULL, 0), POLYSHM_OK);
}

TEST(value, an_unknown_type_is_refused)
{
    const int32_t types[] = {-1, 6, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        expect_verdict((polyshm_value){.type = types[i]}, POLYSHM_ETYPE);
}

TEST(value, flags_are_refused)
{
    for (int32_t type = POLYSHM_TYPE_NONE; type <= POLYSHM_TYPE_BYTES; type++)
        for (unsigned bit = 0; bit < 32; bit++)
            expect_verdict((polyshm_value){.type = type, .flags = 1u << bit}, POLYSHM_EINVAL);
}

TEST(value, a_bool_is_0_or_1)
{
    const int64_t numbers[] = {-1, 2, 256, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        expect_verdict((polyshm_value){.type = POLYSHM_TYPE_BOOL, .integer = numbers[i]}, POLYSHM_EINVAL);
}

TEST(value, a_size_needs_data)
{
    expect_verdict(v_str_of(NULL, 1), POLYSHM_EINVAL);
    expect_verdict(v_bytes_of(NULL, 1), POLYSHM_EINVAL);
}

TEST(value, a_text_is_utf8)
{
    expect_verdict(v_str("\xFF"), POLYSHM_EUTF8);
    expect_verdict(v_str("\xED\xA0\x80"), POLYSHM_EUTF8);
    expect_verdict(v_str_of("h\xC3\xA9", 2), POLYSHM_EUTF8);
}

TEST(value, what_no_format_has_room_for_is_too_long)
{
    size_t size = PSHMI_FORMAT_SIZE_MAX + 1;
    char *data = malloc(size);
    memset(data, 'a', size);
    expect_verdict(v_str_of(data, size - 1), POLYSHM_OK);
    expect_verdict(v_str_of(data, size), POLYSHM_ETOOLONG);
    expect_verdict(v_bytes_of(data, UINT64_MAX), POLYSHM_ETOOLONG);
    data[999998] = data[999999] = '\0';
    expect_verdict(v_bytes_of(data, 999999), POLYSHM_OK);
    expect_verdict(v_bytes_of(data, 1000000), POLYSHM_ETOOLONG);
    expect_verdict(v_bytes_of(data, 1000001), POLYSHM_OK);
    free(data);
}

TEST(value, only_texts_and_bytes_have_a_size)
{
    for (int32_t type = POLYSHM_TYPE_NONE; type <= POLYSHM_TYPE_BYTES; type++)
        cr_expect_eq(pshmi_value_is_sized(&(polyshm_value){.type = type}), type >= POLYSHM_TYPE_STR);
}

TEST(value, knows_whether_it_ends_in_a_nul)
{
    const polyshm_value none = v_bytes_of(NULL, 0), inner = v_bytes_of("a\0b", 3), last = v_bytes_of("a\0", 2);
    cr_expect_not(pshmi_value_ends_in_nul(&none));
    cr_expect_not(pshmi_value_ends_in_nul(&inner));
    cr_expect(pshmi_value_ends_in_nul(&last));
}

static void expect_equal(polyshm_value one, polyshm_value other, bool expected)
{
    cr_expect_eq(pshmi_value_equals_scalar(&one, &other), expected, "%s and another", value_show(&one));
    cr_expect_eq(pshmi_value_equals_scalar(&other, &one), expected, "%s and another", value_show(&other));
}

TEST(value, numbers_and_bools_are_equal_by_what_they_stand_for)
{
    expect_equal(v_int(1), v_float(1.0), true);
    expect_equal(v_int(1), v_bool(true), true);
    expect_equal(v_float(1.0), v_bool(true), true);
    expect_equal(v_int(0), v_bool(false), true);
    expect_equal(v_float(0.0), v_float(-0.0), true);
    expect_equal(v_float(-0.0), v_int(0), true);
    expect_equal(v_int(2), v_bool(true), false);
    expect_equal(v_float(0.5), v_int(0), false);
    expect_equal(v_float(INFINITY), v_float(INFINITY), true);
    expect_equal(v_float(INFINITY), v_float(-INFINITY), false);
}

TEST(value, a_nan_equals_nothing)
{
    expect_equal(v_float(NAN), v_float(NAN), false);
    expect_equal(v_float(NAN), v_int(0), false);
    expect_equal(v_float(NAN), v_bool(true), false);
}

TEST(value, large_numbers_are_compared_exactly)
{
    const int64_t limit = INT64_C(1) << 53;
    expect_equal(v_int(limit), v_float(0x1p53), true);
    expect_equal(v_int(limit + 1), v_float(0x1p53), false);
    expect_equal(v_int(limit + 2), v_float(0x1p53 + 2), true);
    expect_equal(v_int(-limit - 1), v_float(-0x1p53), false);
    expect_equal(v_int(INT64_MAX), v_float(0x1p63), false);
    expect_equal(v_int(INT64_MIN), v_float(-0x1p63), true);
    expect_equal(v_int(INT64_MIN), v_float(0x1p63), false);
    expect_equal(v_int(INT64_MIN), v_float(-0x1.0000000000001p63), false);
    expect_equal(v_int(INT64_MAX), v_float(INFINITY), false);
    expect_equal(v_int(INT64_MIN), v_float(-DBL_MAX), false);
}

TEST(value, none_and_texts_equal_no_number)
{
    const polyshm_value scalars[] = {v_int(0), v_float(0.0), v_bool(false)};
    expect_equal(v_none(), v_none(), true);
    for (size_t i = 0; i < COUNT_OF(scalars); i++) {
        expect_equal(scalars[i], v_none(), false);
        cr_expect_not(pshmi_value_equals_scalar(&(polyshm_value){.type = POLYSHM_TYPE_STR}, &scalars[i]));
        cr_expect_not(pshmi_value_equals_scalar(&(polyshm_value){.type = POLYSHM_TYPE_BYTES}, &scalars[i]));
    }
}
