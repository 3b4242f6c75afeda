/* Damaged lists in blocks, through the public functions: errors and wrong values, and no crash. */
#include <stdlib.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "samples.h"
#include "walk.h"

#define NAME test_name(0)

static uint64_t whole[SAMPLE_WORDS], damaged[SAMPLE_WORDS];
static size_t size;
static int lists, errors;

static void note(int32_t status)
{
    cr_assert(status <= 0, "%d", status);
    errors += status != POLYSHM_OK;
}

static void use_item(polyshm_list *list, int64_t index)
{
    const polyshm_value value = v_str("text");
    polyshm_value found;
    uint64_t capacity;
    int32_t type;
    EXPECT_OK(polyshm_list_capacity(list, index, 1, &capacity));
    char *buffer = malloc(capacity);
    note(polyshm_list_type(list, index, &type));
    note(polyshm_list_get(list, index, buffer, capacity, &found));
    EXPECT_OK(polyshm_list_set(list, index, &value));
    EXPECT_OK(polyshm_list_get(list, index, buffer, capacity, &found));
    EXPECT_VALUE(value, found);
    free(buffer);
}

static void use_list(polyshm_list *list)
{
    const polyshm_value value = v_int(-7);
    polyshm_value found[32];
    uint64_t length, capacity, count;
    int64_t index;
    EXPECT_OK(polyshm_list_length(list, &length));
    cr_assert(length <= COUNT_OF(found));
    EXPECT_OK(polyshm_list_capacity(list, 0, length, &capacity));
    char *buffer = malloc(capacity), *formats = malloc(8 * length + 1);
    note(polyshm_list_read(list, 0, length, buffer, capacity, found));
    note(polyshm_list_count(list, &value, &count));
    note(polyshm_list_index(list, &value, &index));
    EXPECT_OK(polyshm_list_format(list, formats, 8 * length + 1, &count));
    free(formats);
    free(buffer);
    for (index = 0; index < (int64_t)length; index++)
        use_item(list, index);
}

/* Attaches to the damaged bytes. Those that look unfilled are left out: attaching would wait for their creator. */
static void attach_and_use(void)
{
    uint64_t copy[SAMPLE_WORDS];
    polyshm_list *list;
    memcpy(copy, damaged, size);
    int32_t expected = walk(copy, size);
    if (expected == POLYSHM_EEMPTY || damaged[0] == 0)
        return;
    block_write(NAME, 0, damaged, size);
    EXPECT_STATUS(expected, polyshm_list_attach(NAME, 0, 0, &list));
    if (expected)
        return;
    lists++;
    use_list(list);
    polyshm_list_unref(list);
}

static void set_up(void)
{
    size = sample_make(whole);
    block_make(NAME, whole, size);
}

static void tear_down(void)
{
    cr_assert(lists > 100 && errors > 100, "%d lists, %d errors", lists, errors);
    block_remove(NAME);
}

TEST(damage, to_any_byte_is_an_error_or_a_wrong_value)
{
    static const unsigned char changes[] = {0x01, 0x08, 0x10, 0x40, 0x80, 0xFF};
    set_up();
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; i < COUNT_OF(changes); i++) {
            memcpy(damaged, whole, size);
            ((unsigned char *)damaged)[at] ^= changes[i];
            attach_and_use();
        }
    tear_down();
}

TEST(damage, to_any_word_is_an_error_or_a_wrong_value)
{
    set_up();
    for (size_t at = 0; at < size / 8; at++)
        for (size_t i = 0; i < sample_words_count; i++) {
            memcpy(damaged, whole, size);
            damaged[at] = sample_words[i];
            attach_and_use();
        }
    tear_down();
}
