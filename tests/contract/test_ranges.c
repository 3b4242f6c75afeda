/* Several items at once: read and written in order, wholly or not at all. */
#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_list *create(void)
{
    const polyshm_value values[] = {v_int(7), v_str("text"), v_none(), v_bytes_of("b\0", 2), v_bool(true)};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list));
    return list;
}

static void drop(polyshm_list *list)
{
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

TEST(ranges, read_gives_the_items_in_order)
{
    polyshm_list *list = create();
    polyshm_value found[6] = {[5] = {.integer = 4711}};
    char buffer[6];
    EXPECT_OK(polyshm_list_read(list, 0, 5, buffer, sizeof buffer, found));
    EXPECT_VALUE(v_int(7), found[0]);
    EXPECT_VALUE(v_str("text"), found[1]);
    EXPECT_VALUE(v_none(), found[2]);
    EXPECT_VALUE(v_bytes_of("b\0", 2), found[3]);
    EXPECT_VALUE(v_bool(true), found[4]);
    cr_assert_eq(found[5].integer, 4711);
    EXPECT_OK(polyshm_list_read(list, 3, 2, buffer, 2, found));
    EXPECT_VALUE(v_bytes_of("b\0", 2), found[0]);
    drop(list);
}

TEST(ranges, capacity_is_always_room_enough_for_read)
{
    polyshm_list *list = create();
    polyshm_value found[5];
    char buffer[64];
    uint64_t size;
    EXPECT_OK(polyshm_list_capacity(list, 0, 5, &size));
    cr_assert(size <= sizeof buffer);
    EXPECT_OK(polyshm_list_read(list, 0, 5, buffer, size, found));
    drop(list);
}

TEST(ranges, read_needs_room_for_all_texts_together)
{
    polyshm_list *list = create();
    polyshm_value found[5];
    char buffer[5];
    EXPECT_FAILURE(POLYSHM_ENOBUFS, "item 3", polyshm_list_read(list, 0, 5, buffer, sizeof buffer, found));
    drop(list);
}

TEST(ranges, an_empty_one_may_stand_anywhere_up_to_the_end)
{
    polyshm_list *list = create();
    const polyshm_value value = v_int(1);
    for (int64_t start = 0; start <= 5; start++) {
        EXPECT_OK(polyshm_list_read(list, start, 0, NULL, 0, NULL));
        EXPECT_OK(polyshm_list_write(list, start, &value, 0));
    }
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_read(list, 6, 0, NULL, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_write(list, 6, &value, 0));
    drop(list);
}

static void expect_outside(polyshm_list *list, int64_t start, uint64_t count)
{
    polyshm_value values[6] = {v_int(1), v_int(1), v_int(1), v_int(1), v_int(1), v_int(1)};
    char buffer[64];
    EXPECT_FAILURE(POLYSHM_EINDEX, "5 items", polyshm_list_read(list, start, count, buffer, sizeof buffer, values));
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_write(list, start, values, count));
}

TEST(ranges, that_reach_outside_are_refused_whole)
{
    polyshm_list *list = create();
    uint64_t ones;
    const polyshm_value one = v_int(1);
    expect_outside(list, 0, 6);
    expect_outside(list, 5, 1);
    expect_outside(list, -1, 1);
    expect_outside(list, -1, 6);
    expect_outside(list, 1, UINT64_MAX);
    expect_outside(list, INT64_MIN, UINT64_C(1) << 63);
    expect_outside(list, INT64_MAX, INT64_MAX);
    EXPECT_OK(polyshm_list_count(list, &one, &ones));
    cr_assert_eq(ones, 1, "only true equals 1, as before");
    drop(list);
}

TEST(ranges, write_changes_types_and_values)
{
    polyshm_list *list = create();
    const polyshm_value values[] = {v_str("was none"), v_float(0.5), v_bytes("B")};
    polyshm_value found[5];
    char buffer[64];
    EXPECT_OK(polyshm_list_write(list, 2, values, 3));
    EXPECT_OK(polyshm_list_read(list, 0, 5, buffer, sizeof buffer, found));
    EXPECT_VALUE(v_int(7), found[0]);
    EXPECT_VALUE(v_str("text"), found[1]);
    EXPECT_VALUE(values[0], found[2]);
    EXPECT_VALUE(values[1], found[3]);
    EXPECT_VALUE(values[2], found[4]);
    drop(list);
}

static void expect_not_written(int32_t expected, polyshm_value last)
{
    polyshm_list *list = create();
    const polyshm_value values[] = {v_int(1), v_int(2), v_int(3), v_int(4), last};
    char before[512], after[512];
    size_t size = block_read(NAME, before, sizeof before);
    EXPECT_FAILURE(expected, "item 4", polyshm_list_write(list, 0, values, 5));
    cr_assert_eq(block_read(NAME, after, sizeof after), size);
    cr_assert_arr_eq(after, before, size);
    drop(list);
}

TEST(ranges, write_changes_nothing_if_one_value_is_refused)
{
    expect_not_written(POLYSHM_ETOOLONG, v_str("123456789"));
    expect_not_written(POLYSHM_ETYPE, (polyshm_value){.type = 77});
    expect_not_written(POLYSHM_EUTF8, v_str("\x80"));
    expect_not_written(POLYSHM_EINVAL, (polyshm_value){.type = POLYSHM_TYPE_INT64, .flags = 8});
    expect_not_written(POLYSHM_EINVAL, v_bytes_of(NULL, 1));
}
