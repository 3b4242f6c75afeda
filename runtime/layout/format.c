/* Formats of texts and bytes: "<size>s" and "<size>s ". */
#include "format.h"

uint64_t pshmi_format_make(pshmi_format_bytes bytes)
{
    uint64_t word = bytes.exact ? PSHMI_FORMAT_WORD('s', ' ', 0, 0, 0, 0, 0, 0) : 's';
    uint64_t rest = bytes.size;
    do {
        word = word << 8 | (uint64_t)('0' + rest % 10); /* the first character is the lowest byte */
        rest /= 10;
    } while (rest);
    return word;
}

bool pshmi_format_parse(uint64_t word, pshmi_format_bytes *bytes)
{
    uint64_t size = 0;
    unsigned digits = 0;
    for (; (word & 0xFF) >= '0' && (word & 0xFF) <= '9'; word >>= 8, digits++)
        size = size * 10 + ((word & 0xFF) - '0');
    if (digits == 0)
        return false;
    bool exact = word == PSHMI_FORMAT_WORD('s', ' ', 0, 0, 0, 0, 0, 0);
    if (!exact && word != 's')
        return false;
    *bytes = (pshmi_format_bytes){.size = size, .exact = exact};
    return true;
}
