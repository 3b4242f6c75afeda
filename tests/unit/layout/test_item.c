/* Items: what format, kind and slot say together. */
#include "item.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "expect.h"
#include "format.h"
#include "leaks.h"

/* An item in memory of its own. Its slot has exactly its width, so that a sanitizer sees an access beyond it. */
typedef struct {
    pshmi_item item;
    uint64_t format;
    uint8_t kind;
} place;

static place *make(uint64_t width)
{
    place *made = calloc(1, sizeof *made);
    made->item = (pshmi_item){calloc(1, width), width, &made->format, &made->kind};
    return made;
}

static void drop(place *made)
{
    free(made->item.slot);
    free(made);
}

static void expect_get(const place *made, polyshm_value expected)
{
    char *buffer = malloc(expected.size ? expected.size : 1);
    polyshm_value found;
    pshmi_verdict verdict = pshmi_item_get(&made->item, buffer, expected.size, &found);
    cr_assert_eq(verdict.status, POLYSHM_OK, "%s: %s", value_show(&expected), verdict.why);
    EXPECT_VALUE(expected, found);
    free(buffer);
}

static void expect_fields(const place *made, const char *format, uint8_t kind)
{
    char found[9] = "";
    memcpy(found, &made->format, 8);
    cr_expect_str_eq(found, format);
    cr_expect_eq(made->kind, kind, "%s: kind %d, not %d", format, made->kind, kind);
}

/* Sets the value in a slot of the width that it has in a new list, and looks at everything. */
static void expect_stored(polyshm_value value, const char *format, uint8_t kind, const char *slot)
{
    place *made = make(value.size / 8 * 8 + 8);
    pshmi_item_set(&made->item, &value);
    expect_fields(made, format, kind);
    cr_expect_eq(memcmp(made->item.slot, slot, made->item.width), 0, "%s", value_show(&value));
    expect_get(made, value);
    drop(made);
}

TEST(item, numbers_are_stored_as_cpython_does)
{
    expect_stored(v_int(0), "q", 0, "\0\0\0\0\0\0\0\0");
    expect_stored(v_int(-2), "q", 0, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    expect_stored(v_int(INT64_MIN), "q", 0, "\0\0\0\0\0\0\0\x80");
    expect_stored(v_float(-1.5), "d", 0, "\0\0\0\0\0\0\xF8\xBF");
    expect_stored(v_float(NAN), "d", 0, "\0\0\0\0\0\0\xF8\x7F");
    expect_stored(v_float(-0.0), "d", 0, "\0\0\0\0\0\0\0\x80");
    expect_stored(v_float(5e-324), "d", 0, "\1\0\0\0\0\0\0\0");
    expect_stored(v_float(INFINITY), "d", 0, "\0\0\0\0\0\0\xF0\x7F");
    expect_stored(v_bool(true), "xxxxxxx?", 0, "\0\0\0\0\0\0\0\1");
    expect_stored(v_bool(false), "xxxxxxx?", 0, "\0\0\0\0\0\0\0\0");
    expect_stored(v_none(), "xxxxxx?x", 3, "\0\0\0\0\0\0\0\0");
}

TEST(item, texts_and_bytes_are_stored_as_cpython_does)
{
    expect_stored(v_str(""), "8s", 1, "\0\0\0\0\0\0\0\0");
    expect_stored(v_str("h\xC3\xA9"), "8s", 1, "h\xC3\xA9\0\0\0\0\0");
    expect_stored(v_str("12345678"), "16s", 1, "12345678\0\0\0\0\0\0\0\0");
    expect_stored(v_bytes("xyz"), "8s", 2, "xyz\0\0\0\0\0");
    expect_stored(v_bytes_of("a\0b", 3), "8s", 2, "a\0b\0\0\0\0\0");
}

TEST(item, nuls_at_the_end_are_kept_by_an_exact_format)
{
    expect_stored(v_str_of("a\0\0", 3), "3s ", 1, "a\0\0\0\0\0\0\0");
    expect_stored(v_str_of("\0", 1), "1s ", 1, "\0\0\0\0\0\0\0\0");
    expect_stored(v_bytes_of("a\0\0", 3), "3s ", 0, "a\0\0\0\0\0\0\0");
    expect_stored(v_bytes_of("\0\0\0\0\0\0\0\0", 8), "8s ", 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
}

TEST(item, every_type_can_follow_every_other)
{
    const polyshm_value values[] = {
        v_none(),  v_bool(true),     v_int(INT64_MAX),   v_float(DBL_MIN),    v_str("text"),
        v_str(""), v_bytes("bytes"), v_str_of("x\0", 2), v_bytes_of("\0", 1), v_str("a text that fills it 24")};
    for (size_t before = 0; before < COUNT_OF(values); before++)
        for (size_t after = 0; after < COUNT_OF(values); after++) {
            place *made = make(24);
            pshmi_item_set(&made->item, &values[before]);
            pshmi_item_set(&made->item, &values[after]);
            expect_get(made, values[after]);
            drop(made);
        }
}

TEST(item, a_number_over_a_text_changes_its_first_word_only)
{
    place *made = make(24);
    const polyshm_value number = v_int(5), text = v_str("0123456789abcdefghij");
    pshmi_item_set(&made->item, &text);
    pshmi_item_set(&made->item, &number);
    cr_assert_eq(memcmp((char *)made->item.slot + 8, "89abcdefghij", 12), 0);
    drop(made);
}

TEST(item, a_text_may_fill_its_slot_to_the_last_byte)
{
    place *made = make(8);
    const polyshm_value full = v_str("12345678"), longer = v_str("123456789"), number = v_int(1);
    cr_assert_eq(pshmi_item_check(&made->item, &full).status, POLYSHM_OK);
    cr_assert_eq(pshmi_item_check(&made->item, &longer).status, POLYSHM_ETOOLONG);
    cr_assert_eq(pshmi_item_check(&made->item, &number).status, POLYSHM_OK);
    pshmi_item_set(&made->item, &full);
    expect_get(made, full);
    drop(made);
}

TEST(item, a_slot_wider_than_any_format_still_holds_what_a_format_can_say)
{
    place *made = make(10 << 20);
    pshmi_item_set(&made->item, &(polyshm_value){.type = POLYSHM_TYPE_STR, .data = "short", .size = 5});
    expect_fields(made, "9999999s", 1);
    expect_get(made, v_str("short"));
    drop(made);
}

static void expect_capacity(polyshm_value value, uint64_t capacity, int32_t expected)
{
    place *made = make(16);
    char buffer[16];
    polyshm_value found, untouched = v_int(4711);
    pshmi_item_set(&made->item, &value);
    found = untouched;
    pshmi_verdict verdict = pshmi_item_get(&made->item, buffer, capacity, &found);
    cr_expect_eq(verdict.status, expected, "%s into %d bytes", value_show(&value), (int)capacity);
    cr_expect(!expected || value_is(&found, &untouched), "the output changed");
    drop(made);
}

TEST(item, a_text_needs_room_for_its_content_and_not_for_its_slot)
{
    expect_capacity(v_str("abc"), 3, POLYSHM_OK);
    expect_capacity(v_str("abc"), 2, POLYSHM_ENOBUFS);
    expect_capacity(v_str(""), 0, POLYSHM_OK);
    expect_capacity(v_bytes_of("a\0\0", 3), 3, POLYSHM_OK);
    expect_capacity(v_bytes_of("a\0\0", 3), 2, POLYSHM_ENOBUFS);
    expect_capacity(v_int(1), 0, POLYSHM_OK);
}

static uint64_t word_of(const char *format)
{
    uint64_t word = 0;
    memcpy(&word, format, strlen(format));
    return word;
}

/* An item as any writer may have left it. */
static place *make_foreign(const char *format, uint8_t kind, const char *slot, uint64_t width)
{
    place *made = make(width);
    made->format = word_of(format);
    made->kind = kind;
    memcpy(made->item.slot, slot, width);
    return made;
}

static void expect_foreign(const char *format, uint8_t kind, const char *slot, polyshm_value expected)
{
    place *made = make_foreign(format, kind, slot, 8);
    expect_get(made, expected);
    drop(made);
}

TEST(item, what_other_writers_leave_is_read_as_cpython_reads_it)
{
    expect_foreign("8s", 0, "ab\0\0\0\0\0\0", v_bytes_of("ab\0\0\0\0\0\0", 8));
    expect_foreign("3s", 1, "ab\0defgh", v_str("ab"));
    expect_foreign("3s", 2, "ab\0defgh", v_bytes("ab"));
    expect_foreign("3s ", 2, "ab\0defgh", v_bytes_of("ab\0", 3));
    expect_foreign("0s", 1, "abcdefgh", v_str(""));
    expect_foreign("0s ", 0, "abcdefgh", v_bytes(""));
    expect_foreign("08s", 1, "abcdefgh", v_str("abcdefgh"));
    expect_foreign("xxxxxxx?", 0, "\1\1\1\1\1\1\1\x80", v_bool(true));
    expect_foreign("xxxxxxx?", 0, "\1\1\1\1\1\1\1\0", v_bool(false));
    expect_foreign("q", 3, "abcdefgh", v_none());
    expect_foreign("garbage", 3, "abcdefgh", v_none());
}

static void expect_refused(const char *format, uint8_t kind, int32_t expected)
{
    place *made = make_foreign(format, kind, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    char buffer[64];
    polyshm_value found = v_int(4711);
    pshmi_item_shape shape;
    bool equal;
    cr_expect_eq(pshmi_item_get(&made->item, buffer, sizeof buffer, &found).status, expected, "%s %d", format, kind);
    cr_expect_eq(found.integer, 4711, "the output changed");
    if (expected == POLYSHM_ECORRUPT) {
        cr_expect_eq(pshmi_item_look(&made->item, &shape).status, expected, "%s %d", format, kind);
        cr_expect_eq(pshmi_item_equals(&made->item, &found, &equal).status, expected, "%s %d", format, kind);
    }
    drop(made);
}

TEST(item, what_no_writer_leaves_is_refused)
{
    expect_refused("", 0, POLYSHM_ECORRUPT);
    expect_refused("i", 0, POLYSHM_ECORRUPT);
    expect_refused("?", 0, POLYSHM_ECORRUPT);
    expect_refused("qq", 0, POLYSHM_ECORRUPT);
    expect_refused("xxxxxx?x", 0, POLYSHM_ECORRUPT);
    expect_refused("q", 1, POLYSHM_ECORRUPT);
    expect_refused("d", 2, POLYSHM_ECORRUPT);
    expect_refused("q", 4, POLYSHM_ECORRUPT);
    expect_refused("8s", 4, POLYSHM_ECORRUPT);
    expect_refused("8s", 255, POLYSHM_ECORRUPT);
    expect_refused("9s", 1, POLYSHM_ECORRUPT);
    expect_refused("9s ", 0, POLYSHM_ECORRUPT);
    expect_refused("9999999s", 2, POLYSHM_ECORRUPT);
    expect_refused("8s", 1, POLYSHM_EUTF8);
}

TEST(item, a_damaged_one_can_be_set_again)
{
    place *made = make_foreign("garbage", 77, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    const polyshm_value value = v_str("whole");
    pshmi_item_set(&made->item, &value);
    expect_get(made, value);
    drop(made);
}

static void expect_equal(polyshm_value stored, polyshm_value value, bool expected)
{
    place *made = make(24);
    bool equal = !expected;
    pshmi_item_set(&made->item, &stored);
    cr_expect_eq(pshmi_item_equals(&made->item, &value, &equal).status, POLYSHM_OK);
    cr_expect_eq(equal, expected, "%s", value_show(&stored));
    drop(made);
}

TEST(item, equals_what_python_finds_equal)
{
    expect_equal(v_int(1), v_bool(true), true);
    expect_equal(v_bool(true), v_float(1), true);
    expect_equal(v_float(NAN), v_float(NAN), false);
    expect_equal(v_none(), v_none(), true);
    expect_equal(v_none(), v_int(0), false);
    expect_equal(v_int(0), v_none(), false);
    expect_equal(v_str("a"), v_str("a"), true);
    expect_equal(v_str("a"), v_bytes("a"), false);
    expect_equal(v_str("a"), v_str("ab"), false);
    expect_equal(v_str("1"), v_int(1), false);
    expect_equal(v_str(""), v_none(), false);
    expect_equal(v_bytes_of("a\0", 2), v_bytes_of("a\0", 2), true);
    expect_equal(v_bytes_of("a\0", 2), v_bytes("a"), false);
    expect_equal(v_str_of("a\0b", 3), v_str_of("a\0b", 3), true);
    expect_equal(v_str_of("a\0b", 3), v_str("a"), false);
}
