/* Where everything is in a list's block: measured, written, and checked before it is believed. */
#include "geometry.h"

#include <stdlib.h>

#include "expect.h"
#include "format.h"
#include "leaks.h"
#include "source.h"

enum { ITEMS = 16, WORDS = 64 };

static uint64_t width_of(polyshm_value value, uint64_t spare)
{
    uint64_t offsets[2], bad = 4711;
    pshmi_geometry geometry;
    pshmi_verdict verdict = pshmi_geometry_measure(&value, 1, spare, offsets, &geometry, &bad);
    cr_assert_eq(verdict.status, POLYSHM_OK, "%s: %s", value_show(&value), verdict.why);
    cr_assert_eq(bad, 4711);
    return offsets[1] - offsets[0];
}

static polyshm_value bytes_long(uint64_t size)
{
    static char data[PSHMI_FORMAT_SIZE_MAX];
    memset(data, 'b', sizeof data);
    return v_bytes_of(data, size);
}

TEST(geometry, a_slot_is_as_wide_as_cpythons)
{
    static const uint64_t widths[][2] = {{0, 8}, {1, 8}, {7, 8}, {8, 16}, {15, 16}, {16, 24}, {9999991, 9999992}};
    for (size_t i = 0; i < COUNT_OF(widths); i++)
        cr_expect_eq(width_of(bytes_long(widths[i][0]), 0), widths[i][1], "%d bytes", (int)widths[i][0]);
    cr_expect_eq(width_of(v_none(), 0), 8);
    cr_expect_eq(width_of(v_bool(true), 0), 8);
    cr_expect_eq(width_of(v_int(1), 0), 8);
    cr_expect_eq(width_of(v_float(1), 0), 8);
}

TEST(geometry, a_text_that_just_fills_cpythons_slot_gets_no_larger_one)
{
    cr_expect_eq(width_of(v_str("encod\u00e9s"), 0), 8, "7 characters, 8 bytes");
    cr_expect_eq(width_of(v_str("\u00e9\u00e9\u00e9\u00e9"), 0), 8, "4 characters, 8 bytes");
    cr_expect_eq(width_of(v_str("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"), 0), 16, "8 characters, 16 bytes");
    cr_expect_eq(width_of(v_str("\u20ac\u20ac\u20ac\u20ac\u20ac1"), 0), 24, "6 characters, 16 bytes");
    cr_expect_eq(width_of(v_str("encod\u00e9s"), 1), 16, "and a spare byte");
}

TEST(geometry, spare_bytes_widen_what_can_become_longer)
{
    cr_expect_eq(width_of(v_bytes(""), 7), 8);
    cr_expect_eq(width_of(v_bytes(""), 8), 16);
    cr_expect_eq(width_of(v_str("1234567"), 1), 16);
    cr_expect_eq(width_of(v_none(), 20), 24);
    cr_expect_eq(width_of(v_none(), 9999991), 9999992);
    cr_expect_eq(width_of(v_int(1), 1000), 8);
    cr_expect_eq(width_of(v_float(1), 1000), 8);
    cr_expect_eq(width_of(v_bool(true), 1000), 8);
}

static void expect_too_long(polyshm_value value, uint64_t spare)
{
    uint64_t offsets[4], bad = 4711;
    const polyshm_value values[] = {v_int(1), v_int(2), value};
    pshmi_geometry geometry;
    pshmi_verdict verdict = pshmi_geometry_measure(values, 3, spare, offsets, &geometry, &bad);
    cr_expect_eq(verdict.status, POLYSHM_ETOOLONG, "%d + %d bytes", (int)value.size, (int)spare);
    cr_expect_eq(bad, 2);
}

TEST(geometry, a_value_and_its_spare_bytes_must_fit_a_slot)
{
    expect_too_long(bytes_long(9999992), 0);
    expect_too_long(bytes_long(9999991), 1);
    expect_too_long(bytes_long(1), 9999991);
    expect_too_long(v_none(), 9999992);
}

TEST(geometry, the_first_bad_value_is_named)
{
    uint64_t offsets[4], bad = 4711;
    const polyshm_value values[] = {v_int(1), v_str("\xFF"), {.type = 99}};
    pshmi_geometry geometry;
    cr_expect_eq(pshmi_geometry_measure(values, 3, 0, offsets, &geometry, &bad).status, POLYSHM_EUTF8);
    cr_expect_eq(bad, 1);
}

/* Writes the header of a list of these values, and a format for the last, into words. */
static pshmi_geometry make_block(const polyshm_value *values, uint64_t count, uint64_t words[WORDS])
{
    static uint64_t offsets[ITEMS + 1];
    uint64_t bad;
    pshmi_geometry geometry;
    cr_assert_eq(pshmi_geometry_measure(values, count, 0, offsets, &geometry, &bad).status, POLYSHM_OK);
    cr_assert(geometry.size <= WORDS * 8);
    memset(words, 0, WORDS * 8);
    pshmi_geometry_write(&geometry, words);
    if (count)
        words[geometry.formats / 8 + count - 1] = PSHMI_FORMAT_INT64;
    return geometry;
}

static pshmi_geometry make_example(uint64_t words[WORDS])
{
    const polyshm_value values[] = {v_int(7), v_str("h\xC3\xA9"), v_bytes("eight by"), v_none()};
    return make_block(values, 4, words);
}

/* Reads the geometry of a block that has exactly so many bytes of these words. */
static int32_t read_block(const uint64_t *words, uint64_t size, pshmi_geometry *geometry, uint64_t offsets[ITEMS + 1])
{
    uint64_t count, *block = malloc(size ? size : 1);
    memcpy(block, words, size);
    const pshmi_source source = source_of(block, size);
    pshmi_verdict verdict = pshmi_geometry_peek(&source, &count);
    if (!verdict.status) {
        cr_assert(count <= ITEMS);
        verdict = pshmi_geometry_read(&source, count, offsets, geometry);
    }
    free(block);
    return verdict.status;
}

static void expect_read(const uint64_t *words, uint64_t size, int32_t expected)
{
    pshmi_geometry geometry;
    uint64_t offsets[ITEMS + 1];
    int32_t status = read_block(words, size, &geometry, offsets);
    cr_assert_eq(status, expected, "%d bytes: %s, not %s", (int)size, polyshm_status_name(status),
                 polyshm_status_name(expected));
}

TEST(geometry, is_read_as_it_was_written)
{
    pshmi_geometry found;
    uint64_t words[WORDS], offsets[ITEMS + 1];
    pshmi_geometry made = make_example(words);
    cr_assert_eq(made.data, 8 * 6);
    cr_assert_eq(made.formats, made.data + 8 + 8 + 16 + 8);
    cr_assert_eq(made.kinds, made.formats + 8 * 4);
    cr_assert_eq(made.size, made.kinds + 4);
    for (uint64_t larger = 0; larger < 64; larger++) {
        cr_assert_eq(read_block(words, made.size + larger, &found, offsets), POLYSHM_OK);
        cr_expect(found.count == 4 && found.data == made.data && found.formats == made.formats);
        cr_expect(found.kinds == made.kinds && found.size == made.size && found.offsets == offsets);
        cr_expect_arr_eq(found.offsets, made.offsets, 5 * sizeof *offsets);
    }
}

TEST(geometry, an_empty_list_has_16_bytes)
{
    pshmi_geometry found;
    uint64_t words[WORDS], offsets[ITEMS + 1];
    cr_assert_eq(make_block(NULL, 0, words).size, 16);
    cr_assert_eq(read_block(words, 16, &found, offsets), POLYSHM_OK);
    cr_assert_eq(found.count, 0);
}

TEST(geometry, a_block_that_is_cut_short_is_no_list)
{
    uint64_t words[WORDS], size = make_example(words).size;
    for (uint64_t cut = 0; cut < size; cut++)
        if (cut != 8)
            expect_read(words, cut, POLYSHM_ENOTLIST);
}

TEST(geometry, one_item_takes_41_bytes)
{
    const polyshm_value value = v_int(7);
    uint64_t words[WORDS];
    cr_assert_eq(make_block(&value, 1, words).size, 41);
    for (uint64_t size = 16; size < 41; size++)
        expect_read(words, size, POLYSHM_ENOTLIST);
    expect_read(words, 41, POLYSHM_OK);
}

TEST(geometry, an_item_count_that_does_not_fit_is_refused)
{
    uint64_t words[WORDS], size = make_example(words).size;
    static const uint64_t counts[] = {5,
                                      6,
                                      ITEMS,
                                      1000,
                                      INT64_MAX,
                                      UINT64_C(1) << 63,
                                      UINT64_MAX,
                                      UINT64_MAX / 8,
                                      UINT64_MAX / 8 + 1,
                                      UINT64_MAX / 17,
                                      UINT64_MAX / 25};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        words[0] = counts[i];
        expect_read(words, size, POLYSHM_ENOTLIST);
    }
}

TEST(geometry, an_offset_that_does_not_ascend_within_the_block_is_refused)
{
    uint64_t words[WORDS], size = make_example(words).size;
    static const uint64_t wrong[] = {0, 1, 4, 7, 1 << 20, INT64_MAX - 7, UINT64_MAX - 7, UINT64_MAX, UINT64_C(1) << 63};
    for (size_t place = 1; place < 6; place++)
        for (size_t i = 0; i < COUNT_OF(wrong); i++) {
            uint64_t old = words[place];
            words[place] = wrong[i];
            expect_read(words, size, wrong[i] == old ? POLYSHM_OK : POLYSHM_ENOTLIST);
            words[place] = old;
        }
}

TEST(geometry, a_block_that_nobody_has_filled_says_so)
{
    uint64_t words[WORDS];
    pshmi_geometry made = make_example(words);
    words[made.formats / 8 + 3] = 0;
    expect_read(words, made.size, POLYSHM_EEMPTY);
}

TEST(geometry, zeros_may_be_an_empty_list_with_something_behind_it)
{
    uint64_t empty[WORDS] = {0};
    expect_read(empty, 17, POLYSHM_OK);
    expect_read(empty, sizeof empty, POLYSHM_OK);
}

TEST(geometry, a_list_of_cpython_38_is_named)
{
    /* Two items, of 8 and 16 bytes: the sizes stand where the offsets are now. */
    uint64_t words[WORDS] = {2, 8, 16, 7, 'a', 0, PSHMI_FORMAT_INT64, PSHMI_FORMAT_WORD('1', '6', 's', 0, 0, 0, 0, 0)};
    uint64_t size = 8 * (1 + 2 + 3 + 2) + 2, empty[1] = {0};
    words[8] = 0x0100;
    expect_read(words, size, POLYSHM_ELAYOUT);
    expect_read(words, size + 100, POLYSHM_ELAYOUT);
    expect_read(words, size - 1, POLYSHM_ENOTLIST);
    words[1] = 12;
    expect_read(words, size, POLYSHM_ENOTLIST);
    expect_read(empty, 8, POLYSHM_ELAYOUT);
}

TEST(geometry, one_item_of_cpython_38_is_named)
{
    uint64_t words[WORDS] = {1, 8, 42, PSHMI_FORMAT_INT64, 0};
    expect_read(words, 33, POLYSHM_ELAYOUT);
}

/* Offsets are read and checked 65,536 at a time. */
TEST(geometry, of_a_long_list_is_checked_to_its_end)
{
    static const uint64_t places[] = {0, 1, 65534, 65535, 65536, 65537, 131071, 131072, 140000};
    const uint64_t count = 140000;
    polyshm_value *values = calloc(count, sizeof *values);
    uint64_t bad, *offsets = calloc(count + 1, sizeof *offsets);
    pshmi_geometry made, found;
    cr_assert_eq(pshmi_geometry_measure(values, count, 0, offsets, &made, &bad).status, POLYSHM_OK);
    uint64_t *block = calloc(1, made.size);
    pshmi_geometry_write(&made, block);
    block[made.formats / 8 + count - 1] = PSHMI_FORMAT_NONE;
    const pshmi_source source = source_of(block, made.size);
    cr_assert_eq(pshmi_geometry_read(&source, count, offsets, &found).status, POLYSHM_OK);
    cr_assert(found.size == made.size && found.largest == 8);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        block[1 + places[i]] += 8;
        cr_expect_eq(pshmi_geometry_read(&source, count, offsets, &found).status, POLYSHM_ENOTLIST, "%d",
                     (int)places[i]);
        block[1 + places[i]] -= 8;
    }
    free(values);
    free(offsets);
    free(block);
}

/* A block of which only so many bytes can be read. */
typedef struct {
    const uint64_t *words;
    uint64_t readable;
} part;

static int32_t read_part(const void *block, uint64_t offset, void *data, uint64_t size)
{
    const part *from = block;
    return offset + size > from->readable ? POLYSHM_ESYSTEM : source_read(from->words, offset, data, size);
}

TEST(geometry, what_cannot_be_read_is_the_verdict_without_words)
{
    pshmi_geometry geometry;
    uint64_t count, words[WORDS], offsets[ITEMS + 1];
    pshmi_geometry made = make_example(words);
    part some = {words, 0};
    const pshmi_source source = {read_part, &some, made.size};
    for (; some.readable < made.kinds; some.readable++) {
        pshmi_verdict verdict = pshmi_geometry_peek(&source, &count);
        if (!verdict.status)
            verdict = pshmi_geometry_read(&source, count, offsets, &geometry);
        cr_assert(verdict.status == POLYSHM_ESYSTEM && !verdict.why, "%d bytes", (int)some.readable);
    }
    cr_assert_eq(pshmi_geometry_read(&source, count, offsets, &geometry).status, POLYSHM_OK);
}
