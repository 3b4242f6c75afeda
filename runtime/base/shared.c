/* Copying to and from shared words, eight bytes at a time. */
#include "shared.h"

#include <string.h>

enum { WORD = sizeof(uint64_t) };

void pshmi_shared_read(void *target, const uint64_t *source, uint64_t size)
{
    char *to = target;
    for (; size >= WORD; size -= WORD, to += WORD) {
        uint64_t word = pshmi_shared_load(source++);
        memcpy(to, &word, WORD);
    }
    if (size) {
        uint64_t word = pshmi_shared_load(source);
        memcpy(to, &word, (size_t)size);
    }
}

void pshmi_shared_write(uint64_t *target, uint64_t width, const void *source, uint64_t size)
{
    const char *from = source;
    const uint64_t *end = target + width / WORD;
    for (; size >= WORD; size -= WORD, from += WORD) {
        uint64_t word;
        memcpy(&word, from, WORD);
        pshmi_shared_store(target++, word);
    }
    if (size) {
        uint64_t word = 0;
        memcpy(&word, from, (size_t)size);
        pshmi_shared_store(target++, word);
    }
    while (target < end)
        pshmi_shared_store(target++, 0);
}

uint64_t pshmi_shared_stripped_size(const uint64_t *source, uint64_t size)
{
    const uint8_t *bytes = (const uint8_t *)source;
    while (size % WORD && pshmi_shared_load_byte(bytes + size - 1) == 0)
        size--;
    if (size % WORD)
        return size;
    while (size && pshmi_shared_load(source + size / WORD - 1) == 0)
        size -= WORD;
    while (size && pshmi_shared_load_byte(bytes + size - 1) == 0)
        size--;
    return size;
}

int pshmi_shared_equals(const uint64_t *source, const void *data, uint64_t size)
{
    const char *expected = data;
    for (; size; expected += WORD) {
        uint64_t chunk = size < WORD ? size : WORD;
        uint64_t word = pshmi_shared_load(source++);
        if (memcmp(&word, expected, (size_t)chunk) != 0)
            return 0;
        size -= chunk;
    }
    return 1;
}
