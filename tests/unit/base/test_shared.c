/* Copying to and from shared words, at every size, in memory that ends where it must not be left. */
#include "shared.h"

#include <stdlib.h>

#include "expect.h"
#include "leaks.h"

enum { SIZES = 41 };

/* Words in memory of exactly as many bytes, filled with a pattern. */
static uint64_t *make_words(uint64_t size, unsigned char seed)
{
    unsigned char *memory = malloc((size + 7) / 8 * 8 + (size == 0));
    for (uint64_t i = 0; i < (size + 7) / 8 * 8; i++)
        memory[i] = (unsigned char)(seed + i);
    return (uint64_t *)memory;
}

TEST(shared, reads_exactly_so_many_bytes)
{
    for (uint64_t size = 0; size < SIZES; size++) {
        unsigned char target[SIZES + 1];
        uint64_t *source = make_words(size, 1);
        memset(target, 0xEE, sizeof target);
        pshmi_shared_read(target, source, size);
        cr_expect_eq(memcmp(target, source, size), 0, "%d bytes", (int)size);
        cr_expect_eq(target[size], 0xEE, "%d bytes", (int)size);
        free(source);
    }
}

TEST(shared, writes_the_bytes_and_zeros_the_rest_of_the_slot)
{
    for (uint64_t width = 8; width < SIZES; width += 8)
        for (uint64_t size = 0; size <= width; size++) {
            uint64_t *target = make_words(width, 1), *source = make_words(size, 101);
            unsigned char expected[SIZES] = {0};
            memcpy(expected, source, size);
            pshmi_shared_write(target, width, source, size);
            cr_expect_eq(memcmp(target, expected, width), 0, "%d bytes of %d", (int)size, (int)width);
            free(target);
            free(source);
        }
}

TEST(shared, strips_the_nuls_at_the_end_and_no_others)
{
    for (uint64_t size = 0; size < SIZES; size++)
        for (uint64_t content = 0; content <= size; content++) {
            uint64_t *source = make_words(size, 0); /* begins with a NUL */
            memset((char *)source + content, 0, size - content);
            uint64_t expected = content == 1 ? 0 : content;
            cr_expect_eq(pshmi_shared_stripped_size(source, size), expected, "%d of %d", (int)content, (int)size);
            free(source);
        }
}

TEST(shared, what_stands_behind_the_size_does_not_count)
{
    for (uint64_t size = 0; size < 16; size++) {
        uint64_t words[2] = {UINT64_MAX, UINT64_MAX};
        memset(words, 0, size);
        cr_expect_eq(pshmi_shared_stripped_size(words, size), 0, "%d", (int)size);
    }
}

TEST(shared, equals_looks_at_every_byte_and_no_other)
{
    for (uint64_t size = 0; size < SIZES; size++) {
        uint64_t *source = make_words(size, 1);
        char *data = malloc(size + 1);
        memcpy(data, source, size);
        data = realloc(data, size ? size : 1);
        cr_expect(pshmi_shared_equals(source, data, size), "%d bytes", (int)size);
        for (uint64_t i = 0; i < size; i++) {
            data[i] ^= 1;
            cr_expect_not(pshmi_shared_equals(source, data, size), "byte %d of %d", (int)i, (int)size);
            data[i] ^= 1;
        }
        free(data);
        free(source);
    }
}
