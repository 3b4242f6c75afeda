/* Looking through a list some of whose items are damaged. */
#include "expect.h"
#include "format.h"
#include "leaks.h"
#include "list.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_list *create_damaged(uint64_t damaged)
{
    const polyshm_value values[] = {v_int(1), v_str("a"), v_int(2), v_int(1)};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list));
    list->formats[damaged] = UINT64_MAX;
    return list;
}

TEST(search, count_needs_every_item)
{
    polyshm_list *list = create_damaged(2);
    const polyshm_value value = v_int(1);
    uint64_t count = 4711;
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 2", polyshm_list_count(list, &value, &count));
    cr_assert_eq(count, 4711);
    list_drop(list);
}

TEST(search, index_needs_the_items_before_the_one_it_finds)
{
    polyshm_list *list = create_damaged(2);
    const polyshm_value before = v_str("a"), behind = v_int(3);
    int64_t index = 4711;
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 2", polyshm_list_index(list, &behind, &index));
    cr_assert_eq(index, 4711);
    EXPECT_OK(polyshm_list_index(list, &before, &index));
    cr_assert_eq(index, 1);
    list_drop(list);
}

TEST(search, format_gives_what_stands_there)
{
    polyshm_list *list = create_damaged(0);
    char formats[33];
    uint64_t size;
    memcpy(list->formats,
           "xxxxxxx?"
           "8s\0\0\0\0\0\0"
           "q\0q\0\0\0\0\0"
           "xxxxxxx?",
           32);
    EXPECT_OK(polyshm_list_format(list, formats, sizeof formats, &size));
    cr_assert_str_eq(formats, "xxxxxxx?8sqxxxxxxx?");
    cr_assert_eq(size, strlen(formats));
    list_drop(list);
}

TEST(search, format_stays_inside_its_buffer)
{
    polyshm_list *list = create_damaged(0);
    for (uint64_t i = 0; i < 4; i++)
        list->formats[i] = UINT64_MAX;
    for (uint64_t capacity = 0; capacity <= 40; capacity++) {
        char formats[41];
        uint64_t size = 4711;
        memset(formats, 1, sizeof formats);
        int32_t status = polyshm_list_format(list, formats, capacity, &size);
        cr_expect_eq(status, capacity > 32 ? POLYSHM_OK : POLYSHM_ENOBUFS, "%d bytes", (int)capacity);
        cr_expect_eq(size, capacity > 32 ? 32 : 4711);
        for (size_t i = capacity; i < sizeof formats; i++)
            cr_expect_eq(formats[i], 1, "byte %zu of %d was written", i, (int)capacity);
    }
    list_drop(list);
}
