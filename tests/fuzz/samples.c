/* The list that is damaged, and what it is damaged with. */
#include "samples.h"

#include "blocks.h"
#include "expect.h"
#include "names.h"

size_t sample_make(uint64_t words[SAMPLE_WORDS])
{
    const polyshm_value values[] = {v_int(-7),
                                    v_float(0.5),
                                    v_bool(true),
                                    v_none(),
                                    v_str("h\xC3\xA9 and more than a word"),
                                    v_bytes("\xFF\xFE"),
                                    v_str_of("a\0", 2),
                                    v_bytes_of("123456\0\0", 8)};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(test_name(0), values, COUNT_OF(values), 0, 0, 0, &list));
    size_t block = block_read(test_name(0), words, SAMPLE_WORDS * sizeof *words);
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
    /* The sync area is left off: what CPython lays out is what is damaged here. */
    size_t size = (size_t)(8 * (words[0] + 2) + words[words[0] + 1] + 9 * words[0]);
    cr_assert(size % 8 == 0 && size <= block && size < SAMPLE_WORDS * sizeof *words);
    return size;
}

#define CHARACTERS(a, b, c, d, e, f, g, h)                                                                             \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 |            \
     (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

const uint64_t sample_words[] = {
    0,
    1,
    7,
    8,
    9,
    15,
    16,
    24,
    32,
    64,
    72,
    80,
    1000,
    4096,
    UINT32_MAX,
    UINT64_C(1) << 32,
    UINT64_MAX / 25,
    UINT64_MAX / 17,
    UINT64_MAX / 8,
    UINT64_MAX / 8 + 1,
    INT64_MAX - 7,
    INT64_MAX,
    UINT64_C(1) << 63,
    (UINT64_C(1) << 63) + 8,
    UINT64_MAX - 15,
    UINT64_MAX - 7,
    UINT64_MAX,
    UINT64_C(0x0303030303030303),
    UINT64_C(0x0102030004050607),
    UINT64_C(0x8080808080808080),
    CHARACTERS('q', 0, 0, 0, 0, 0, 0, 0),
    CHARACTERS('d', 0, 0, 0, 0, 0, 0, 0),
    CHARACTERS('x', 'x', 'x', 'x', 'x', 'x', 'x', '?'),
    CHARACTERS('x', 'x', 'x', 'x', 'x', 'x', '?', 'x'),
    CHARACTERS('0', 's', 0, 0, 0, 0, 0, 0),
    CHARACTERS('8', 's', ' ', 0, 0, 0, 0, 0),
    CHARACTERS('9', 's', 0, 0, 0, 0, 0, 0),
    CHARACTERS('3', '2', 's', 0, 0, 0, 0, 0),
    CHARACTERS('9', '9', '9', '9', '9', '9', '9', 's'),
    CHARACTERS('9', '9', '9', '9', '9', '9', 's', ' '),
    CHARACTERS('9', '9', '9', '9', '9', '9', '9', '9'),
};
const size_t sample_words_count = COUNT_OF(sample_words);
