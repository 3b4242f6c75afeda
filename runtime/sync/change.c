/* Moving the version, and sleeping until it moves (change.h). */
#include "change.h"

#include "platform.h"

void pshmi_change_begin(const pshmi_area *area)
{
    _Atomic uint64_t *version = &area->state->version;
    uint64_t now = atomic_load_explicit(version, memory_order_relaxed);
    if (now & 1)
        return;
    atomic_store_explicit(version, now + 1, memory_order_relaxed);
    /* SYNC: list version. Odd before anything changes; pairs with the fence before a snapshot's second look. */
    atomic_thread_fence(memory_order_release);
}

uint64_t pshmi_change_end(const pshmi_area *area)
{
    _Atomic uint64_t *version = &area->state->version;
    uint64_t now = atomic_load_explicit(version, memory_order_relaxed);
    if (!(now & 1))
        return 0;
    /* SYNC: list version. Even after everything changed; pairs with a snapshot's first look. */
    atomic_store_explicit(version, now + 1, memory_order_release);
    return now + 1;
}

/* The half of the version that a futex can have: the low one, for the layout is little-endian. */
static _Atomic uint32_t *low_half(const pshmi_area *area)
{
    return (_Atomic uint32_t *)&area->state->version;
}

void pshmi_change_wake_all(const pshmi_area *area)
{
    pshmi_futex_wake(low_half(area), INT32_MAX);
}

void pshmi_change_wake(const pshmi_area *area, uint64_t version)
{
    /* SYNC: mark. The version was stored before the lock's full barrier, the mark is read behind it; a waiter does it
     * the other way round. One of the two sees what the other did. */
    if (atomic_load(&area->state->mark) + 2 >= version)
        pshmi_change_wake_all(area);
}

int32_t pshmi_change_wait(const pshmi_area *area, bool writable, uint64_t seen, double timeout)
{
    uint64_t mark = atomic_load(&area->state->mark);
    while (writable && mark < seen && !atomic_compare_exchange_weak(&area->state->mark, &mark, seen))
        ;
    uint64_t now = atomic_load(&area->state->version);
    return (now & ~UINT64_C(1)) != seen ? POLYSHM_OK : pshmi_futex_wait(low_half(area), (uint32_t)now, timeout);
}
