/* An item's format field: 8 bytes that hold a format of Python's struct module, padded with NULs, seen as one word. */
#ifndef PSHMI_FORMAT_H
#define PSHMI_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#define PSHMI_FORMAT_WORD(a, b, c, d, e, f, g, h)                                                                      \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | (uint64_t)(e) << 32 |            \
     (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

#define PSHMI_FORMAT_INT64   PSHMI_FORMAT_WORD('q', 0, 0, 0, 0, 0, 0, 0)
#define PSHMI_FORMAT_FLOAT64 PSHMI_FORMAT_WORD('d', 0, 0, 0, 0, 0, 0, 0)
#define PSHMI_FORMAT_BOOL    PSHMI_FORMAT_WORD('x', 'x', 'x', 'x', 'x', 'x', 'x', '?')
#define PSHMI_FORMAT_NONE    PSHMI_FORMAT_WORD('x', 'x', 'x', 'x', 'x', 'x', '?', 'x')

/* The largest sizes that "<size>s", and "<size>s " with its blank, have room for. */
enum { PSHMI_FORMAT_SIZE_MAX = 9999999, PSHMI_FORMAT_EXACT_SIZE_MAX = 999999 };

/* A format that says how many bytes: "<size>s". exact: with a blank behind it, which polyshm writes when NULs at the
 * end belong to the value; every CPython reads such a format, and puts the slot's full width back when it writes. */
typedef struct {
    uint64_t size;
    bool exact;
} pshmi_format_bytes;

/* The word for it. */
uint64_t pshmi_format_make(pshmi_format_bytes bytes);

/* Whether the word is such a format, and which. */
bool pshmi_format_parse(uint64_t word, pshmi_format_bytes *bytes);

#endif
