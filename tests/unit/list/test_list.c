/* List handles from inside: what is believed of a block, and what is waited for. */
#include "list.h"

#include <stdlib.h>

#include "blocks.h"
#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"
#include "system.h"

#define NAME test_name(0)

static polyshm_list *create(const polyshm_value *values, uint64_t count)
{
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, count, 0, 0, 0, &list));
    return list;
}

static polyshm_list *create_example(void)
{
    const polyshm_value values[] = {v_int(7), v_str("a text of two words"), v_none()};
    return create(values, COUNT_OF(values));
}

TEST(list, points_at_items_inside_its_block)
{
    polyshm_list *list = create_example();
    char *block = list->segment->address;
    pshmi_item item = pshmi_list_item(list, 1);
    cr_assert_eq((char *)item.slot, block + 8 * 5 + 8);
    cr_assert_eq(item.width, 24);
    cr_assert_eq((char *)item.format, block + 8 * 5 + 40 + 8);
    cr_assert_eq((char *)item.kind, block + 8 * 5 + 40 + 24 + 1);
    list_drop(list);
}

TEST(list, never_looks_at_the_header_again)
{
    polyshm_list *list = create_example();
    uint64_t length, size;
    polyshm_value found;
    char buffer[24];
    memset(list->segment->address, 0xFF, 8 * 5);
    EXPECT_OK(polyshm_list_length(list, &length));
    cr_assert_eq(length, 3);
    EXPECT_OK(polyshm_list_capacity(list, 0, 3, &size));
    cr_assert_eq(size, 40);
    EXPECT_OK(polyshm_list_get(list, 1, buffer, sizeof buffer, &found));
    EXPECT_VALUE(v_str("a text of two words"), found);
    list_drop(list);
}

TEST(list, a_range_is_checked_without_overflow)
{
    polyshm_list *list = create_example();
    EXPECT_OK(pshmi_list_check_range(list, 0, 0));
    EXPECT_OK(pshmi_list_check_range(list, 0, 3));
    EXPECT_OK(pshmi_list_check_range(list, 2, 1));
    EXPECT_OK(pshmi_list_check_range(list, 3, 0));
    EXPECT_FAILURE(POLYSHM_EINDEX, "has 3 items", pshmi_list_check_range(list, 0, 4));
    EXPECT_STATUS(POLYSHM_EINDEX, pshmi_list_check_range(list, 3, 1));
    EXPECT_STATUS(POLYSHM_EINDEX, pshmi_list_check_range(list, 4, 0));
    EXPECT_STATUS(POLYSHM_EINDEX, pshmi_list_check_range(list, -1, 1));
    EXPECT_STATUS(POLYSHM_EINDEX, pshmi_list_check_range(list, INT64_MIN, 0));
    EXPECT_STATUS(POLYSHM_EINDEX, pshmi_list_check_range(list, INT64_MAX, UINT64_MAX));
    EXPECT_STATUS(POLYSHM_EINDEX, pshmi_list_check_range(list, 1, UINT64_MAX));
    EXPECT_STATUS(POLYSHM_EINVAL, pshmi_list_check_range(NULL, 0, 0));
    EXPECT_OK(polyshm_list_close(list));
    EXPECT_STATUS(POLYSHM_ECLOSED, pshmi_list_check_range(list, 0, 0));
    list_drop(list);
}

TEST(list, a_single_item_is_one_in_words)
{
    const polyshm_value value = v_int(1);
    polyshm_value found;
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, &value, 1, 0, 0, 0, &list));
    EXPECT_FAILURE(POLYSHM_EINDEX, "has 1 item, and no item 1", polyshm_list_get(list, 1, NULL, 0, &found));
    EXPECT_FAILURE(POLYSHM_EINDEX, "has 1 item: 2 from item 0 on", pshmi_list_check_range(list, 0, 2));
    list_drop(list);
}

TEST(list, a_count_that_no_memory_holds_is_refused)
{
    static const uint64_t counts[] = {UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63, UINT64_C(1) << 61,
                                      (UINT64_C(1) << 61) - 1};
    const polyshm_value value = v_int(1);
    polyshm_list *list = NULL;
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        EXPECT_STATUS(POLYSHM_ENOMEM, polyshm_list_create(NAME, &value, counts[i], 0, 0, 0, &list));
    cr_assert_null(list);
}

/* A list of one number, as its creator leaves it step by step: first without bytes, then zeros, then all of it. */
static const uint64_t WHOLE[] = {1, 0, 8, 42, 'q', 0};

static void finish_block(void)
{
    block_write(NAME, 0, WHOLE, 8 * 5 + 1);
}

static int sleeps;

static int finish_while_asleep(const struct timespec *time, struct timespec *left)
{
    (void)time, (void)left;
    if (++sleeps == 3)
        finish_block();
    return 0;
}

TEST(list, attach_waits_until_a_foreign_creator_has_filled_the_block)
{
    static const uint64_t steps[][6] = {{0}, {1, 0, 8}, {1, 0, 8, 42}};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        polyshm_list *list;
        polyshm_value found;
        sleeps = 0;
        block_make(NAME, steps[i], 8 * 5 + 1);
        pshmi_system.nanosleep = finish_while_asleep;
        EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &list));
        cr_assert_eq(sleeps, 3);
        EXPECT_OK(polyshm_list_get(list, 0, NULL, 0, &found));
        EXPECT_VALUE(v_int(42), found);
        list_drop(list);
    }
}

static int (*real_nanosleep)(const struct timespec *time, struct timespec *left);

static int sleep_long_and_finish(const struct timespec *time, struct timespec *left)
{
    struct timespec long_time = {.tv_nsec = 300000000};
    (void)time;
    if (++sleeps == 2)
        finish_block();
    return real_nanosleep(&long_time, left);
}

TEST(list, attach_waits_for_the_whole_timeout_if_that_is_longer_than_a_fifth_of_a_second)
{
    static const uint64_t zeros[6];
    polyshm_list *list;
    block_make(NAME, zeros, 8 * 5 + 1);
    real_nanosleep = pshmi_system.nanosleep;
    pshmi_system.nanosleep = sleep_long_and_finish;
    EXPECT_OK(polyshm_list_attach(NAME, 0, 60, &list));
    list_drop(list);
}

TEST(list, a_block_that_stays_unfilled_is_no_list)
{
    static const uint64_t zeros[8];
    polyshm_list *list = NULL;
    block_make(NAME, zeros, sizeof zeros);
    EXPECT_FAILURE(POLYSHM_ENOTLIST, "not filled", polyshm_list_attach(NAME, 0, 0, &list));
    block_remove(NAME);
    cr_assert_null(list);
}

TEST(list, a_signal_ends_the_wait_for_an_unfilled_block)
{
    static const uint64_t zeros[8];
    polyshm_list *list = NULL;
    block_make(NAME, zeros, sizeof zeros);
    interrupts_start();
    int32_t status = polyshm_list_attach(NAME, 0, 50, &list);
    interrupts_stop();
    EXPECT_STATUS(POLYSHM_EINTR, status);
    block_remove(NAME);
}
