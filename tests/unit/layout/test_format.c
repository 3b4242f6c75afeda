/* Formats of texts and bytes, as words. */
#include "format.h"

#include "expect.h"
#include "leaks.h"

static uint64_t word_of(const char *format)
{
    uint64_t word = 0;
    cr_assert(strlen(format) <= sizeof word);
    memcpy(&word, format, strlen(format));
    return word;
}

static void expect_made(uint64_t size, bool exact, const char *format)
{
    pshmi_format_bytes bytes = {.size = size, .exact = exact}, parsed = {0};
    cr_expect_eq(pshmi_format_make(bytes), word_of(format), "%s", format);
    cr_expect(pshmi_format_parse(word_of(format), &parsed), "%s", format);
    cr_expect(parsed.size == size && parsed.exact == exact, "%s", format);
}

TEST(format, is_the_size_and_an_s)
{
    expect_made(0, false, "0s");
    expect_made(8, false, "8s");
    expect_made(16, false, "16s");
    expect_made(120, false, "120s");
    expect_made(9999992, false, "9999992s");
    expect_made(PSHMI_FORMAT_SIZE_MAX, false, "9999999s");
}

TEST(format, has_a_blank_behind_it_if_the_size_is_exact)
{
    expect_made(0, true, "0s ");
    expect_made(1, true, "1s ");
    expect_made(10, true, "10s ");
    expect_made(PSHMI_FORMAT_EXACT_SIZE_MAX, true, "999999s ");
}

static void expect_refused(const char *format)
{
    pshmi_format_bytes bytes = {.size = 4711};
    cr_expect_not(pshmi_format_parse(word_of(format), &bytes), "%s", format);
    cr_expect_eq(bytes.size, 4711, "%s: the output changed", format);
}

TEST(format, anything_else_is_refused)
{
    static const char *const formats[] = {"",    "s",  "8",    "s8",   "8q",   "-8s",      "+8s",      " 8s",
                                          "8 s", "8S", "8s  ", "8sx",  "8ss",  "8s8s",     "x",        "q",
                                          "d",   "?",  "0x8s", "8.0s", "8s\n", "12345678", "xxxxxxx?", "xxxxxx?x"};
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        expect_refused(formats[i]);
}

TEST(format, nothing_may_stand_behind_its_end)
{
    pshmi_format_bytes bytes;
    for (unsigned at = 3; at < 8; at++) {
        cr_expect_not(pshmi_format_parse(word_of("8s") | (uint64_t)'x' << 8 * at, &bytes), "byte %u", at);
        cr_expect(at == 3 || !pshmi_format_parse(word_of("8s ") | (uint64_t)' ' << 8 * at, &bytes), "byte %u", at);
    }
}

TEST(format, numbers_have_the_words_of_cpython)
{
    cr_expect_eq(PSHMI_FORMAT_INT64, word_of("q"));
    cr_expect_eq(PSHMI_FORMAT_FLOAT64, word_of("d"));
    cr_expect_eq(PSHMI_FORMAT_BOOL, word_of("xxxxxxx?"));
    cr_expect_eq(PSHMI_FORMAT_NONE, word_of("xxxxxx?x"));
}
