/* Add, and compare and exchange: what they do, what they refuse, and that nothing comes between. */
#include <limits.h>
#include <math.h>

#include "expect.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

enum { INT, FLOAT, BOOL, NONE, STR, BYTES, ITEMS };

static polyshm_list *create(void)
{
    const polyshm_value values[ITEMS] = {v_int(7), v_float(1), v_bool(true), v_none(), v_str("text"), v_bytes("bytes")};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, ITEMS, 0, 0, 0, &list));
    return list;
}

static void expect_item(const polyshm_list *list, int64_t index, polyshm_value expected)
{
    polyshm_value found;
    char buffer[8];
    EXPECT_OK(polyshm_list_get(list, index, buffer, sizeof buffer, &found));
    EXPECT_VALUE(expected, found);
}

TEST(atomics, add_gives_the_new_value)
{
    polyshm_list *list = create();
    int64_t sum;
    EXPECT_OK(polyshm_list_add(list, INT, 5, &sum));
    cr_assert_eq(sum, 12);
    EXPECT_OK(polyshm_list_add(list, INT, -20, &sum));
    cr_assert_eq(sum, -8);
    EXPECT_OK(polyshm_list_add(list, INT, 0, NULL));
    expect_item(list, INT, v_int(-8));
    list_drop(list);
}

TEST(atomics, add_does_not_wrap_around)
{
    polyshm_list *list = create();
    int64_t sum = 4711;
    const polyshm_value most = v_int(INT64_MAX), least = v_int(INT64_MIN);
    EXPECT_OK(polyshm_list_set(list, INT, &most));
    EXPECT_FAILURE(POLYSHM_ERANGE, "64 bits", polyshm_list_add(list, INT, 1, &sum));
    expect_item(list, INT, most);
    EXPECT_OK(polyshm_list_set(list, INT, &least));
    EXPECT_STATUS(POLYSHM_ERANGE, polyshm_list_add(list, INT, -1, &sum));
    EXPECT_STATUS(POLYSHM_ERANGE, polyshm_list_add(list, INT, INT64_MIN, &sum));
    cr_assert_eq(sum, 4711);
    EXPECT_OK(polyshm_list_add(list, INT, INT64_MAX, &sum));
    cr_assert_eq(sum, -1);
    list_drop(list);
}

TEST(atomics, add_is_for_integers)
{
    polyshm_list *list = create();
    int64_t sum = 4711;
    for (int64_t i = FLOAT; i < ITEMS; i++)
        EXPECT_FAILURE(POLYSHM_ETYPE, "int64", polyshm_list_add(list, i, 1, &sum));
    cr_assert_eq(sum, 4711);
    expect_item(list, BOOL, v_bool(true));
    expect_item(list, STR, v_str("text"));
    list_drop(list);
}

static bool exchange(polyshm_list *list, int64_t index, polyshm_value expected, polyshm_value desired)
{
    int32_t exchanged = 4711;
    EXPECT_OK(polyshm_list_compare_exchange(list, index, &expected, &desired, &exchanged));
    cr_assert(exchanged == 0 || exchanged == 1);
    return exchanged;
}

TEST(atomics, compare_exchange_writes_only_over_what_is_expected)
{
    polyshm_list *list = create();
    cr_assert_not(exchange(list, INT, v_int(8), v_int(9)));
    expect_item(list, INT, v_int(7));
    cr_assert(exchange(list, INT, v_int(7), v_int(9)));
    expect_item(list, INT, v_int(9));
    cr_assert_not(exchange(list, INT, v_int(7), v_int(10)));
    list_drop(list);
}

TEST(atomics, compare_exchange_compares_type_and_bits)
{
    polyshm_list *list = create();
    cr_assert_not(exchange(list, FLOAT, v_int(1), v_none()));
    cr_assert_not(exchange(list, BOOL, v_int(1), v_none()));
    cr_assert_not(exchange(list, NONE, v_int(0), v_none()));
    cr_assert_not(exchange(list, NONE, v_bool(false), v_none()));
    cr_assert_not(exchange(list, STR, v_none(), v_int(1)));
    cr_assert_not(exchange(list, BYTES, v_int(0), v_int(1)));
    cr_assert(exchange(list, FLOAT, v_float(1), v_float(-0.0)));
    cr_assert_not(exchange(list, FLOAT, v_float(0.0), v_int(1)));
    cr_assert(exchange(list, FLOAT, v_float(-0.0), v_float(NAN)));
    cr_assert(exchange(list, FLOAT, v_float(NAN), v_float(2)));
    expect_item(list, FLOAT, v_float(2));
    list_drop(list);
}

TEST(atomics, compare_exchange_may_change_the_type)
{
    polyshm_list *list = create();
    cr_assert(exchange(list, NONE, v_none(), v_bool(true)));
    cr_assert(exchange(list, NONE, v_bool(true), v_int(5)));
    cr_assert(exchange(list, NONE, v_int(5), v_float(0.5)));
    cr_assert(exchange(list, NONE, v_float(0.5), v_none()));
    expect_item(list, NONE, v_none());
    list_drop(list);
}

TEST(atomics, compare_exchange_looks_at_the_fields_of_the_type_only)
{
    polyshm_list *list = create();
    polyshm_value expected = v_int(7), desired = v_none();
    expected.real = 4, expected.data = "x", expected.size = 1;
    desired.integer = 4;
    cr_assert(exchange(list, INT, expected, desired));
    expect_item(list, INT, v_none());
    list_drop(list);
}

static void expect_refused(polyshm_list *list, int32_t status, polyshm_value one)
{
    const polyshm_value seven = v_int(7);
    int32_t exchanged = 4711;
    EXPECT_STATUS(status, polyshm_list_compare_exchange(list, INT, &one, &seven, &exchanged));
    EXPECT_STATUS(status, polyshm_list_compare_exchange(list, INT, &seven, &one, &exchanged));
    cr_assert_eq(exchanged, 4711);
}

TEST(atomics, compare_exchange_refuses_what_is_no_scalar_or_not_valid)
{
    polyshm_list *list = create();
    const polyshm_value seven = v_int(7);
    int32_t exchanged;
    expect_refused(list, POLYSHM_ETYPE, v_str("text"));
    expect_refused(list, POLYSHM_ETYPE, v_bytes("bytes"));
    expect_refused(list, POLYSHM_ETYPE, (polyshm_value){.type = 6});
    expect_refused(list, POLYSHM_ETYPE, (polyshm_value){.type = -1});
    expect_refused(list, POLYSHM_EINVAL, (polyshm_value){.type = POLYSHM_TYPE_INT64, .flags = 1});
    expect_refused(list, POLYSHM_EINVAL, (polyshm_value){.type = POLYSHM_TYPE_BOOL, .integer = 2});
    EXPECT_FAILURE(POLYSHM_EINVAL, "expected", polyshm_list_compare_exchange(list, 0, NULL, &seven, &exchanged));
    EXPECT_FAILURE(POLYSHM_EINVAL, "desired", polyshm_list_compare_exchange(list, 0, &seven, NULL, &exchanged));
    EXPECT_FAILURE(POLYSHM_EINVAL, "exchanged", polyshm_list_compare_exchange(list, 0, &seven, &seven, NULL));
    expect_item(list, INT, seven);
    list_drop(list);
}

TEST(atomics, refuse_wrong_items_and_handles)
{
    polyshm_list *list = create(), *reader;
    const polyshm_value seven = v_int(7);
    static const int64_t wrong[] = {-1, ITEMS, INT64_MIN, INT64_MAX};
    int32_t exchanged;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_add(list, wrong[i], 1, NULL));
        EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_compare_exchange(list, wrong[i], &seven, &seven, &exchanged));
    }
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    EXPECT_STATUS(POLYSHM_EREADONLY, polyshm_list_add(reader, INT, 1, NULL));
    EXPECT_STATUS(POLYSHM_EREADONLY, polyshm_list_compare_exchange(reader, INT, &seven, &seven, &exchanged));
    EXPECT_OK(polyshm_list_close(list));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_add(list, INT, 1, NULL));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_compare_exchange(list, INT, &seven, &seven, &exchanged));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_add(NULL, INT, 1, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_compare_exchange(NULL, INT, &seven, &seven, &exchanged));
    polyshm_list_unref(reader);
    list_drop(list);
}

enum { PROCESSES = 4, ROUNDS = 2000 };

/* Half of the steps by add, half by compare and exchange. */
static void count(void *inherited)
{
    polyshm_list *list = inherited;
    for (int i = 0; i < ROUNDS; i++) {
        polyshm_value now;
        int32_t exchanged = 0;
        CHECK(polyshm_list_add(list, INT, 1, NULL) == POLYSHM_OK);
        while (!exchanged) {
            CHECK(polyshm_list_get(list, INT, NULL, 0, &now) == POLYSHM_OK);
            polyshm_value next = v_int(now.integer + 1);
            CHECK(polyshm_list_compare_exchange(list, INT, &now, &next, &exchanged) == POLYSHM_OK);
        }
    }
}

TEST(atomics, of_many_processes_are_all_counted)
{
    pid_t children[PROCESSES];
    polyshm_list *list = create();
    for (int i = 0; i < PROCESSES; i++)
        children[i] = child_start(count, list);
    for (int i = 0; i < PROCESSES; i++)
        cr_assert_eq(child_wait(children[i]), 0);
    expect_item(list, INT, v_int(7 + PROCESSES * ROUNDS * 2));
    list_drop(list);
}
