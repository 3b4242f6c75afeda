/* Lists as blocks: none, many items, and blocks that are no list or a damaged one. */
#include <stdlib.h>

#include "areas.h"
#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { MANY = 1000000 };

TEST(blocks, a_list_may_have_no_items)
{
    polyshm_list *list, *other;
    polyshm_value value;
    uint64_t length = 4711;
    EXPECT_OK(polyshm_list_create(NAME, NULL, 0, 0, 0, 0, &list));
    cr_assert_eq(block_size(NAME), area_offset(16) + area_size(0, 0));
    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &other));
    EXPECT_OK(polyshm_list_length(other, &length));
    cr_assert_eq(length, 0);
    EXPECT_STATUS(POLYSHM_EINDEX, polyshm_list_get(other, 0, NULL, 0, &value));
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
    polyshm_list_unref(other);
}

TEST(blocks, a_list_may_have_a_million_items)
{
    polyshm_value *values = malloc(MANY * sizeof *values), *found = malloc(MANY * sizeof *found);
    polyshm_list *list, *other;
    uint64_t length;
    for (int64_t i = 0; i < MANY; i++)
        values[i] = i % 3 ? v_int(i) : v_str_of("text", (uint64_t)i % 5);
    EXPECT_OK(polyshm_list_create(NAME, values, MANY, 0, 0, 0, &list));
    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &other));
    EXPECT_OK(polyshm_list_length(other, &length));
    cr_assert_eq(length, MANY);

    char *buffer = malloc(MANY * 4);
    EXPECT_OK(polyshm_list_read(other, 0, MANY, buffer, MANY * 4, found));
    for (int64_t i = 0; i < MANY; i++)
        cr_assert(value_is(&found[i], &values[i]), "item %d", (int)i);
    int64_t index;
    EXPECT_OK(polyshm_list_index(other, &values[MANY - 2], &index));
    cr_assert_eq(index, MANY - 2);
    EXPECT_OK(polyshm_list_write(other, 0, values, MANY));

    free(buffer);
    free(values);
    free(found);
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
    polyshm_list_unref(other);
}

/* The stock part of [7, 'text']. */
enum { IMAGE_SIZE = 66 };

/* Its bytes, followed by room for more. */
typedef struct {
    uint64_t words[16];
    uint64_t size;
} image;

static image make_image(void)
{
    const polyshm_value values[] = {v_int(7), v_str("text")};
    image made = {.size = 0};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &list));
    made.size = block_read(NAME, made.words, IMAGE_SIZE);
    cr_assert_eq(made.size, IMAGE_SIZE);
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
    return made;
}

static void expect_refused(const void *bytes, size_t size, int32_t expected)
{
    polyshm_list *const untouched = (polyshm_list *)0x1234, *list = untouched;
    block_make(NAME, bytes, size);
    EXPECT_FAILURE(expected, NAME, polyshm_list_attach(NAME, 0, 0, &list));
    cr_assert_eq(list, untouched);
    cr_assert_eq(block_size(NAME), size, "a failed attach changes nothing");
    block_remove(NAME);
}

TEST(blocks, a_list_that_is_cut_short_is_none)
{
    image whole = make_image();
    for (size_t size = 1; size < whole.size; size++)
        if (size != 8)
            expect_refused(whole.words, size, POLYSHM_ENOTLIST);
}

TEST(blocks, a_list_may_be_followed_by_other_bytes)
{
    image whole = make_image();
    for (size_t size = whole.size; size <= sizeof whole.words; size++) {
        polyshm_list *list;
        block_make(NAME, whole.words, size);
        EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &list));
        polyshm_list_unref(list);
    }
    block_remove(NAME);
}

TEST(blocks, what_is_no_list_is_refused)
{
    static const char text[] = "This is no list, but a text of some length that stands in a block.";
    uint64_t ones[8];
    memset(ones, 0xFF, sizeof ones);
    expect_refused(text, sizeof text, POLYSHM_ENOTLIST);
    expect_refused(ones, sizeof ones, POLYSHM_ENOTLIST);
    expect_refused("x", 1, POLYSHM_ENOTLIST);
}

TEST(blocks, zeros_larger_than_an_empty_list_are_none_after_a_while)
{
    static const char zeros[64];
    expect_refused(zeros, sizeof zeros, POLYSHM_ENOTLIST);
}

TEST(blocks, a_header_that_does_not_fit_is_refused)
{
    static const uint64_t wrong[] = {3, 1000, UINT64_MAX, UINT64_C(1) << 63, UINT64_MAX / 8, UINT64_MAX / 25};
    for (size_t place = 0; place < 4; place++)
        for (size_t i = 0; i < COUNT_OF(wrong); i++) {
            image damaged = make_image();
            damaged.words[place] = wrong[i];
            expect_refused(damaged.words, damaged.size, POLYSHM_ENOTLIST);
        }
}

TEST(blocks, a_list_of_cpython_38_is_named)
{
    /* One number and one text, whose sizes stand where the offsets are now. */
    static const uint64_t older[] = {2, 8, 8, 7, 'a', 'q', '8' | 's' << 8, 0x0100};
    expect_refused(older, 7 * 8 + 2, POLYSHM_ELAYOUT);
    cr_assert(strstr(polyshm_error_message(), "3.8"));
}

TEST(blocks, an_item_that_is_damaged_later_is_an_error_at_that_item_only)
{
    image whole = make_image();
    polyshm_list *list;
    polyshm_value found;
    char text[8];
    block_make(NAME, whole.words, whole.size);
    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &list));
    block_write(NAME, 8 * 4 + 16 + 8, "garbage!", 8);
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "item 1", polyshm_list_get(list, 1, text, sizeof text, &found));
    EXPECT_OK(polyshm_list_get(list, 0, text, sizeof text, &found));
    EXPECT_VALUE(v_int(7), found);
    block_write(NAME, 0, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16);
    EXPECT_OK(polyshm_list_get(list, 0, text, sizeof text, &found));
    EXPECT_VALUE(v_int(7), found);
    block_remove(NAME);
    polyshm_list_unref(list);
}
