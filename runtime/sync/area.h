/* The sync area: where the processes that share a list agree (abi/LAYOUT.md).
 *
 * It lies behind the stock part of a list. Everything in it is written by peers that may be dead, stopped or hostile:
 * it is read with atomic loads, into private memory, and checked there. Offsets and sizes are never taken from it; they
 * follow from the list's geometry.
 *
 *   header        what it is; constant
 *   state         lock, version, mark: one cache line that writers change
 *   generations   one a participant
 *   versions      one an item
 *   journal       the item that is being written, as it was before
 *   copy          room for the largest slot */
#ifndef PSHMI_AREA_H
#define PSHMI_AREA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define PSHMI_AREA_MAGIC UINT64_C(0x31636E7973687370) /* "pshsync1", little-endian */

enum { PSHMI_AREA_VERSION = 1, PSHMI_PARTICIPANTS = 1024, PSHMI_AREA_ALIGNMENT = 64 };

typedef struct {
    uint64_t magic;
    uint32_t version;      /* of this layout */
    uint32_t participants; /* PSHMI_PARTICIPANTS */
    uint64_t count;        /* items */
    uint64_t copy_size;    /* bytes that the journal's copy has room for */
    uint64_t size;         /* of the whole area */
    uint64_t reserved[3];  /* 0 */
} pshmi_area_header;

typedef struct {
    _Atomic uint32_t lock;     /* 0, or who holds it (lock.h) */
    _Atomic uint32_t orphaned; /* 1: a holder died, and whom the lock was for by itself has not been told (section.c) */
    _Atomic uint64_t version;  /* odd while a holder of the lock writes */
    _Atomic uint64_t mark;     /* the highest version whose end somebody waits for (change.h) */
    uint64_t reserved_2[5];
} pshmi_area_state;

typedef struct {
    _Atomic uint64_t item; /* the index of the item, plus 1; 0: nothing is being written */
    uint64_t format;
    uint8_t kind;
    uint8_t reserved[47];
} pshmi_area_journal;

_Static_assert(sizeof(pshmi_area_header) == 64 && offsetof(pshmi_area_header, size) == 32, "layout");
_Static_assert(sizeof(pshmi_area_state) == 64 && offsetof(pshmi_area_state, version) == 8, "layout");
_Static_assert(offsetof(pshmi_area_state, mark) == 16, "layout");
_Static_assert(sizeof(pshmi_area_journal) == 64 && offsetof(pshmi_area_journal, kind) == 16, "layout");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2, "words that processes share have no lock");

/* Where the parts of an area are in this process. All pointers lead into shared memory. */
typedef struct {
    pshmi_area_state *state;
    _Atomic uint16_t *generations;
    _Atomic uint64_t *versions;
    pshmi_area_journal *journal;
    uint64_t *copy;
    uint64_t count;
    uint64_t copy_size;
} pshmi_area;

/* Where the area of a list begins whose stock part has so many bytes. */
uint64_t pshmi_area_offset(uint64_t stock_size);

/* The size of the area of a list of count items whose largest slot has copy_size bytes. */
uint64_t pshmi_area_size(uint64_t count, uint64_t copy_size);

/* Writes the header of a new area over zeros. */
void pshmi_area_write(void *bytes, uint64_t count, uint64_t copy_size);

/* Whether a header, copied from the place of a list's area, where there are size bytes, is that of one for such a list.
 * POLYSHM_OK with *present false if there is none; POLYSHM_ELAYOUT, and why, if it is of another version or does not fit
 * the list. */
int32_t pshmi_area_check(const pshmi_area_header *header, uint64_t size, uint64_t count, uint64_t copy_size,
                         bool *present, const char **why);

/* Points at the parts of an area that was checked. */
void pshmi_area_open(void *bytes, uint64_t count, uint64_t copy_size, pshmi_area *area);

#endif
