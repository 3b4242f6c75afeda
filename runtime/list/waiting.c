/* Versions, waiting for them to move, and reading the whole list at one of them. */
#include <inttypes.h>

#include "change.h"
#include "list.h"
#include "section.h"

/* The longest sleep, in seconds: a close in another thread takes the word away that would be woken. */
static const double NAP = 0.5;

/* Of a list that is attached read-only, which no writer knows to wake. */
static const double BLIND_NAP = 0.005;

/* A snapshot that meets writers so often takes the lock or, if it may not write, pauses between more tries for as long as
 * the handle's timeout says. That is also how long it is patient with all items together. */
enum { TRIES = 16 };

static uint64_t shared_version(const polyshm_list *list)
{
    return atomic_load_explicit(&list->lock.area.state->version, memory_order_acquire);
}

static uint64_t item_version(const polyshm_list *list, uint64_t index)
{
    return atomic_load_explicit(&list->lock.area.versions[index], memory_order_acquire) / 2;
}

/* Gives a version that was read, unless a close had taken it away: then there was a 0. */
static int32_t conclude(const polyshm_list *list, uint64_t found, uint64_t *version)
{
    if (!pshmi_segment_was_open(list->segment))
        return pshmi_list_fail_closed(list);
    if (version)
        *version = found;
    return POLYSHM_OK;
}

int32_t polyshm_list_is_synchronized(const polyshm_list *list)
{
    return list && list->synchronized;
}

int32_t polyshm_list_set_timeout(polyshm_list *list, double timeout)
{
    if (!list)
        return pshmi_fail_null(__func__, "list");
    if (!(timeout >= 0))
        return pshmi_fail(POLYSHM_EINVAL, "list '%s': the timeout must be 0 seconds or more", list->segment->name);
    atomic_store_explicit(&list->timeout, timeout, memory_order_relaxed);
    return POLYSHM_OK;
}

int32_t polyshm_list_version(const polyshm_list *list, uint64_t *version)
{
    int32_t failure = pshmi_list_check_synchronized(list);
    if (failure)
        return failure;
    if (!version)
        return pshmi_fail_null(__func__, "version");
    return conclude(list, shared_version(list) / 2, version);
}

int32_t polyshm_list_item_version(const polyshm_list *list, int64_t index, uint64_t *version)
{
    int32_t failure = pshmi_list_check_item(list, index);
    if (failure || (failure = pshmi_list_check_synchronized(list)))
        return failure;
    if (!version)
        return pshmi_fail_null(__func__, "version");
    return conclude(list, item_version(list, (uint64_t)index), version);
}

/* Sleeps until the list changes, or the deadline comes. */
static int32_t nap(const polyshm_list *list, uint64_t seen, double deadline)
{
    double left = deadline - pshmi_clock_now();
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    if (left <= 0)
        return pshmi_fail(POLYSHM_ETIMEDOUT, "list '%s' did not change in time", list->segment->name);
    bool writable = !list->segment->readonly;
    double longest = writable ? NAP : BLIND_NAP;
    int32_t status = pshmi_change_wait(&list->lock.area, writable, seen, left < longest ? left : longest);
    return status == POLYSHM_ETIMEDOUT ? POLYSHM_OK : status;
}

static int32_t check_wait(const polyshm_list *list, double timeout)
{
    int32_t failure = pshmi_list_check_synchronized(list);
    if (!failure && !(timeout >= 0))
        return pshmi_fail(POLYSHM_EINVAL, "list '%s': the timeout must be 0 seconds or more", list->segment->name);
    return failure;
}

int32_t polyshm_list_wait(const polyshm_list *list, uint64_t seen, double timeout, uint64_t *version)
{
    uint64_t now;
    int32_t failure = check_wait(list, timeout);
    double deadline = failure ? 0 : pshmi_clock_now() + timeout;
    while (!failure && (now = shared_version(list)) / 2 == seen)
        failure = nap(list, now & ~UINT64_C(1), deadline);
    return failure ? failure : conclude(list, now / 2, version);
}

int32_t polyshm_list_wait_item(const polyshm_list *list, int64_t index, uint64_t seen, double timeout,
                               uint64_t *version)
{
    uint64_t now = 0;
    int32_t failure = pshmi_list_check_item(list, index);
    if (!failure)
        failure = check_wait(list, timeout);
    double deadline = failure ? 0 : pshmi_clock_now() + timeout;
    while (!failure) {
        uint64_t whole = shared_version(list); /* first: a change behind it ends the nap */
        if ((now = item_version(list, (uint64_t)index)) != seen)
            break;
        failure = nap(list, whole & ~UINT64_C(1), deadline);
    }
    return failure ? failure : conclude(list, now, version);
}

/* Where the items of a snapshot go. */
typedef struct {
    const polyshm_list *list;
    char *buffer;
    uint64_t capacity;
    polyshm_value *values;
    double *deadline;
} snapshot;

static int32_t read_all(const snapshot *target)
{
    return pshmi_list_read(target->list, 0, target->list->geometry.count, target->buffer, target->capacity,
                           target->values, target->deadline);
}

/* Reads everything between two looks at the version; done tells whether that was one state of the list. */
static int32_t try_snapshot(const snapshot *target, uint64_t *version, bool *done)
{
    bool abandoned = false;
    *version = shared_version(target->list);
    *done = false;
    if (*version & 1) { /* a dead writer changes nothing more: its last state will do */
        int32_t failure = pshmi_lock_is_abandoned(&target->list->lock, &abandoned);
        if (failure || !abandoned)
            return failure;
    }
    int32_t failure = read_all(target);
    /* SYNC: list version. Pairs with the fence in pshmi_change_begin. */
    atomic_thread_fence(memory_order_acquire);
    *done = atomic_load_explicit(&target->list->lock.area.state->version, memory_order_relaxed) == *version;
    bool counts = *done || failure == POLYSHM_ECLOSED || failure == POLYSHM_ETIMEDOUT;
    return counts ? failure : POLYSHM_OK;
}

/* Nobody writes while we hold the lock. */
static int32_t locked_snapshot(const snapshot *target, uint64_t *version)
{
    polyshm_list *list = (polyshm_list *)(uintptr_t)target->list; /* the lock is no part of what const promises */
    int32_t failure = pshmi_section_enter(list);
    if (failure)
        return failure;
    failure = read_all(target);
    *version = shared_version(list);
    int32_t left = pshmi_section_leave(list);
    return failure ? failure : left;
}

int32_t polyshm_list_snapshot(const polyshm_list *list, void *buffer, uint64_t capacity, polyshm_value *values,
                              uint64_t *version)
{
    int32_t failure = pshmi_list_check_synchronized(list);
    if (failure)
        return failure;
    if ((!values && list->geometry.count) || (!buffer && capacity))
        return pshmi_fail_null(__func__, buffer || !capacity ? "values" : "buffer");

    bool done = false, locks = !list->segment->readonly;
    uint64_t seen = 0;
    pshmi_wait wait = pshmi_wait_begin(atomic_load_explicit(&list->timeout, memory_order_relaxed));
    const snapshot target = {list, buffer, capacity, values, &wait.deadline};
    for (int tries = 0; !done && !failure; tries++) {
        failure = try_snapshot(&target, &seen, &done);
        if (done || failure || tries < TRIES)
            continue;
        if (locks) {
            failure = locked_snapshot(&target, &seen);
            done = true;
        } else if ((failure = pshmi_wait_pause(&wait)) == POLYSHM_ETIMEDOUT) {
            failure = pshmi_fail(failure, "list '%s': it was being written all the time", list->segment->name);
        }
    }
    if (!failure && version)
        *version = seen / 2;
    return failure;
}
