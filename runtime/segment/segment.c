/* Segment handles: their life, and access to their bytes. segment.h tells how a handle ends. */
#include "segment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "tracking.h"

int32_t pshmi_segment_fail_closed(const polyshm_segment *segment)
{
    if (!segment)
        return pshmi_fail(POLYSHM_EINVAL, "the handle is NULL");
    return pshmi_fail(POLYSHM_ECLOSED, "block '%s': the handle is closed", segment->name);
}

int32_t pshmi_segment_check_flags(const char *function, uint32_t flags, uint32_t known)
{
    if (flags & ~known)
        return pshmi_fail(POLYSHM_EINVAL, "%s: flags 0x%" PRIx32 " are not for this function", function,
                          flags & ~known);
    return POLYSHM_OK;
}

/* Leaves the description that another process has, too. */
static void reopen(void *user)
{
    polyshm_segment *segment = user;
    pshmi_file_reopen(&segment->file, segment->readonly);
    pshmi_mapping_reopen(&segment->file, segment->readonly, segment->address);
}

/* Follows forks, and mends it if there was one since `forks` were counted. */
static void follow_forks(polyshm_segment *segment, uint64_t forks)
{
    segment->follower = (pshmi_follower){.forked = reopen, .user = segment};
    pshmi_fork_hold();
    if (forks != pshmi_fork_count())
        reopen(segment);
    pshmi_fork_follow(&segment->follower);
    pshmi_fork_let();
}

int32_t pshmi_segment_open(pshmi_file *file, const char *name, bool readonly, uint64_t forks, polyshm_segment **segment)
{
    void *address = NULL;
    polyshm_segment *handle = pshmi_memory_allocate(1, sizeof *handle);
    int32_t failure = handle ? pshmi_mapping_open(file, readonly, name, &address) : POLYSHM_ENOMEM;
    if (failure) {
        free(handle);
        pshmi_file_close(file);
        return failure;
    }
    atomic_init(&handle->references, 1);
    atomic_init(&handle->state, 0);
    handle->readonly = readonly;
    handle->file = *file;
    handle->address = address;
    handle->mapped = true;
    memcpy(handle->name, name, strlen(name) + 1);
    follow_forks(handle, forks);
    *segment = handle;
    return POLYSHM_OK;
}

int32_t pshmi_segment_hold(const polyshm_segment *segment)
{
    pshmi_fork_hold();
    /* Who closes it marks it closed first, and closes the file in a hold. */
    bool open = pshmi_segment_is_open(segment);
    if (open && segment->file.descriptor >= 0)
        return POLYSHM_OK;
    pshmi_fork_let();
    if (!open)
        return pshmi_segment_fail_closed(segment);
    return pshmi_fail(POLYSHM_EACCES,
                      "block '%s': this child of fork could not open it for itself, as a write needs it; "
                      "see that its mode allows that, and that descriptors are left",
                      segment->name);
}

int32_t polyshm_segment_name(const polyshm_segment *segment, const char **name)
{
    if (!segment || !name)
        return pshmi_fail_null(__func__, segment ? "name" : "segment");
    *name = segment->name;
    return POLYSHM_OK;
}

int32_t polyshm_segment_size(const polyshm_segment *segment, uint64_t *size)
{
    if (!segment || !size)
        return pshmi_fail_null(__func__, segment ? "size" : "segment");
    *size = segment->file.size;
    return POLYSHM_OK;
}

int32_t polyshm_segment_address(const polyshm_segment *segment, void **address)
{
    if (!segment || !pshmi_segment_is_open(segment))
        return pshmi_segment_fail_closed(segment);
    if (!address)
        return pshmi_fail_null(__func__, "address");
    *address = segment->address;
    return POLYSHM_OK;
}

int32_t polyshm_segment_is_readonly(const polyshm_segment *segment)
{
    return segment && segment->readonly;
}

int32_t polyshm_segment_is_closed(const polyshm_segment *segment)
{
    return !segment || !pshmi_segment_is_open(segment);
}

/* Whether size bytes from offset on are in the block; and that data is there for them. */
static int32_t check_access(const polyshm_segment *segment, uint64_t offset, const void *data, uint64_t size)
{
    if (!segment || !pshmi_segment_is_open(segment))
        return pshmi_segment_fail_closed(segment);
    if (offset > segment->file.size || size > segment->file.size - offset)
        return pshmi_fail(POLYSHM_ERANGE,
                          "block '%s' has %" PRIu64 " bytes: %" PRIu64 " bytes from offset %" PRIu64 " reach beyond",
                          segment->name, segment->file.size, size, offset);
    if (!data && size > 0)
        return pshmi_fail_null("polyshm_segment", "data");
    return POLYSHM_OK;
}

int32_t polyshm_segment_read(const polyshm_segment *segment, uint64_t offset, void *data, uint64_t size)
{
    int32_t failure = check_access(segment, offset, data, size);
    if (failure || size == 0)
        return failure;
    memcpy(data, segment->address + offset, (size_t)size);
    return pshmi_segment_was_open(segment) ? POLYSHM_OK : pshmi_segment_fail_closed(segment);
}

int32_t polyshm_segment_write(polyshm_segment *segment, uint64_t offset, const void *data, uint64_t size)
{
    int32_t failure = check_access(segment, offset, data, size);
    if (failure)
        return failure;
    if (segment->readonly)
        return pshmi_fail(POLYSHM_EREADONLY, "block '%s' was attached read-only", segment->name);
    if (size == 0)
        return POLYSHM_OK;
    memcpy(segment->address + offset, data, (size_t)size);
    return pshmi_segment_was_open(segment) ? POLYSHM_OK : pshmi_segment_fail_closed(segment);
}

int32_t polyshm_segment_pin(polyshm_segment *segment)
{
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    uint32_t state = atomic_load(&segment->state);
    do {
        if (state & PSHMI_SEGMENT_CLOSED)
            return pshmi_segment_fail_closed(segment);
        if (state + 1 == PSHMI_SEGMENT_CLOSED)
            return pshmi_fail(POLYSHM_ERANGE, "block '%s' is pinned too often", segment->name);
    } while (!atomic_compare_exchange_weak(&segment->state, &state, state + 1));
    polyshm_segment_ref(segment);
    return POLYSHM_OK;
}

/* Lets the block go. Called once, by the thread that made state "closed and no pins". */
static void detach(polyshm_segment *segment)
{
    pshmi_fork_hold();
    pshmi_fork_unfollow(&segment->follower);
    if (pshmi_thread_is_alone()) {
        pshmi_mapping_close(segment->address, segment->file.size);
        segment->mapped = false;
    } else {
        pshmi_mapping_blank(segment->address, segment->file.size);
    }
    pshmi_file_close(&segment->file);
    pshmi_fork_let();
}

int32_t polyshm_segment_unpin(polyshm_segment *segment)
{
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    uint32_t state = atomic_load(&segment->state);
    do {
        if ((state & ~PSHMI_SEGMENT_CLOSED) == 0)
            return pshmi_fail(POLYSHM_EINVAL, "block '%s' is not pinned", segment->name);
    } while (!atomic_compare_exchange_weak(&segment->state, &state, state - 1));
    if (state - 1 == PSHMI_SEGMENT_CLOSED)
        detach(segment);
    polyshm_segment_unref(segment);
    return POLYSHM_OK;
}

int32_t polyshm_segment_close(polyshm_segment *segment)
{
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    /* SYNC: segment closed. Set before the pages change; pairs with pshmi_segment_was_open. */
    uint32_t state = atomic_fetch_or(&segment->state, PSHMI_SEGMENT_CLOSED);
    if (state == 0)
        detach(segment);
    return POLYSHM_OK;
}

int32_t polyshm_segment_unlink(polyshm_segment *segment)
{
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    int32_t failure = pshmi_file_unlink(segment->name, segment->file.identity);
    if (!failure && segment->record)
        pshmi_tracking_forget(segment->book, segment->record, segment->name, segment->file.identity);
    return failure;
}

void polyshm_segment_ref(polyshm_segment *segment)
{
    if (segment)
        atomic_fetch_add_explicit(&segment->references, 1, memory_order_relaxed);
}

void polyshm_segment_unref(polyshm_segment *segment)
{
    if (!segment || atomic_fetch_sub_explicit(&segment->references, 1, memory_order_acq_rel) != 1)
        return;
    if (pshmi_segment_is_open(segment)) {
        pshmi_fork_hold();
        pshmi_fork_unfollow(&segment->follower);
        pshmi_mapping_close(segment->address, segment->file.size); /* nobody can be reading: no need for blank pages */
        pshmi_file_close(&segment->file);
        pshmi_fork_let();
    } else if (segment->mapped) {
        pshmi_mapping_close(segment->address, segment->file.size);
    }
    free(segment);
}
