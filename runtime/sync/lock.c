/* Taking the lock, waiting for it, and taking it over from the dead (lock.h). */
#include "lock.h"

#include <inttypes.h>

enum { GENERATION_BITS = 16, GENERATION_MASK = 0xFFFF };

/* A holder that is running gives the lock back within microseconds: look that often before sleeping, and rest twice as
 * long between two looks each time. Each look takes the cache line from the holder, so who looks all the time slows down
 * everybody; who rests lets the holder do a hundred writes meanwhile. */
enum { SPINS = 6, REST = 16 };

/* A sleeper looks after its holder that often, in seconds. */
static const double PATIENCE = 0.005;

/* This thread, among all that this process ever has. No address: the next thread gets that of one that has ended, and
 * with it what that one still held. */
static uintptr_t self(void)
{
    static _Atomic uintptr_t last;
    /* In the static TLS that the loader keeps for libraries that come late: no call to find it. */
    static _Thread_local uintptr_t number __attribute__((tls_model("initial-exec")));
    if (!number)
        number = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
    return number;
}

static uint32_t word_of(uint32_t number, uint32_t generation)
{
    return (number + 1) << GENERATION_BITS | generation;
}

void pshmi_lock_init(pshmi_lock *lock, const pshmi_area *area, const pshmi_lock_file *file)
{
    lock->area = *area;
    lock->file = *file;
    pshmi_lock_reset(lock);
}

void pshmi_lock_reset(pshmi_lock *lock)
{
    lock->depth = 0;
    atomic_init(&lock->word, 0);
    atomic_init(&lock->owner, 0);
}

/* Takes a number that nobody has. If the process dies before the generation is raised, the number's lease is free
 * again, and no lock word names it with the generation that comes. */
static int32_t take_number(const pshmi_lock *lock, uint32_t *word)
{
    uint32_t first = pshmi_random() % PSHMI_PARTICIPANTS;
    for (uint32_t i = 0; i < PSHMI_PARTICIPANTS; i++) {
        uint32_t number = (first + i) % PSHMI_PARTICIPANTS;
        bool taken;
        int32_t failure = pshmi_lease_take(lock->file.file, lock->file.name, number, &taken);
        if (failure)
            return failure;
        if (taken) {
            *word = word_of(number, (uint16_t)(atomic_fetch_add(&lock->area.generations[number], 1) + 1));
            return POLYSHM_OK;
        }
    }
    return pshmi_fail(POLYSHM_EMFILE, "list '%s' has %d participants already; close some of its attachments",
                      lock->file.name, PSHMI_PARTICIPANTS);
}

/* Becomes a participant: the first thread of the handle does, others that come meanwhile let it. */
static int32_t join(pshmi_lock *lock)
{
    uint32_t word = 0;
    while (!atomic_compare_exchange_strong(&lock->word, &word, PSHMI_LOCK_JOINING)) {
        if (word != PSHMI_LOCK_JOINING)
            return POLYSHM_OK;
        pshmi_clock_sleep(0.0001);
        word = 0;
    }
    word = 0;
    int32_t failure = lock->file.hold(lock->file.user);
    if (!failure) {
        failure = take_number(lock, &word);
        lock->file.let(lock->file.user);
    }
    atomic_store(&lock->word, word);
    return failure;
}

/* Whether another participant has the lease of this number. */
static int32_t is_taken(const pshmi_lock *lock, uint32_t number, bool *taken)
{
    int32_t failure = lock->file.hold(lock->file.user);
    if (failure)
        return failure;
    failure = pshmi_lease_is_taken(lock->file.file, lock->file.name, number, taken);
    lock->file.let(lock->file.user);
    return failure;
}

/* Whether the participant that the lock word names is gone. */
static int32_t is_dead(const pshmi_lock *lock, uint32_t word, bool *dead)
{
    uint32_t mine = atomic_load_explicit(&lock->word, memory_order_relaxed);
    uint32_t number = ((word & ~PSHMI_LOCK_SLEEPERS) >> GENERATION_BITS) - 1;
    bool held = false;
    int32_t failure = POLYSHM_OK;
    *dead = true; /* unless there is a lease, and a number of this generation */
    if (number >= PSHMI_PARTICIPANTS)
        return POLYSHM_OK;
    if ((word & ~PSHMI_LOCK_SLEEPERS) == mine)
        held = true; /* by another thread of ours: the kernel does not show a description its own leases */
    else if (mine >> GENERATION_BITS != number + 1)
        failure = is_taken(lock, number, &held);
    uint16_t generation = atomic_load_explicit(&lock->area.generations[number], memory_order_relaxed);
    *dead = !held || generation != (word & GENERATION_MASK);
    return failure;
}

/* If the holder, whose word this is, is dead: takes the lock from it. */
static int32_t take_over(pshmi_lock *lock, uint32_t word, bool *taken)
{
    bool dead;
    int32_t failure = is_dead(lock, word, &dead);
    if (failure || !dead)
        return failure;
    uint32_t mine = atomic_load_explicit(&lock->word, memory_order_relaxed);
    *taken = atomic_compare_exchange_strong(&lock->area.state->lock, &word, mine | PSHMI_LOCK_SLEEPERS);
    return *taken ? POLYSHM_OWNER_DIED : POLYSHM_OK;
}

/* Sleeps until the word changes, for PATIENCE at the most. Then, if the holder is dead, takes the lock from it. */
static int32_t wait_for(pshmi_lock *lock, uint32_t word, double left, bool *taken)
{
    _Atomic uint32_t *shared = &lock->area.state->lock;
    if (!(word & PSHMI_LOCK_SLEEPERS)) {
        if (!atomic_compare_exchange_strong(shared, &word, word | PSHMI_LOCK_SLEEPERS))
            return POLYSHM_OK;
        word |= PSHMI_LOCK_SLEEPERS;
    }
    int32_t status = pshmi_futex_wait(shared, word, left < PATIENCE ? left : PATIENCE);
    return status == POLYSHM_ETIMEDOUT ? take_over(lock, word, taken) : status;
}

/* Tries a while without sleeping. */
static bool spin(_Atomic uint32_t *shared, uint32_t mine)
{
    for (int i = 0, rest = REST; i < SPINS; i++, rest *= 2) {
        uint32_t free = 0;
        if (atomic_load_explicit(shared, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong_explicit(shared, &free, mine, memory_order_acquire, memory_order_relaxed))
            return true;
        for (int left = rest; left; left--)
            pshmi_clock_relax();
    }
    return false;
}

/* Makes this thread the owner. False if another thread of ours is: then the word was changed under it, by a close or by a
 * hostile peer, and what stands in the lock is that thread's. */
static bool claim(pshmi_lock *lock)
{
    uintptr_t nobody = 0;
    /* SYNC: lock owner. Pairs with the store in pshmi_lock_release. */
    if (!atomic_compare_exchange_strong_explicit(&lock->owner, &nobody, self(), memory_order_acquire,
                                                 memory_order_relaxed))
        return false;
    lock->depth = 1;
    return true;
}

/* Who slept takes the lock with the sleepers' bit: it cannot know whether others still do. */
static int32_t acquire_slowly(pshmi_lock *lock, double timeout)
{
    _Atomic uint32_t *shared = &lock->area.state->lock;
    uint32_t mine = atomic_load_explicit(&lock->word, memory_order_relaxed);
    if (spin(shared, mine) && claim(lock))
        return POLYSHM_OK;
    double deadline = pshmi_clock_now() + timeout;
    for (;;) {
        uint32_t word = 0;
        if (atomic_compare_exchange_strong(shared, &word, mine | PSHMI_LOCK_SLEEPERS)) {
            if (claim(lock))
                return POLYSHM_OK;
            word = mine | PSHMI_LOCK_SLEEPERS;
        }
        double left = deadline - pshmi_clock_now();
        bool taken = false;
        /* Who will not wait takes from the dead all the same. */
        int32_t status = left > 0 ? wait_for(lock, word, left, &taken) : take_over(lock, word, &taken);
        if (status < 0 || (taken && claim(lock)))
            return status;
        if (left <= 0)
            return pshmi_fail(
                POLYSHM_ETIMEDOUT,
                "list '%s': another thread or process, which lives, has kept the lock all that time; it may "
                "be stopped, or have forgotten to unlock",
                lock->file.name);
    }
}

bool pshmi_lock_is_owner(const pshmi_lock *lock)
{
    return atomic_load_explicit(&lock->owner, memory_order_relaxed) == self();
}

int32_t pshmi_lock_acquire(pshmi_lock *lock, double timeout)
{
    if (pshmi_lock_is_owner(lock)) {
        lock->depth++;
        return POLYSHM_OK;
    }
    int32_t failure = POLYSHM_OK;
    if (atomic_load_explicit(&lock->word, memory_order_relaxed) <= PSHMI_LOCK_JOINING && (failure = join(lock)))
        return failure;
    return pshmi_lock_try(lock) && claim(lock) ? POLYSHM_OK : acquire_slowly(lock, timeout);
}

void pshmi_lock_release(pshmi_lock *lock)
{
    if (--lock->depth)
        return;
    /* SYNC: lock owner. The depth is the next one's from here on. */
    atomic_store_explicit(&lock->owner, 0, memory_order_release);
    pshmi_lock_give(lock);
}

int32_t pshmi_lock_is_abandoned(const pshmi_lock *lock, bool *abandoned)
{
    uint32_t word = atomic_load(&lock->area.state->lock);
    *abandoned = false;
    return word ? is_dead(lock, word, abandoned) : POLYSHM_OK;
}
