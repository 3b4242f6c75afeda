/* The sync area behind a list: its bytes, its bound, and what is refused. */
#include <math.h>
#include <stdlib.h>

#include "areas.h"
#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

/* [7, 'text'] has 66 bytes in the stock layout, and slots of 8 bytes. */
enum { ITEMS = 2, STOCK_SIZE = 66, WIDEST = 8, AREA = 128, BLOCK_SIZE = AREA + 2192 + 48 + 64 + 8 };

/* Leaves a block of that list, without a handle on it. */
static void make_block(char bytes[BLOCK_SIZE])
{
    polyshm_list *list = list_make();
    cr_assert_eq(block_read(NAME, bytes, BLOCK_SIZE), BLOCK_SIZE);
    list_drop(list);
    block_make(NAME, bytes, BLOCK_SIZE);
}

TEST(areas, have_the_bytes_of_the_layout)
{
    char bytes[BLOCK_SIZE];
    const struct {
        char magic[8];
        uint32_t version, participants;
        uint64_t items, copy_size, size;
    } header = {{'p', 's', 'h', 's', 'y', 'n', 'c', '1'}, 1, 1024, ITEMS, WIDEST, BLOCK_SIZE - AREA};
    make_block(bytes);
    cr_assert_eq(area_offset(STOCK_SIZE), AREA);
    cr_assert_eq(AREA + area_size(ITEMS, WIDEST), BLOCK_SIZE);
    cr_assert_eq(block_status(NAME).st_size, BLOCK_SIZE);
    cr_assert_eq(memcmp(bytes + AREA, &header, sizeof header), 0);
    for (size_t i = STOCK_SIZE; i < BLOCK_SIZE; i++)
        cr_assert(bytes[i] == 0 || (i >= AREA && i < AREA + sizeof header), "byte %zu", i);
    block_remove(NAME);
}

TEST(areas, are_within_their_bound)
{
    static const uint64_t counts[] = {0, 1, 63, 64, 65, 100000};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        polyshm_value *values = calloc(counts[i] + 1, sizeof *values);
        polyshm_list *list;
        for (uint64_t k = 0; k < counts[i]; k++)
            values[k] = v_int(1);
        EXPECT_OK(polyshm_list_create(NAME, values, counts[i], 0, 0, 0, &list));
        uint64_t stock_size = 16 + 25 * counts[i];
        cr_assert_leq((uint64_t)block_status(NAME).st_size, stock_size + 8192 + 8 * counts[i] + 8);
        list_drop(list);
        free(values);
    }
}

TEST(areas, keep_lock_and_versions_where_the_layout_says)
{
    char bytes[BLOCK_SIZE];
    uint32_t lock;
    uint64_t version, item_version;
    polyshm_list *list = list_make();
    const polyshm_value value = v_int(8);
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_set(list, 0, &value));
    block_read(NAME, bytes, sizeof bytes);
    memcpy(&lock, bytes + AREA + AREA_LOCK, sizeof lock);
    memcpy(&version, bytes + AREA + AREA_VERSION, sizeof version);
    memcpy(&item_version, bytes + AREA + AREA_VERSIONS, sizeof item_version);
    uint32_t number = (lock >> 16) - 1;
    cr_assert(number < 1024 && (lock & 0xFFFF) == 1, "the lock is %08x", lock);
    cr_assert_eq(bytes[AREA + AREA_GENERATIONS + 2 * number], 1);
    cr_assert(version == 1 && item_version == 2);
    EXPECT_OK(polyshm_list_unlock(list));
    block_read(NAME, bytes, sizeof bytes);
    cr_assert_eq(memcmp(bytes + AREA + AREA_LOCK, "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0", 16), 0);
    list_drop(list);
}

static void expect_no_area(polyshm_list *list)
{
    polyshm_value found[ITEMS];
    const polyshm_value seven = v_int(7), eight = v_int(8);
    char text[8];
    uint64_t version = 4711;
    int64_t sum = 4711;
    int32_t exchanged = 4711;
    cr_assert_eq(polyshm_list_is_synchronized(list), 0);
    EXPECT_FAILURE(POLYSHM_ENOSYNC, "stock CPython", polyshm_list_lock(list, 0));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_unlock(list));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_add(list, 0, 1, &sum));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_compare_exchange(list, 0, &seven, &eight, &exchanged));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_version(list, &version));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_item_version(list, 0, &version));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_wait(list, 0, INFINITY, &version));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_wait_item(list, 0, 0, INFINITY, &version));
    EXPECT_STATUS(POLYSHM_ENOSYNC, polyshm_list_snapshot(list, text, sizeof text, found, &version));
    cr_assert(version == 4711 && sum == 4711 && exchanged == 4711);
    EXPECT_OK(polyshm_list_set_timeout(list, 1));
}

static void expect_use(polyshm_list *list)
{
    polyshm_value found[ITEMS];
    const polyshm_value eight = v_int(8), word = v_str("word"), none = v_none();
    char text[8];
    EXPECT_OK(polyshm_list_set(list, 0, &none));
    EXPECT_OK(polyshm_list_set(list, 0, &eight));
    EXPECT_OK(polyshm_list_write(list, 1, &word, 1));
    EXPECT_OK(polyshm_list_read(list, 0, ITEMS, text, sizeof text, found));
    EXPECT_VALUE(eight, found[0]);
    EXPECT_VALUE(word, found[1]);
}

TEST(areas, are_missing_in_lists_of_a_stock_cpython_which_are_served_without)
{
    char bytes[BLOCK_SIZE], after[BLOCK_SIZE];
    make_block(bytes);
    for (size_t size = STOCK_SIZE; size < AREA + 64; size++) { /* up to a header that is cut short */
        block_make(NAME, bytes, size);
        polyshm_list *list = list_attach();
        expect_no_area(list);
        expect_use(list);
        polyshm_list_unref(list);
        cr_assert_eq(block_read(NAME, after, sizeof after), size);
        cr_assert_eq(memcmp(after + STOCK_SIZE, bytes + STOCK_SIZE, size - STOCK_SIZE), 0);
    }
    bytes[AREA + AREA_MAGIC] = 'P';
    block_make(NAME, bytes, BLOCK_SIZE);
    polyshm_list *list = list_attach();
    expect_no_area(list);
    expect_use(list);
    list_drop(list);
}

static void expect_refused(const char *words)
{
    polyshm_list *list = NULL;
    EXPECT_FAILURE(POLYSHM_ELAYOUT, words, polyshm_list_attach(NAME, 0, 0, &list));
    EXPECT_FAILURE(POLYSHM_ELAYOUT, NAME, polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &list));
    cr_assert_null(list);
}

TEST(areas, of_another_version_are_refused)
{
    static const uint32_t versions[] = {0, 2, UINT32_MAX};
    char bytes[BLOCK_SIZE];
    make_block(bytes);
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        block_write(NAME, AREA + AREA_LAYOUT, &versions[i], sizeof *versions);
        expect_refused("another version");
    }
    block_remove(NAME);
}

TEST(areas, that_do_not_fit_the_list_are_refused)
{
    static const size_t places[] = {AREA_PARTICIPANTS, AREA_COUNT, AREA_COPY_SIZE};
    static const unsigned char wrong[] = {0, 1, 0x7F, 0xFF};
    char bytes[BLOCK_SIZE];
    make_block(bytes);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        for (size_t k = 0; k < COUNT_OF(wrong); k++) {
            block_write(NAME, AREA + places[i] + k % 4, &wrong[k], 1);
            if ((unsigned char)bytes[AREA + places[i] + k % 4] != wrong[k])
                expect_refused("does not fit");
            block_make(NAME, bytes, BLOCK_SIZE);
        }
    block_remove(NAME);
}

TEST(areas, that_are_cut_short_are_refused)
{
    char bytes[BLOCK_SIZE];
    make_block(bytes);
    for (size_t size = AREA + 64; size < BLOCK_SIZE; size += size < BLOCK_SIZE - 80 ? 61 : 1) {
        block_make(NAME, bytes, size);
        expect_refused("does not fit");
    }
    block_remove(NAME);
}

TEST(areas, are_in_every_list_of_ours)
{
    polyshm_list *list = list_make(), *other = list_attach(), *reader, *empty;
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    EXPECT_OK(polyshm_list_create(test_name(1), NULL, 0, 0, 0, POLYSHM_SEGMENT_SPARSE, &empty));
    cr_assert_eq(polyshm_list_is_synchronized(list), 1);
    cr_assert_eq(polyshm_list_is_synchronized(other), 1);
    cr_assert_eq(polyshm_list_is_synchronized(reader), 1);
    cr_assert_eq(polyshm_list_is_synchronized(empty), 1);
    cr_assert_eq(polyshm_list_is_synchronized(NULL), 0);
    EXPECT_OK(polyshm_list_lock(empty, 0));
    EXPECT_OK(polyshm_list_unlock(empty));
    EXPECT_OK(polyshm_list_snapshot(empty, NULL, 0, NULL, NULL));
    EXPECT_OK(polyshm_list_unlink(empty));
    polyshm_list_unref(empty);
    polyshm_list_unref(other);
    polyshm_list_unref(reader);
    list_drop(list);
}
