/* Well-formed UTF-8, after the table of well-formed byte sequences in the Unicode Standard (table 3-7). */
#include "utf8.h"

#include <string.h>

/* The length of the well-formed sequence at text, of which size bytes are there; 0 if it is ill-formed. */
static unsigned sequence_length(const unsigned char *text, uint64_t size)
{
    unsigned char first = text[0], low = 0x80, high = 0xBF;
    unsigned length;
    if (first < 0x80)
        return 1;
    if (first < 0xC2)
        return 0;
    if (first < 0xE0) {
        length = 2;
    } else if (first < 0xF0) {
        length = 3;
        if (first == 0xE0)
            low = 0xA0; /* below: overlong */
        if (first == 0xED)
            high = 0x9F; /* above: surrogates */
    } else if (first < 0xF5) {
        length = 4;
        if (first == 0xF0)
            low = 0x90;
        if (first == 0xF4)
            high = 0x8F; /* above: beyond U+10FFFF */
    } else {
        return 0;
    }

    if (size < length || text[1] < low || text[1] > high)
        return 0;
    for (unsigned i = 2; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* The number of ASCII bytes at the start, counted eight at a time: nearly all of nearly all texts. */
static uint64_t ascii_prefix(const unsigned char *text, uint64_t size)
{
    uint64_t at = 0;
    for (uint64_t word; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (word & 0x8080808080808080)
            break;
    }
    return at;
}

uint64_t pshmi_utf8_prefix(const void *data, uint64_t size)
{
    const unsigned char *text = data;
    uint64_t at = 0;
    while (at < size) {
        at += ascii_prefix(text + at, size - at);
        if (at == size)
            break;
        unsigned length = sequence_length(text + at, size - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

bool pshmi_utf8_is_valid(const void *data, uint64_t size)
{
    return pshmi_utf8_prefix(data, size) == size;
}

uint64_t pshmi_utf8_length(const void *data, uint64_t size)
{
    const uint8_t *bytes = data;
    uint64_t length = 0;
    for (uint64_t i = 0; i < size; i++)
        length += (bytes[i] & 0xC0) != 0x80;
    return length;
}
