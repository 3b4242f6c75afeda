/* Entering, writing in and leaving a section; the lock that users hold is one, too. */
#include "section.h"

#include "change.h"
#include "journal.h"

static pshmi_place place_of(const pshmi_item *item, uint64_t index)
{
    return (pshmi_place){
        .index = index, .slot = item->slot, .width = item->width, .format = item->format, .kind = item->kind};
}

/* After a takeover: undoes the write that the dead holder was in, and ends its version, so that whoever waits or reads the
 * whole list goes on. What the taker writes belongs to the next one: a reader who saw that the holder was dead, and reads
 * its last state, finds out. */
static void recover(polyshm_list *list)
{
    const pshmi_area *area = &list->lock.area;
    uint64_t index;
    pshmi_change_begin(area);
    if (pshmi_journal_pending(area, &index)) {
        pshmi_item item = pshmi_list_item(list, index);
        pshmi_place place = place_of(&item, index);
        pshmi_journal_roll_back(area, &place);
    }
    pshmi_change_end(area);
    pshmi_change_wake_all(area); /* also those whom the dead holder would have woken */
}

/* Who takes the lock over notes that a holder died, for the next who takes it to do several things: a write by itself leaves
 * nothing undone and has nobody to tell. If the taker dies before it has noted it, the next one takes over and notes it. */
static int32_t acquire(polyshm_list *list, double timeout)
{
    int32_t status = pshmi_lock_acquire(&list->lock, timeout);
    if (status == POLYSHM_OWNER_DIED) {
        atomic_store_explicit(&list->lock.area.state->orphaned, 1, memory_order_relaxed);
        recover(list);
    }
    return status;
}

/* Whether a holder died since somebody was told. To be called with the lock held. */
static bool is_orphaned(const polyshm_list *list)
{
    _Atomic uint32_t *orphaned = &list->lock.area.state->orphaned;
    if (atomic_load_explicit(orphaned, memory_order_relaxed) == 0)
        return false;
    atomic_store_explicit(orphaned, 0, memory_order_relaxed);
    return true;
}

int32_t pshmi_section_enter(polyshm_list *list)
{
    if (!list->synchronized)
        return POLYSHM_OK;
    int32_t status = acquire(list, atomic_load_explicit(&list->timeout, memory_order_relaxed));
    return status < 0 ? status : POLYSHM_OK;
}

void pshmi_section_write(polyshm_list *list, uint64_t index, const polyshm_value *value)
{
    pshmi_item item = pshmi_list_item(list, index);
    if (!list->synchronized) {
        pshmi_item_set(&item, value);
        return;
    }
    const pshmi_area *area = &list->lock.area;
    pshmi_change_begin(area);
    uint64_t word;
    if (pshmi_item_is_step(&item, value, &word)) {
        pshmi_journal_step(area, index, item.slot, word);
        return;
    }
    pshmi_place place = place_of(&item, index);
    pshmi_journal_begin(area, &place);
    pshmi_item_set(&item, value);
    pshmi_journal_end(area, index);
}

bool pshmi_section_step(polyshm_list *list, uint64_t index, uint64_t format, uint64_t word)
{
    if (!list->synchronized || !pshmi_lock_try(&list->lock))
        return false;
    const pshmi_area *area = &list->lock.area;
    uint64_t ended = 0;
    bool easy = pshmi_shared_load(list->formats + index) == format &&
                pshmi_shared_load_byte(list->kinds + index) == PSHMI_KIND_AS_IS;
    if (easy) {
        pshmi_change_begin(area);
        pshmi_journal_step(area, index, (uint64_t *)(list->data + list->geometry.offsets[index]), word);
        ended = pshmi_change_end(area);
    }
    pshmi_lock_give(&list->lock);
    if (ended)
        pshmi_change_wake(area, ended);
    return easy;
}

int32_t pshmi_section_leave(polyshm_list *list)
{
    if (list->synchronized) {
        uint64_t ended = list->lock.depth == 1 ? pshmi_change_end(&list->lock.area) : 0;
        pshmi_lock_release(&list->lock);
        if (ended)
            pshmi_change_wake(&list->lock.area, ended);
    }
    return pshmi_segment_was_open(list->segment) ? POLYSHM_OK : pshmi_list_fail_closed(list);
}

void pshmi_section_quit(polyshm_list *list)
{
    if (!list->synchronized || !pshmi_lock_is_owner(&list->lock))
        return;
    list->lock.depth = 1;
    pshmi_section_leave(list);
}

void pshmi_section_drop(polyshm_list *list)
{
    if (!list->synchronized || !atomic_load_explicit(&list->lock.owner, memory_order_relaxed) ||
        !pshmi_list_is_open(list))
        return;
    if (!pshmi_lock_is_owner(&list->lock))
        atomic_store_explicit(&list->lock.area.state->orphaned, 1, memory_order_relaxed);
    list->lock.depth = 1;
    pshmi_section_leave(list);
}

int32_t polyshm_list_enter(polyshm_list *list, double timeout)
{
    int32_t failure = pshmi_list_check_synchronized(list);
    if (failure || (failure = pshmi_list_check_writable(list)))
        return failure;
    if (!(timeout >= 0))
        return pshmi_fail(POLYSHM_EINVAL, "list '%s': the timeout must be 0 seconds or more", list->segment->name);
    int32_t status = acquire(list, timeout);
    if (status < 0)
        return status;
    return pshmi_segment_was_open(list->segment) ? POLYSHM_OK : pshmi_section_leave(list); /* says that it is closed */
}

int32_t polyshm_list_lock(polyshm_list *list, double timeout)
{
    int32_t failure = polyshm_list_enter(list, timeout);
    if (failure)
        return failure;
    return is_orphaned(list) ? POLYSHM_OWNER_DIED : POLYSHM_OK;
}

int32_t polyshm_list_unlock(polyshm_list *list)
{
    int32_t failure = pshmi_list_check_synchronized(list);
    if (failure)
        return failure;
    if (!pshmi_lock_is_owner(&list->lock))
        return pshmi_fail(POLYSHM_ENOTOWNER, "list '%s': this thread does not hold the lock", list->segment->name);
    return pshmi_section_leave(list);
}
