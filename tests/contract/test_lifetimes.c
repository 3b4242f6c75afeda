/* Handles end in any order, and names go only with their own block. */
#include <unistd.h>

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

static polyshm_list *create_list(void)
{
    const polyshm_value value = v_int(7);
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, &value, 1, 0, 0, 0, &list));
    return list;
}

TEST(lifetimes, a_block_stays_when_its_creator_closes)
{
    polyshm_segment *segment = create(), *again;
    char found[10];
    polyshm_segment_unref(segment);
    EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &again));
    EXPECT_OK(polyshm_segment_read(again, 0, found, 10));
    cr_assert_arr_eq(found, "0123456789", 10);
    EXPECT_OK(polyshm_segment_unlink(again));
    polyshm_segment_unref(again);
}

/* Does what the letters say, one after the other: close, unref, unpin. As long as a pin is left the bytes are there. */
static void end_in_order(const char *order)
{
    polyshm_segment *segment = create();
    void *address;
    int pins = 2;
    EXPECT_OK(polyshm_segment_address(segment, &address));
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_unlink(segment));
    for (const char *step = order; *step; step++) {
        cr_assert(pins == 0 || memcmp(address, "0123456789", 10) == 0, "%s: gone before %s", order, step);
        if (*step == 'c')
            EXPECT_OK(polyshm_segment_close(segment));
        else if (*step == 'u')
            polyshm_segment_unref(segment);
        else if (pins--)
            EXPECT_OK(polyshm_segment_unpin(segment));
    }
}

TEST(lifetimes, close_unref_and_unpin_come_in_any_order)
{
    static const char *const orders[] = {"cupp", "cpup", "cppu", "ucpp", "upcp", "pcup",
                                         "pcpu", "pucp", "ppcu", "upp",  "pup",  "ppu"};
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        end_in_order(orders[i]);
}

TEST(lifetimes, a_reference_keeps_the_handle_and_not_the_mapping)
{
    polyshm_segment *segment = create();
    const char *name;
    polyshm_segment_ref(segment);
    EXPECT_OK(polyshm_segment_close(segment));
    polyshm_segment_unref(segment);
    EXPECT_OK(polyshm_segment_name(segment, &name));
    cr_assert_str_eq(name, NAME);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(lifetimes, an_unpin_needs_a_pin)
{
    polyshm_segment *segment = create();
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_unpin(segment));
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_segment_unpin(segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_segment_unpin(segment));
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(lifetimes, the_segment_of_a_list_may_outlive_it)
{
    polyshm_list *list = create_list();
    polyshm_segment *segment;
    char first;
    EXPECT_OK(polyshm_list_segment(list, &segment));
    polyshm_list_unref(list);
    EXPECT_OK(polyshm_segment_read(segment, 0, &first, 1));
    cr_assert_eq(first, 1);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(lifetimes, closing_the_segment_closes_its_list)
{
    polyshm_list *list = create_list();
    polyshm_segment *segment;
    polyshm_value found;
    EXPECT_OK(polyshm_list_segment(list, &segment));
    EXPECT_OK(polyshm_segment_unlink(segment));
    EXPECT_OK(polyshm_segment_close(segment));
    polyshm_segment_unref(segment);
    cr_assert_eq(polyshm_list_is_closed(list), 1);
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_get(list, 0, NULL, 0, &found));
    polyshm_list_ref(list);
    polyshm_list_unref(list);
    polyshm_list_unref(list);
}

TEST(lifetimes, unlink_is_once)
{
    polyshm_segment *segment = create();
    EXPECT_OK(polyshm_segment_unlink(segment));
    EXPECT_FAILURE(POLYSHM_ENOENT, "its name is gone", polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(lifetimes, unlink_leaves_another_block_of_that_name_alone)
{
    polyshm_segment *older = create();
    EXPECT_OK(polyshm_segment_unlink(older));
    polyshm_segment *newer = create();
    EXPECT_FAILURE(POLYSHM_ENOENT, "another block", polyshm_segment_unlink(older));
    cr_assert(block_exists(NAME));
    EXPECT_OK(polyshm_segment_close(older));
    EXPECT_FAILURE(POLYSHM_ENOENT, "another block", polyshm_segment_unlink(older));
    cr_assert(block_exists(NAME));
    EXPECT_OK(polyshm_segment_unlink(newer));
    polyshm_segment_unref(older);
    polyshm_segment_unref(newer);
}

TEST(lifetimes, unlink_leaves_what_is_no_block_alone)
{
    polyshm_segment *segment = create();
    block_remove(NAME);
    cr_assert_eq(symlink("nowhere", block_path(NAME)), 0);
    EXPECT_STATUS(POLYSHM_ENOENT, polyshm_segment_unlink(segment));
    cr_assert(block_exists(NAME));
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

TEST(lifetimes, exists_says_whether_there_is_a_block)
{
    polyshm_segment *segment = create();
    int32_t exists = -1;
    EXPECT_OK(polyshm_segment_exists(NAME, &exists));
    cr_assert_eq(exists, 1);
    EXPECT_OK(polyshm_segment_unlink(segment));
    EXPECT_OK(polyshm_segment_exists(NAME, &exists));
    cr_assert_eq(exists, 0);
    polyshm_segment_unref(segment);
}
