/* Reading an item consistently, without a lock.
 *
 *     pshmi_verdict verdict;
 *     for (pshmi_look look = pshmi_look_at(list, index); pshmi_look_next(&look);)
 *         verdict = pshmi_item_get(&look.item, ...);
 *
 * reads it between two looks at its version, and again if that moved. While the version is odd somebody is writing the
 * item, or has died while writing it: then look.item leads to the copy in the journal, which has the old value, and the
 * reader need not wait. A list without a sync area is read once, as it is.
 *
 * A peer that keeps on writing, or a damaged area, can make a reader repeat itself for some seconds; then it gives up, and
 * look.expired says so. */
#ifndef PSHMI_LOOK_H
#define PSHMI_LOOK_H

#include "list.h"

typedef struct {
    pshmi_item item;
    const polyshm_list *list;
    uint64_t index;
    uint64_t version;
    uint32_t tries; /* 0: not begun */
    bool valid;     /* what item leads to is the item at that version */
    bool expired;
    double deadline; /* when patience ends; 0: it begins with the first pause */
} pshmi_look;

static inline pshmi_look pshmi_look_at(const polyshm_list *list, uint64_t index)
{
    return (pshmi_look){.list = list, .index = index};
}

/* Points the look at the item, or at its copy. */
static inline void pshmi_look_aim(pshmi_look *look)
{
    const pshmi_area *area = &look->list->lock.area;
    look->item = pshmi_list_item(look->list, look->index);
    look->valid = true;
    if (!look->list->synchronized)
        return;
    /* SYNC: item version. Acquire pairs with the release in pshmi_journal_end and pshmi_journal_step. */
    look->version = atomic_load_explicit(&area->versions[look->index], memory_order_acquire);
    if (look->version & 1) {
        look->valid = atomic_load_explicit(&area->journal->item, memory_order_acquire) == look->index + 1;
        look->item.slot = area->copy;
        look->item.format = &area->journal->format;
        look->item.kind = &area->journal->kind;
    }
}

/* After a try that did not count: pauses, or gives up. */
bool pshmi_look_retry(pshmi_look *look);

/* Whether to read, for the first time or again. */
static inline bool pshmi_look_next(pshmi_look *look)
{
    if (look->tries++ == 0) {
        pshmi_look_aim(look);
        return true;
    }
    if (!look->list->synchronized)
        return false;
    /* SYNC: item version. Pairs with the fences in pshmi_journal_begin and pshmi_journal_end. */
    atomic_thread_fence(memory_order_acquire);
    uint64_t version = atomic_load_explicit(&look->list->lock.area.versions[look->index], memory_order_relaxed);
    if (version == look->version && look->valid)
        return false;
    return pshmi_look_retry(look);
}

/* The short way for what is read most, a number, a bool or None that nobody is writing: gives its type, and the word in
 * its slot. -1: take the long way, which also tells what is wrong. Whoever takes the short way asks behind it whether the
 * segment was open. */
static inline int32_t pshmi_look_short(const polyshm_list *list, uint64_t index, uint64_t *word)
{
    const _Atomic uint64_t *versions = list->lock.area.versions; /* NULL: the list is not synchronized */
    /* SYNC: item version. As in pshmi_look_aim. */
    uint64_t version = versions ? atomic_load_explicit(&versions[index], memory_order_acquire) : 0;
    uint64_t format = pshmi_shared_load(list->formats + index);
    int32_t type = pshmi_item_scalar_type(format, pshmi_shared_load_byte(list->kinds + index));
    if (type < 0)
        return -1;
    *word = pshmi_shared_load((const uint64_t *)(list->data + list->geometry.offsets[index]));
    /* SYNC: item version. As in pshmi_look_next. An odd one is unequal, too: no version falls. */
    atomic_thread_fence(memory_order_acquire);
    if (versions && (version & ~UINT64_C(1)) != atomic_load_explicit(&versions[index], memory_order_relaxed))
        return -1;
    return type;
}

#endif
