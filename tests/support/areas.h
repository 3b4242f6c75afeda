/* Where everything is in a sync area, as abi/LAYOUT.md has it: written down once more, so that a change shows. */
#ifndef TEST_AREAS_H
#define TEST_AREAS_H

#include <stddef.h>
#include <stdint.h>

enum {
    AREA_MAGIC = 0,
    AREA_LAYOUT = 8,
    AREA_PARTICIPANTS = 12,
    AREA_COUNT = 16,
    AREA_COPY_SIZE = 24,
    AREA_SIZE = 32,
    AREA_LOCK = 64,
    AREA_VERSION = 72,
    AREA_MARK = 80,
    AREA_GENERATIONS = 128,
    AREA_VERSIONS = 2176
};

/* From the beginning of a block whose stock part has so many bytes. */
static inline size_t area_offset(size_t stock_size)
{
    return (stock_size + 63) / 64 * 64;
}

/* From the beginning of the area of a list of so many items, as are the places above. */
static inline size_t area_journal(size_t count)
{
    return (AREA_VERSIONS + 8 * count + 63) / 64 * 64;
}

static inline size_t area_copy(size_t count)
{
    return area_journal(count) + 64;
}

/* The size of the area of a list of so many items, whose widest slot has so many bytes. */
static inline size_t area_size(size_t count, size_t widest)
{
    return area_copy(count) + widest;
}

#endif
