/* Looks at an item while its version stands still, moves, is odd, or makes no sense. */
#include "look.h"

#include "expect.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

/* The journal, filled with another value of item 1. */
static void fill_journal(polyshm_list *list)
{
    pshmi_area *area = &list->lock.area;
    area->copy[0] = 0x646C6F; /* "old" */
    area->journal->format = list->formats[1];
    area->journal->kind = list->kinds[1];
    area->journal->item = 2;
}

static void expect_item(const polyshm_list *list, polyshm_value expected)
{
    polyshm_value found;
    char buffer[8];
    EXPECT_OK(polyshm_list_get(list, 1, buffer, sizeof buffer, &found));
    EXPECT_VALUE(expected, found);
}

TEST(look, of_an_item_that_stands_still_is_one)
{
    polyshm_list *list = list_make();
    pshmi_look look = pshmi_look_at(list, 1);
    cr_assert(pshmi_look_next(&look));
    cr_assert_eq(look.item.slot, pshmi_list_item(list, 1).slot);
    cr_assert_not(pshmi_look_next(&look));
    cr_assert_not(look.expired);
    list_drop(list);
}

TEST(look, is_taken_again_when_the_version_has_moved)
{
    polyshm_list *list = list_make();
    pshmi_look look = pshmi_look_at(list, 1);
    cr_assert(pshmi_look_next(&look));
    list->lock.area.versions[1] += 2;
    cr_assert(pshmi_look_next(&look));
    list->lock.area.versions[0] += 2; /* another item's */
    cr_assert_not(pshmi_look_next(&look));
    list_drop(list);
}

TEST(look, at_an_item_that_is_being_written_leads_to_its_copy)
{
    polyshm_list *list = list_make();
    fill_journal(list);
    list->lock.area.versions[1] = 1;
    expect_item(list, v_str("old"));
    int32_t type;
    EXPECT_OK(polyshm_list_type(list, 1, &type));
    cr_assert_eq(type, POLYSHM_TYPE_STR);
    int64_t index;
    EXPECT_OK(polyshm_list_index(list, &(polyshm_value){.type = POLYSHM_TYPE_STR, .data = "old", .size = 3}, &index));
    cr_assert_eq(index, 1);
    list->lock.area.versions[1] = 2;
    expect_item(list, v_str("text"));
    list_drop(list);
}

TEST(look, at_a_copy_that_is_gone_goes_back_to_the_item)
{
    polyshm_list *list = list_make();
    fill_journal(list);
    list->lock.area.versions[1] = 1;
    pshmi_look look = pshmi_look_at(list, 1);
    cr_assert(pshmi_look_next(&look));
    cr_assert_eq(look.item.slot, list->lock.area.copy);
    list->lock.area.versions[1] = 2;
    list->lock.area.journal->item = 0;
    cr_assert(pshmi_look_next(&look));
    cr_assert_eq(look.item.slot, pshmi_list_item(list, 1).slot);
    cr_assert_not(pshmi_look_next(&look));
    list_drop(list);
}

TEST(look, does_not_take_the_copy_of_another_item)
{
    polyshm_list *list = list_make();
    fill_journal(list);
    list->lock.area.journal->item = 1;
    list->lock.area.versions[1] = 1;
    pshmi_look look = pshmi_look_at(list, 1);
    cr_assert(pshmi_look_next(&look));
    cr_assert_not(look.valid);
    cr_assert(pshmi_look_next(&look));
    list_drop(list);
}

TEST(look, that_meets_no_end_gives_up)
{
    polyshm_list *list = list_make();
    list->lock.area.versions[1] = 1;
    pshmi_look look = pshmi_look_at(list, 1);
    for (int i = 0; i < 1000 && look.deadline == 0; i++)
        cr_assert(pshmi_look_next(&look));
    look.deadline = pshmi_clock_now() - 1;
    cr_assert_not(pshmi_look_next(&look));
    cr_assert(look.expired);
    list_drop(list);
}

TEST(look, at_a_list_without_versions_is_one)
{
    polyshm_list *list = list_make();
    list->synchronized = false;
    list->lock.area.versions[1] = 1;
    pshmi_look look = pshmi_look_at(list, 1);
    cr_assert(pshmi_look_next(&look));
    cr_assert_eq(look.item.slot, pshmi_list_item(list, 1).slot);
    cr_assert_not(pshmi_look_next(&look));
    list_drop(list);
}

static polyshm_list *create_scalars(void)
{
    const polyshm_value values[] = {v_int(-7), v_float(0.5), v_bool(true), v_bool(false), v_none(), v_str("text")};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list));
    return list;
}

static void expect_short(const polyshm_list *list)
{
    for (uint64_t i = 0; i < 5; i++) {
        uint64_t word;
        polyshm_value expected;
        pshmi_item item = pshmi_list_item(list, i);
        int32_t type = pshmi_look_short(list, i, &word);
        cr_assert(type >= 0, "item %d", (int)i);
        cr_assert_eq(pshmi_item_get(&item, NULL, 0, &expected).status, POLYSHM_OK);
        EXPECT_VALUE(expected, pshmi_item_scalar(type, word));
    }
}

static void expect_long(const polyshm_list *list, uint64_t index)
{
    uint64_t word;
    cr_expect_eq(pshmi_look_short(list, index, &word), -1, "item %d", (int)index);
}

TEST(look, the_short_way_is_for_scalars_that_stand_still)
{
    polyshm_list *list = create_scalars();
    expect_short(list);
    expect_long(list, 5);
    for (uint64_t i = 0; i < 5; i++) {
        list->lock.area.versions[i] = 3;
        expect_long(list, i);
    }
    list->lock.area.versions = NULL; /* as where there is no sync area */
    expect_short(list);
    list_drop(list);
}

TEST(look, the_short_way_is_not_for_what_no_writer_makes)
{
    polyshm_list *list = create_scalars();
    for (unsigned kind = 0; kind < 256; kind++) {
        list->kinds[0] = (uint8_t)kind;
        if (kind != PSHMI_KIND_AS_IS && kind != PSHMI_KIND_NONE)
            expect_long(list, 0);
    }
    list->kinds[0] = PSHMI_KIND_AS_IS;
    for (unsigned bit = 0; bit < 64; bit++) {
        list->formats[0] = PSHMI_FORMAT_INT64 ^ UINT64_C(1) << bit;
        expect_long(list, 0);
    }
    list_drop(list);
}

TEST(look, a_range_and_a_count_take_the_copy_of_a_number_that_is_being_written)
{
    polyshm_list *list = create_scalars();
    pshmi_area *area = &list->lock.area;
    polyshm_value found[2];
    uint64_t count;
    area->copy[0] = 7;
    area->journal->format = PSHMI_FORMAT_INT64;
    area->journal->kind = PSHMI_KIND_AS_IS;
    area->journal->item = 1;
    area->versions[0] = 1;
    EXPECT_OK(polyshm_list_read(list, 0, 2, NULL, 0, found));
    EXPECT_VALUE(v_int(7), found[0]);
    EXPECT_VALUE(v_float(0.5), found[1]);
    EXPECT_OK(polyshm_list_count(list, &found[0], &count));
    cr_assert_eq(count, 1);
    const polyshm_value half_written = v_int(-7);
    EXPECT_OK(polyshm_list_count(list, &half_written, &count));
    cr_assert_eq(count, 0);
    list_drop(list);
}
