/* What is UTF-8: compared with a decoder that goes by the definition, over all short sequences. */
#include "utf8.h"

#include "expect.h"
#include "leaks.h"

/* The number of bytes that begin a sequence with this lead byte, by its high bits; 0 if none does. */
static unsigned length_of(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
}

/* Decodes and looks at the number that comes out: the shortest form, no surrogate, not beyond U+10FFFF. */
static bool is_valid_by_definition(const unsigned char *text, size_t size)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    for (size_t at = 0; at < size;) {
        unsigned length = length_of(text[at]);
        if (length == 0 || length > size - at)
            return false;
        uint32_t point = text[at] & lead_bits[length];
        for (unsigned i = 1; i < length; i++) {
            if (text[at + i] >> 6 != 2)
                return false;
            point = point << 6 | (text[at + i] & 0x3F);
        }
        if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
            return false;
        at += length;
    }
    return true;
}

static void expect_as_defined(const unsigned char *text, size_t size)
{
    bool expected = is_valid_by_definition(text, size);
    if (pshmi_utf8_is_valid(text, size) != expected)
        cr_assert(0, "%zu bytes %02x %02x %02x %02x: not %d", size, text[0], text[1], text[2], text[3], expected);
}

TEST(utf8, every_sequence_of_up_to_three_bytes_is_judged_right)
{
    for (uint32_t number = 0; number < 1 << 24; number++) {
        unsigned char text[4] = {(unsigned char)(number >> 16), (unsigned char)(number >> 8), (unsigned char)number, 0};
        if (number < 1 << 8)
            expect_as_defined(text + 2, 1);
        if (number < 1 << 16)
            expect_as_defined(text + 1, 2);
        expect_as_defined(text, 3);
    }
}

TEST(utf8, sequences_of_four_bytes_are_judged_right)
{
    static const unsigned char tails[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (uint32_t number = 0xE000; number < 1 << 16; number++)
        for (size_t third = 0; third < sizeof tails; third++)
            for (size_t fourth = 0; fourth < sizeof tails; fourth++) {
                unsigned char text[] = {(unsigned char)(number >> 8), (unsigned char)number, tails[third],
                                        tails[fourth]};
                expect_as_defined(text, sizeof text);
            }
}

TEST(utf8, a_bad_byte_is_found_wherever_it_stands)
{
    for (size_t size = 1; size < 40; size++)
        for (size_t bad = 0; bad < size; bad++) {
            char text[40];
            memset(text, 'a', sizeof text);
            cr_assert(pshmi_utf8_is_valid(text, size));
            text[bad] = (char)0x80;
            cr_assert_not(pshmi_utf8_is_valid(text, size), "byte %zu of %zu", bad, size);
        }
}

TEST(utf8, a_sequence_may_stand_anywhere_and_must_be_whole)
{
    for (size_t at = 0; at < 20; at++) {
        char text[32];
        memset(text, 'a', sizeof text);
        memcpy(text + at, "\xF0\x9F\x90\x8D", 4);
        cr_assert(pshmi_utf8_is_valid(text, at + 4));
        cr_assert(pshmi_utf8_is_valid(text, sizeof text));
        for (size_t part = 1; part < 4; part++)
            cr_assert_not(pshmi_utf8_is_valid(text, at + part), "%zu bytes of 4 at %zu", part, at);
    }
}

TEST(utf8, no_bytes_and_nuls_are_fine)
{
    cr_assert(pshmi_utf8_is_valid(NULL, 0));
    cr_assert(pshmi_utf8_is_valid("", 0));
    cr_assert(pshmi_utf8_is_valid("\0\0\0\0\0\0\0\0\0", 9));
}

TEST(utf8, the_length_is_that_in_code_points)
{
    cr_expect_eq(pshmi_utf8_length("", 0), 0);
    cr_expect_eq(pshmi_utf8_length("a\0b", 3), 3);
    cr_expect_eq(pshmi_utf8_length("a\u00e9\u20ac\U0001f600", 1 + 2 + 3 + 4), 4);
}
