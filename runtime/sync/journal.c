/* The steps of a crash-atomic write (journal.h), with their order.
 *
 * Orders between processes: each store that others rely on is a release, or stands behind a release fence, and each
 * reader has the acquire that pairs with it. Order within a process that is killed: the kernel stops a thread between
 * two instructions, and what it stored before stays, so the order of the stores is all that counts. */
#include "journal.h"

#include "shared.h"

enum { WORD = sizeof(uint64_t) };

static void copy_words(uint64_t *target, const uint64_t *source, uint64_t size)
{
    for (uint64_t i = 0; i < size / WORD; i++)
        pshmi_shared_store(&target[i], pshmi_shared_load(&source[i]));
}

void pshmi_journal_begin(const pshmi_area *area, const pshmi_place *place)
{
    pshmi_area_journal *journal = area->journal;
    _Atomic uint64_t *version = &area->versions[place->index];
    copy_words(area->copy, place->slot, place->width);
    pshmi_shared_store(&journal->format, pshmi_shared_load(place->format));
    pshmi_shared_store_byte(&journal->kind, pshmi_shared_load_byte(place->kind));
    atomic_store_explicit(&journal->item, place->index + 1, memory_order_release);
    atomic_store_explicit(version, atomic_load_explicit(version, memory_order_relaxed) | 1, memory_order_release);
    /* SYNC: item version. Odd before anything of the item changes; pairs with the fence before a reader's second look. */
    atomic_thread_fence(memory_order_release);
}

void pshmi_journal_end(const pshmi_area *area, uint64_t index)
{
    _Atomic uint64_t *version = &area->versions[index];
    /* SYNC: item version. Even after everything of the item changed; pairs with a reader's first look. */
    atomic_store_explicit(version, (atomic_load_explicit(version, memory_order_relaxed) | 1) + 1, memory_order_release);
    /* The copy may be overwritten from here on: not before the version has moved. */
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&area->journal->item, 0, memory_order_relaxed);
}

/* A process that dies has done what stands before the place where it died, whatever the processor's order of stores is for
 * others: it is only the compiler that must not change it. */
void pshmi_journal_step(const pshmi_area *area, uint64_t index, uint64_t *slot, uint64_t word)
{
    _Atomic uint64_t *version = &area->versions[index];
    atomic_store_explicit(&area->journal->item, index + 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    pshmi_shared_store(slot, word);
    /* To the next even number: one that somebody damaged is right again. */
    atomic_store_explicit(version, (atomic_load_explicit(version, memory_order_relaxed) | 1) + 1, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&area->journal->item, 0, memory_order_relaxed);
}

bool pshmi_journal_pending(const pshmi_area *area, uint64_t *index)
{
    uint64_t item = atomic_load_explicit(&area->journal->item, memory_order_acquire);
    if (item == 0 || item > area->count)
        return false;
    *index = item - 1;
    return true;
}

void pshmi_journal_roll_back(const pshmi_area *area, const pshmi_place *place)
{
    if (atomic_load_explicit(&area->versions[place->index], memory_order_relaxed) & 1) {
        copy_words(place->slot, area->copy, place->width);
        pshmi_shared_store(place->format, pshmi_shared_load(&area->journal->format));
        pshmi_shared_store_byte(place->kind, pshmi_shared_load_byte(&area->journal->kind));
    }
    pshmi_journal_end(area, place->index);
}
