/* Writing an item so that a process that dies on the way leaves its old value or its new one.
 *
 * The holder of the list's lock does, in this order:
 *
 *   1. copy   slot, format and kind as they are, then the item's index, into the journal
 *   2. open   the item's version becomes odd
 *   3. change format, kind and slot
 *   4. close  the item's version becomes even
 *   5. clear  the journal
 *
 * If the process dies before step 2, or after step 4, the item is whole. In between, whoever takes the lock over puts
 * the copy back and closes the version. A reader that finds an odd version reads the copy in the journal, which stays
 * as it is until the version moves: no reader waits for a writer, be it slow, stopped or dead.
 *
 * A number over one of its type is a single store, which needs no copy: only the item's index is in the journal meanwhile,
 * so that its version moves also if the process dies between the store and the version. Who waits for the item to change
 * would miss it. */
#ifndef PSHMI_JOURNAL_H
#define PSHMI_JOURNAL_H

#include "area.h"

/* The places of an item in the list's block. width is that of the slot, in bytes, at most the area's copy_size. */
typedef struct {
    uint64_t index;
    uint64_t *slot;
    uint64_t width;
    uint64_t *format;
    uint8_t *kind;
} pshmi_place;

/* Steps 1 and 2. */
void pshmi_journal_begin(const pshmi_area *area, const pshmi_place *place);

/* Steps 4 and 5. */
void pshmi_journal_end(const pshmi_area *area, uint64_t index);

/* Stores a number over one of its type. */
void pshmi_journal_step(const pshmi_area *area, uint64_t index, uint64_t *slot, uint64_t word);

/* The item that a dead holder was writing, if any: true, and its index, which is below the area's count. */
bool pshmi_journal_pending(const pshmi_area *area, uint64_t *index);

/* Puts the copy back into the item that is pending, if it is half written, and moves its version. To be called with the lock
 * held. If the process dies on the way, the next one does it again. */
void pshmi_journal_roll_back(const pshmi_area *area, const pshmi_place *place);

#endif
