/* Items of a list whose bytes somebody damaged, seen through the functions that read and write them. */
#include <stdlib.h>

#include "expect.h"
#include "format.h"
#include "leaks.h"
#include "list.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_list *create(void)
{
    const polyshm_value values[] = {v_int(7), v_str("text"), v_bytes("bytes"), v_bool(true)};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list));
    return list;
}

TEST(access, a_damaged_item_fails_alone)
{
    polyshm_list *list = create();
    polyshm_value found[4];
    int32_t type = 4711;
    char buffer[64];
    list->formats[1] = UINT64_MAX;
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 1", polyshm_list_get(list, 1, buffer, sizeof buffer, found));
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 1", polyshm_list_type(list, 1, &type));
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 1", polyshm_list_read(list, 0, 4, buffer, sizeof buffer, found));
    cr_assert_eq(type, 4711);
    EXPECT_OK(polyshm_list_get(list, 0, NULL, 0, found));
    EXPECT_OK(polyshm_list_read(list, 2, 2, buffer, sizeof buffer, found));
    list_drop(list);
}

TEST(access, a_damaged_item_can_be_written)
{
    polyshm_list *list = create();
    const polyshm_value value = v_str("whole");
    polyshm_value found;
    char buffer[8];
    list->formats[1] = UINT64_MAX;
    list->kinds[1] = 99;
    EXPECT_OK(polyshm_list_set(list, 1, &value));
    EXPECT_OK(polyshm_list_get(list, 1, buffer, sizeof buffer, &found));
    EXPECT_VALUE(value, found);
    list_drop(list);
}

TEST(access, a_text_whose_bytes_were_changed_is_judged_anew)
{
    polyshm_list *list = create();
    polyshm_value found;
    char buffer[8];
    *pshmi_list_item(list, 1).slot = UINT64_MAX;
    EXPECT_FAILURE(POLYSHM_EUTF8, "item 1", polyshm_list_get(list, 1, buffer, sizeof buffer, &found));
    list_drop(list);
}

TEST(access, a_format_cannot_lead_out_of_the_slot)
{
    polyshm_list *list = create();
    polyshm_value found;
    char buffer[64];
    list->formats[1] = pshmi_format_make((pshmi_format_bytes){.size = 9});
    EXPECT_STATUS(POLYSHM_ECORRUPT, polyshm_list_get(list, 1, buffer, sizeof buffer, &found));
    list->formats[1] = pshmi_format_make((pshmi_format_bytes){.size = 8, .exact = true});
    EXPECT_OK(polyshm_list_get(list, 1, buffer, sizeof buffer, &found));
    EXPECT_VALUE(v_str_of("text\0\0\0\0", 8), found);
    list_drop(list);
}

TEST(access, read_puts_texts_one_behind_the_other)
{
    polyshm_list *list = create();
    polyshm_value found[4];
    char buffer[9];
    EXPECT_OK(polyshm_list_read(list, 0, 4, buffer, sizeof buffer, found));
    cr_assert_arr_eq(buffer, "textbytes", 9);
    cr_assert_eq(found[1].data, buffer);
    cr_assert_eq(found[2].data, buffer + 4);
    EXPECT_FAILURE(POLYSHM_ENOBUFS, "item 2", polyshm_list_read(list, 0, 4, buffer, 8, found));
    list_drop(list);
}

TEST(access, write_checks_every_value_before_the_first_is_written)
{
    polyshm_list *list = create();
    const polyshm_value values[] = {v_int(8), v_str("TEXT"), v_bytes("BYTES"), v_str("123456789")};
    uint64_t size = list->segment->file.size;
    char *before = malloc(size), *after = malloc(size);
    memcpy(before, list->segment->address, size);
    EXPECT_FAILURE(POLYSHM_ETOOLONG, "item 3", polyshm_list_write(list, 0, values, 4));
    memcpy(after, list->segment->address, size);
    cr_assert_arr_eq(after, before, size);
    EXPECT_OK(polyshm_list_write(list, 0, values, 3));
    free(before);
    free(after);
    list_drop(list);
}
