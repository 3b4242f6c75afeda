/* Items of a list: every type, every edge, what fits and what does not. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { LONGEST = 9999991, LONGEST_EXACT = 999999 };

static polyshm_list *create_with_spare(const polyshm_value *values, uint64_t count, uint64_t spare)
{
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, count, spare, 0, 0, &list));
    return list;
}

static polyshm_list *create(const polyshm_value *values, uint64_t count)
{
    return create_with_spare(values, count, 0);
}

static void drop(polyshm_list *list)
{
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

/* Expects the item to be this value, read with exactly as much room as it needs. */
static void expect_item(const polyshm_list *list, int64_t index, polyshm_value expected)
{
    char *buffer = malloc(expected.size ? expected.size : 1);
    polyshm_value found;
    int32_t type;
    EXPECT_OK(polyshm_list_get(list, index, buffer, expected.size, &found));
    EXPECT_VALUE(expected, found);
    cr_assert(expected.size == 0 || found.data == buffer);
    EXPECT_OK(polyshm_list_type(list, index, &type));
    cr_assert_eq(type, expected.type);
    free(buffer);
}

static void expect_kept(const polyshm_value *values, uint64_t count)
{
    polyshm_list *list = create(values, count), *other;
    uint64_t length;
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &other));
    EXPECT_OK(polyshm_list_length(other, &length));
    cr_assert_eq(length, count);
    for (uint64_t i = 0; i < count; i++)
        expect_item(other, (int64_t)i, values[i]);
    polyshm_list_unref(other);
    drop(list);
}

TEST(items, numbers_are_kept_to_the_last_bit)
{
    const polyshm_value values[] = {
        v_int(0),
        v_int(1),
        v_int(-1),
        v_int(INT64_MAX),
        v_int(INT64_MIN),
        v_int(INT32_MIN),
        v_float(0.0),
        v_float(-0.0),
        v_float(0.1),
        v_float(NAN),
        v_float(-NAN),
        v_float(INFINITY),
        v_float(DBL_MAX),
        v_float(-DBL_MAX),
        v_float(5e-324),
        v_float(DBL_MIN),
        v_float(0x1p53 + 2),
        v_float(-INFINITY),
        v_int((INT64_C(1) << 53) + 1),
        v_bool(true),
        v_bool(false),
        v_none(),
    };
    expect_kept(values, COUNT_OF(values));
}

TEST(items, texts_and_bytes_are_kept_with_all_their_nuls)
{
    static const char all[256] = {"\0\1\2"};
    const polyshm_value values[] = {
        v_str(""),
        v_str("a"),
        v_str("1234567"),
        v_str("12345678"),
        v_str("h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x8D"),
        v_str("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"),
        v_str_of("\0", 1),
        v_str_of("a\0b", 3),
        v_str_of("a\0\0", 3),
        v_str_of("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17),
        v_bytes(""),
        v_bytes("a"),
        v_bytes("\xFF\xFE\x80"),
        v_bytes_of("\0", 1),
        v_bytes_of("a\0b", 3),
        v_bytes_of("a\0\0\0\0\0\0\0", 8),
        v_bytes_of("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17),
        v_bytes_of(all, sizeof all),
        v_str_of(NULL, 0),
        v_bytes_of(NULL, 0),
    };
    expect_kept(values, COUNT_OF(values));
}

TEST(items, lengths_around_every_slot_boundary_are_kept)
{
    char data[70];
    memset(data, 'd', sizeof data);
    for (uint64_t size = 0; size < sizeof data; size++) {
        const polyshm_value values[] = {v_str_of(data, size), v_bytes_of(data, size)};
        expect_kept(values, COUNT_OF(values));
    }
}

static void expect_not_created(int32_t expected, polyshm_value value, uint64_t spare)
{
    polyshm_list *const untouched = (polyshm_list *)0x1234, *list = untouched;
    const polyshm_value values[] = {v_int(1), value};
    EXPECT_FAILURE(expected, "item 1", polyshm_list_create(NAME, values, COUNT_OF(values), spare, 0, 0, &list));
    cr_assert_eq(list, untouched);
    cr_assert_not(block_exists(NAME));
}

TEST(items, the_longest_text_is_kept_and_a_longer_one_refused)
{
    char *data = malloc(LONGEST + 1);
    memset(data, 'a', LONGEST + 1);
    const polyshm_value longest = v_str_of(data, LONGEST);
    expect_kept(&longest, 1);
    expect_not_created(POLYSHM_ETOOLONG, v_str_of(data, LONGEST + 1), 0);
    expect_not_created(POLYSHM_ETOOLONG, v_bytes_of(data, LONGEST + 1), 0);
    expect_not_created(POLYSHM_ETOOLONG, v_bytes_of(data, UINT64_MAX), 0);
    expect_not_created(POLYSHM_ETOOLONG, longest, 1);

    data[LONGEST_EXACT - 1] = data[LONGEST_EXACT] = '\0';
    const polyshm_value longest_exact = v_bytes_of(data, LONGEST_EXACT);
    expect_kept(&longest_exact, 1);
    expect_not_created(POLYSHM_ETOOLONG, v_bytes_of(data, LONGEST_EXACT + 1), 0);
    expect_not_created(POLYSHM_ETOOLONG, v_str_of(data, LONGEST_EXACT + 1), 0);
    free(data);
}

TEST(items, a_value_that_no_list_can_hold_is_named_and_no_block_stays)
{
    expect_not_created(POLYSHM_ETYPE, (polyshm_value){.type = 6}, 0);
    expect_not_created(POLYSHM_ETYPE, (polyshm_value){.type = -1}, 0);
    expect_not_created(POLYSHM_EINVAL, (polyshm_value){.type = POLYSHM_TYPE_BOOL, .integer = 2}, 0);
    expect_not_created(POLYSHM_EINVAL, (polyshm_value){.type = POLYSHM_TYPE_INT64, .flags = 1}, 0);
    expect_not_created(POLYSHM_EINVAL, v_str_of(NULL, 1), 0);
    expect_not_created(POLYSHM_EUTF8, v_str("\xFF"), 0);
    expect_not_created(POLYSHM_EUTF8, v_str("\xED\xA0\x80"), 0);
    polyshm_list *list = NULL;
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_create(NAME, NULL, 0, LONGEST + 1, 0, 0, &list));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_create(NAME, NULL, 0, UINT64_MAX, 0, 0, &list));
    cr_assert(!list && !block_exists(NAME));
}

TEST(items, any_type_may_follow_any_other_if_it_fits)
{
    const polyshm_value values[] = {v_none(),   v_bool(true),        v_int(-7),          v_float(0.5),
                                    v_str("s"), v_bytes("12345678"), v_str_of("z\0", 2), v_bytes_of("\0", 1)};
    polyshm_list *list = create(values, COUNT_OF(values));
    for (size_t slot = 0; slot < COUNT_OF(values); slot++)
        for (size_t i = 0; i < COUNT_OF(values); i++)
            for (size_t k = 0; k < COUNT_OF(values); k++) {
                EXPECT_OK(polyshm_list_set(list, (int64_t)slot, &values[i]));
                EXPECT_OK(polyshm_list_set(list, (int64_t)slot, &values[k]));
                expect_item(list, (int64_t)slot, values[k]);
            }
    drop(list);
}

TEST(items, a_text_may_fill_its_slot_and_not_more)
{
    const polyshm_value short_text = v_str("short"), full = v_str("12345678"), longer = v_str("123456789"),
                        long_bytes = v_bytes("123456789");
    polyshm_list *list = create(&short_text, 1);
    EXPECT_FAILURE(POLYSHM_ETOOLONG, "item 0", polyshm_list_set(list, 0, &longer));
    EXPECT_STATUS(POLYSHM_ETOOLONG, polyshm_list_set(list, 0, &long_bytes));
    expect_item(list, 0, short_text);
    EXPECT_OK(polyshm_list_set(list, 0, &full));
    expect_item(list, 0, full);
    drop(list);
}

TEST(items, an_item_keeps_its_value_if_the_new_one_is_refused)
{
    const polyshm_value old = v_str("old"), refused[] = {{.type = 6},
                                                         {.type = POLYSHM_TYPE_BOOL, .integer = 2},
                                                         {.type = POLYSHM_TYPE_NONE, .flags = 1},
                                                         v_str("\xFF"),
                                                         v_str_of(NULL, 3)};
    polyshm_list *list = create(&old, 1);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        cr_assert_neq(polyshm_list_set(list, 0, &refused[i]), POLYSHM_OK);
        cr_assert_neq(polyshm_list_write(list, 0, &refused[i], 1), POLYSHM_OK);
        expect_item(list, 0, old);
    }
    drop(list);
}

TEST(items, spare_bytes_make_room_for_longer_values)
{
    const polyshm_value values[] = {v_str("a"), v_none(), v_int(1)};
    polyshm_list *list = create_with_spare(values, COUNT_OF(values), 16);
    const polyshm_value wide = v_str("123456789012345678901234"), wider = v_str("1234567890123456789012345");
    for (int64_t i = 0; i < 2; i++) {
        EXPECT_OK(polyshm_list_set(list, i, &wide));
        expect_item(list, i, wide);
        EXPECT_STATUS(POLYSHM_ETOOLONG, polyshm_list_set(list, i, &wider));
        EXPECT_OK(polyshm_list_set(list, i, &values[2]));
        EXPECT_OK(polyshm_list_set(list, i, &wide));
    }
    EXPECT_STATUS(POLYSHM_ETOOLONG, polyshm_list_set(list, 2, &wide));
    drop(list);
}

static void expect_no_item(polyshm_list *list, int64_t index)
{
    const polyshm_value untouched = v_int(4711), value = v_int(1);
    polyshm_value found = untouched;
    int32_t type = 4711;
    EXPECT_FAILURE(POLYSHM_EINDEX, "2 items", polyshm_list_get(list, index, NULL, 0, &found));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_set(list, index, &value));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_type(list, index, &type));
    cr_assert(value_is(&found, &untouched) && type == 4711, "an output changed");
}

TEST(items, there_are_none_beyond_the_length)
{
    const polyshm_value values[] = {v_int(7), v_int(8)};
    polyshm_list *list = create(values, COUNT_OF(values));
    static const int64_t indices[] = {-1, 2, 3, INT64_MIN, INT64_MAX, INT64_C(1) << 32, INT64_C(1) << 61};
    for (size_t i = 0; i < COUNT_OF(indices); i++)
        expect_no_item(list, indices[i]);
    expect_item(list, 0, values[0]);
    expect_item(list, 1, values[1]);
    drop(list);
}

TEST(items, a_buffer_that_is_too_small_is_an_error)
{
    const polyshm_value values[] = {v_str("12345"), v_bytes_of("a\0", 2)}, untouched = v_int(4711);
    polyshm_list *list = create(values, COUNT_OF(values));
    polyshm_value found = untouched;
    char buffer[8];
    EXPECT_FAILURE(POLYSHM_ENOBUFS, "item 0", polyshm_list_get(list, 0, buffer, 4, &found));
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_list_get(list, 0, NULL, 0, &found));
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_list_get(list, 1, buffer, 1, &found));
    cr_assert(value_is(&found, &untouched), "an output changed");
    drop(list);
}

TEST(items, capacity_is_what_the_slots_hold_together)
{
    const polyshm_value values[] = {v_int(7), v_str("12345678"), v_str("")};
    polyshm_list *list = create(values, COUNT_OF(values));
    uint64_t size = 4711;
    EXPECT_OK(polyshm_list_capacity(list, 0, 3, &size));
    cr_assert_eq(size, 8 + 16 + 8);
    EXPECT_OK(polyshm_list_capacity(list, 1, 1, &size));
    cr_assert_eq(size, 16);
    EXPECT_OK(polyshm_list_capacity(list, 3, 0, &size));
    cr_assert_eq(size, 0);
    size = 4711;
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_capacity(list, 0, 4, &size));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_capacity(list, -1, 1, &size));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_capacity(list, 1, UINT64_MAX, &size));
    cr_assert_eq(size, 4711);
    drop(list);
}
