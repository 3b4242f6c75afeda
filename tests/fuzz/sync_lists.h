/* Good lists, to be damaged: of every type, of several shapes, and one without a sync area. */
#ifndef FUZZ_SYNC_LISTS_H
#define FUZZ_SYNC_LISTS_H

#include <stddef.h>
#include <stdint.h>

enum { LISTS = 8 };

/* The parts of a list's block, in their order. */
enum {
    PART_OFFSETS,
    PART_DATA,
    PART_FORMATS,
    PART_KINDS,
    PART_STATE,
    PART_GENERATIONS,
    PART_VERSIONS,
    PART_JOURNAL,
    PARTS
};

typedef struct {
    char *bytes;
    size_t bounds[PARTS + 1]; /* where each part begins; the last is the size of all */
} good_list;

const good_list *good_list_of(unsigned number);

#endif
