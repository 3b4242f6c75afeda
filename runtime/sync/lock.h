/* The lock of a list, and who takes part in it.
 *
 * A participant is an attachment: one open file description. At its first lock it takes a lease of its own, on the byte
 * of a free number, and raises that number's generation. Both stand in the lock word while it holds the lock:
 *
 *   bit 31        somebody sleeps until the word changes
 *   bits 16-30    participant number + 1; 0: the lock is free
 *   bits 0-15     generation
 *
 * Whoever waits some milliseconds asks the kernel for the holder's lease. If it is free, or the number has another
 * generation by now, the holder is dead, and the waiter takes the lock over: one compare-exchange of the whole word, so
 * that of several only one does. A stopped holder is alive, and keeps its lease.
 *
 * If a process dies
 *   before its word is in the lock       nothing happened
 *   while it holds the lock              the next waiter takes over and puts right what it was writing (journal.h)
 *   after the lock is free, before it has woken a sleeper: sleepers wake by themselves after some milliseconds
 *
 * Threads that share a handle share its participant; the handle knows in private which of them holds the lock. */
#ifndef PSHMI_LOCK_H
#define PSHMI_LOCK_H

#include "area.h"
#include "platform.h"

#define PSHMI_LOCK_SLEEPERS UINT32_C(0x80000000)

/* In the handle only: a thread of ours is about to join. No lock word, for it names no participant. */
#define PSHMI_LOCK_JOINING UINT32_C(1)

/* The block's file, for asking the kernel. Another thread may close it: it is used between hold and let only. */
typedef struct {
    const pshmi_file *file;
    const char *name;
    int32_t (*hold)(void *user); /* an error, in words, when it is closed */
    void (*let)(void *user);
    void *user;
} pshmi_lock_file;

/* A handle's part in an area. */
typedef struct {
    pshmi_area area;
    pshmi_lock_file file;
    _Atomic uint32_t word;   /* what stands in the lock when this participant holds it; 0: it has not joined */
    _Atomic uintptr_t owner; /* the thread that holds the lock through this handle; 0: none */
    uint32_t depth;          /* how often it does; the owner's */
} pshmi_lock;

void pshmi_lock_init(pshmi_lock *lock, const pshmi_area *area, const pshmi_lock_file *file);

/* Forgets who it is: to be called in a child after fork, before it has threads, when the file was opened anew. The
 * child takes part by itself from its first lock on, and holds nothing that its parent does. */
void pshmi_lock_reset(pshmi_lock *lock);

/* Takes the lock; again in the thread that holds it. POLYSHM_OK, or POLYSHM_OWNER_DIED: the lock is taken, but its last
 * holder died with it. POLYSHM_ETIMEDOUT, POLYSHM_EINTR, POLYSHM_EMFILE when there are too many participants. */
int32_t pshmi_lock_acquire(pshmi_lock *lock, double timeout);

/* Gives the lock back, as often as it was taken. To be called by the owner. */
void pshmi_lock_release(pshmi_lock *lock);

/* Takes the lock if it is free and the handle has joined: for a section that calls nothing which takes it again, and
 * is over with pshmi_lock_give. Not for a thread that holds it already: that finds it taken. */
static inline bool pshmi_lock_try(pshmi_lock *lock)
{
    uint32_t mine = atomic_load_explicit(&lock->word, memory_order_relaxed), free = 0;
    /* SYNC: list lock. Acquire pairs with the exchange in pshmi_lock_give. */
    return mine > PSHMI_LOCK_JOINING &&
           atomic_compare_exchange_strong_explicit(&lock->area.state->lock, &free, mine, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* Gives back what pshmi_lock_try took. */
static inline void pshmi_lock_give(pshmi_lock *lock)
{
    /* SYNC: list lock. A full barrier: it also orders the version before the look at the mark that follows (change.h). */
    uint32_t word = atomic_exchange(&lock->area.state->lock, 0);
    if (word & PSHMI_LOCK_SLEEPERS)
        pshmi_futex_wake(&lock->area.state->lock, 1);
}

/* Whether this thread holds the lock through this handle. */
bool pshmi_lock_is_owner(const pshmi_lock *lock);

/* Whether the lock is held by a participant that is dead. */
int32_t pshmi_lock_is_abandoned(const pshmi_lock *lock, bool *abandoned);

#endif
