/* Where everything is in a list's block: measured when a list is made, checked when one is attached.
 *
 * A geometry is private memory. It is copied out of the block first and checked then; what stands in the block is never
 * consulted again, so a peer that changes it later leads nobody out of bounds. */
#ifndef PSHMI_GEOMETRY_H
#define PSHMI_GEOMETRY_H

#include <polyshm/list.h>

#include "verdict.h"

/* All in bytes, and all but kinds multiples of 8. Item i has bytes offsets[i] to offsets[i + 1] of the data area. */
typedef struct {
    uint64_t count;
    uint64_t data;     /* where the data area begins in the block */
    uint64_t formats;  /* where the formats begin, 8 bytes an item */
    uint64_t kinds;    /* where the kinds begin, one byte an item */
    uint64_t size;     /* of the whole layout */
    uint64_t largest;  /* the width of the widest slot */
    uint64_t *offsets; /* count + 1 of them, from the data area's beginning; the caller's memory */
} pshmi_geometry;

/* Measures a list of these values. offsets has room for count + 1. A value that cannot be in a list is the verdict,
 * and bad its index. The values are checked here and need no other check. */
pshmi_verdict pshmi_geometry_measure(const polyshm_value *values, uint64_t count, uint64_t spare, uint64_t *offsets,
                                     pshmi_geometry *geometry, uint64_t *bad);

/* Writes the header, item count and offsets, at the beginning of a block's image in private memory. */
void pshmi_geometry_write(const pshmi_geometry *geometry, uint64_t *image);

/* Where the bytes of a block that has size of them come from. read copies some out, which are within that size; what it
 * returns but POLYSHM_OK has been recorded, and becomes the verdict, without words. */
typedef struct {
    int32_t (*read)(const void *block, uint64_t offset, void *data, uint64_t size);
    const void *block;
    uint64_t size;
} pshmi_source;

/* Reads the item count of the list in a block. After that the offsets, count + 1 words, are known to lie in the block. A
 * count of 0 in a block that is larger than an empty list may come from a creator that has not filled it yet; what
 * follows the list decides. */
pshmi_verdict pshmi_geometry_peek(const pshmi_source *source, uint64_t *count);

/* Copies the offsets and checks them. count is what peek gave; offsets has room for count + 1, of which no more is used
 * than is right: a block that only claims to be a list takes no memory.
 * POLYSHM_EEMPTY: the block may be one that its creator has not filled yet. */
pshmi_verdict pshmi_geometry_read(const pshmi_source *source, uint64_t count, uint64_t *offsets,
                                  pshmi_geometry *geometry);

#endif
