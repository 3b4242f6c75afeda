/* Add, and compare and exchange, of items that somebody damaged, and inside a lock. */
#include "expect.h"
#include "leaks.h"
#include "list.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

TEST(atomic, a_damaged_item_is_not_touched_and_the_lock_is_given_back)
{
    polyshm_list *list = list_make();
    const polyshm_value seven = v_int(7), eight = v_int(8);
    int64_t sum = 4711;
    int32_t exchanged = 4711;
    list->formats[0] = UINT64_MAX;
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 0", polyshm_list_add(list, 0, 1, &sum));
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 0", polyshm_list_compare_exchange(list, 0, &seven, &eight, &exchanged));
    cr_assert(sum == 4711 && exchanged == 4711);
    cr_assert_eq(*pshmi_list_item(list, 0).slot, 7);
    cr_assert_eq(list->lock.area.state->lock, 0);
    cr_assert_eq(list->lock.area.state->version, 0);
    list_drop(list);
}

TEST(atomic, a_text_that_is_no_utf8_differs_from_every_number)
{
    polyshm_list *list = list_make();
    const polyshm_value none = v_none();
    int32_t exchanged = 4711;
    *pshmi_list_item(list, 1).slot = UINT64_MAX;
    EXPECT_OK(polyshm_list_compare_exchange(list, 1, &none, &none, &exchanged));
    cr_assert_eq(exchanged, 0);
    EXPECT_STATUS(POLYSHM_ETYPE, polyshm_list_add(list, 1, 1, NULL));
    list_drop(list);
}

TEST(atomic, inside_a_lock_the_version_moves_with_its_end)
{
    polyshm_list *list = list_make();
    int64_t sum;
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_add(list, 0, 1, &sum));
    EXPECT_OK(polyshm_list_add(list, 0, 1, &sum));
    cr_assert_eq(sum, 9);
    cr_assert_eq(list->lock.area.state->version, 1);
    cr_assert_eq(list->lock.area.versions[0], 4);
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert_eq(list->lock.area.state->version, 2);
    list_drop(list);
}
