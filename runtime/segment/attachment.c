/* How a process comes to a block: it creates it, attaches to it, or does whichever is possible. */
#include <inttypes.h>
#include <stdlib.h>

#include "segment.h"
#include "tracking.h"

enum { DEFAULT_MODE = 0600, MODE_BITS = 0777 };

pshmi_wait pshmi_wait_begin(double timeout)
{
    return (pshmi_wait){.deadline = pshmi_clock_now() + timeout, .pause = 0.0005};
}

int32_t pshmi_wait_pause(pshmi_wait *wait)
{
    double left = wait->deadline - pshmi_clock_now();
    if (left <= 0)
        return POLYSHM_ETIMEDOUT;
    int32_t slept = pshmi_clock_sleep(left < wait->pause ? left : wait->pause);
    wait->pause = wait->pause < 0.005 ? wait->pause * 2 : 0.01;
    return slept ? pshmi_fail(slept, "a signal interrupted the wait") : POLYSHM_OK;
}

int32_t pshmi_segment_prepare(const char *name, const void *contents, uint64_t size, uint32_t mode, uint32_t flags,
                              polyshm_segment **segment)
{
    int32_t failure = name ? pshmi_name_check(name) : POLYSHM_OK;
    if (failure)
        return failure;
    const char *shown = name ? name : "psm_...";
    if (size == 0)
        return pshmi_fail(POLYSHM_EINVAL, "block '%s': the size must be 1 or more", shown);
    if (size > INT64_MAX)
        return pshmi_fail(POLYSHM_ERANGE, "block '%s': a size of %" PRIu64 " is over 2^63 - 1", shown, size);
    if (mode & ~(uint32_t)MODE_BITS)
        return pshmi_fail(POLYSHM_EINVAL, "block '%s': the mode 0%" PRIo32 " is outside 0 to 0777", shown, mode);
    if ((failure = pshmi_mapping_check(shown, size)))
        return failure;

    pshmi_file file;
    uint64_t forks = pshmi_fork_count();
    failure =
        pshmi_file_create(shown, contents, size, mode ? mode : DEFAULT_MODE, flags & POLYSHM_SEGMENT_SPARSE, &file);
    return failure ? failure : pshmi_segment_open(&file, shown, false, forks, segment);
}

int32_t pshmi_segment_book(uint32_t flags, pshmi_book **book)
{
    *book = NULL;
    return flags & POLYSHM_SEGMENT_TRACK ? pshmi_tracking_book(book) : POLYSHM_OK;
}

/* In the book before it has its name: if the process dies in between, the entry stands for no block. */
static int32_t publish(const char *name, pshmi_book *book, polyshm_segment *segment)
{
    if (!book)
        return pshmi_file_publish(&segment->file, name);
    int32_t failure = pshmi_book_begin(book, name, segment->file.identity, &segment->record);
    if (failure)
        return failure;
    segment->book = book->serial;
    if ((failure = pshmi_file_publish(&segment->file, name)))
        pshmi_book_remove(book, segment->record);
    pshmi_book_end(book);
    return failure;
}

int32_t pshmi_segment_publish(const char *name, pshmi_book *book, polyshm_segment *segment)
{
    if (name)
        return publish(name, book, segment);
    pshmi_error_record before = pshmi_error_save();
    int32_t failure;
    do {
        pshmi_name_format(pshmi_random(), segment->name);
        failure = publish(segment->name, book, segment);
    } while (failure == POLYSHM_EEXIST);
    if (!failure)
        pshmi_error_restore(&before);
    return failure;
}

int32_t pshmi_segment_create(const char *name, uint64_t size, uint32_t mode, uint32_t flags, pshmi_book *book,
                             polyshm_segment **segment)
{
    polyshm_segment *handle;
    int32_t failure = pshmi_segment_prepare(name, NULL, size, mode, flags, &handle);
    if (failure)
        return failure;
    if ((failure = pshmi_segment_publish(name, book, handle))) {
        polyshm_segment_unref(handle);
        return failure;
    }
    *segment = handle;
    return POLYSHM_OK;
}

int32_t polyshm_segment_create(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                               polyshm_segment **segment)
{
    pshmi_book *book;
    int32_t failure;
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    if ((failure = pshmi_segment_check_flags(__func__, flags, POLYSHM_SEGMENT_SPARSE | POLYSHM_SEGMENT_TRACK)) ||
        (failure = pshmi_segment_book(flags, &book)))
        return failure;
    return pshmi_segment_create(name, size, mode, flags, book, segment);
}

/* Refuses a file that is open but not to be attached to; takes the lease of one that is. */
static int32_t admit(const pshmi_file *file, const char *name, uint32_t flags)
{
    if ((flags & POLYSHM_SEGMENT_SAME_USER) && file->owner != pshmi_user())
        return pshmi_fail(POLYSHM_EACCES, "block '%s' belongs to user %" PRIu32 ", not to user %" PRIu32, name,
                          file->owner, pshmi_user());
    if (file->size == 0)
        return pshmi_fail(POLYSHM_EEMPTY, "block '%s' has no bytes: its creator has not sized it", name);
    return pshmi_lease_share(file, name);
}

/* One try. */
static int32_t attach_now(const char *name, uint32_t flags, polyshm_segment **segment)
{
    bool readonly = flags & POLYSHM_SEGMENT_READONLY;
    pshmi_file file;
    uint64_t forks = pshmi_fork_count();
    int32_t failure = pshmi_file_open(name, readonly, &file);
    if (failure)
        return failure;
    if ((failure = admit(&file, name, flags))) {
        pshmi_file_close(&file);
        return failure;
    }
    return pshmi_segment_open(&file, name, readonly, forks, segment);
}

int32_t polyshm_segment_attach(const char *name, uint32_t flags, double timeout, polyshm_segment **segment)
{
    int32_t failure;
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    if ((failure = pshmi_segment_check_flags(__func__, flags, POLYSHM_SEGMENT_READONLY | POLYSHM_SEGMENT_SAME_USER)))
        return failure;
    if ((failure = pshmi_name_check(name)))
        return failure;
    if (!(timeout >= 0))
        return pshmi_fail(POLYSHM_EINVAL, "block '%s': the timeout must be 0 seconds or more", name);

    pshmi_error_record before = pshmi_error_save();
    pshmi_wait for_name = pshmi_wait_begin(timeout);
    pshmi_wait for_size = pshmi_wait_begin(timeout > PSHMI_WAIT_FOREIGN ? timeout : PSHMI_WAIT_FOREIGN);
    for (;;) {
        failure = attach_now(name, flags, segment);
        if (!failure)
            pshmi_error_restore(&before);
        if (failure != POLYSHM_EEMPTY && (failure != POLYSHM_ENOENT || timeout == 0))
            return failure;
        int32_t pause = pshmi_wait_pause(failure == POLYSHM_EEMPTY ? &for_size : &for_name);
        if (pause == POLYSHM_EINTR || (pause && failure == POLYSHM_EEMPTY))
            return pause == POLYSHM_EINTR ? pause : failure;
        if (pause)
            return pshmi_fail(POLYSHM_ETIMEDOUT, "no block '%s' appeared in time", name);
    }
}

int32_t polyshm_segment_create_or_attach(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                                         polyshm_segment **segment, int32_t *created)
{
    polyshm_segment *handle;
    int32_t failure;
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    if (!name)
        return pshmi_fail_null(__func__, "name");
    const uint32_t creation = POLYSHM_SEGMENT_SPARSE | POLYSHM_SEGMENT_TRACK;
    if ((failure = pshmi_segment_check_flags(__func__, flags, creation | POLYSHM_SEGMENT_SAME_USER)))
        return failure;

    /* Each round that ends in ENOENT and then EEXIST saw the name go and come: others make progress. */
    bool existed;
    pshmi_error_record before = pshmi_error_save();
    do {
        failure = polyshm_segment_attach(name, flags & POLYSHM_SEGMENT_SAME_USER, 0, &handle);
        existed = failure != POLYSHM_ENOENT;
        if (!existed)
            failure = polyshm_segment_create(name, size, mode, flags & creation, &handle);
    } while (!existed && failure == POLYSHM_EEXIST);
    if (failure)
        return failure;

    uint64_t found = handle->file.size;
    if (found < size) {
        polyshm_segment_unref(handle);
        return pshmi_fail(POLYSHM_ERANGE, "block '%s' exists with %" PRIu64 " bytes, fewer than the %" PRIu64 " wanted",
                          name, found, size);
    }
    pshmi_error_restore(&before);
    *segment = handle;
    if (created)
        *created = !existed;
    return POLYSHM_OK;
}

int32_t polyshm_segment_exists(const char *name, int32_t *exists)
{
    bool there;
    int32_t failure;
    if (!exists)
        return pshmi_fail_null(__func__, "exists");
    if ((failure = pshmi_name_check(name)) || (failure = pshmi_file_exists(name, &there)))
        return failure;
    *exists = there;
    return POLYSHM_OK;
}

int32_t polyshm_segment_attached(const char *name, int32_t *attached)
{
    bool held;
    pshmi_file file;
    int32_t failure;
    if (!attached)
        return pshmi_fail_null(__func__, "attached");
    if ((failure = pshmi_name_check(name)) || (failure = pshmi_file_open(name, true, &file)))
        return failure;
    failure = pshmi_lease_is_held(&file, name, &held);
    pshmi_file_close(&file);
    if (failure)
        return failure;
    *attached = held;
    return POLYSHM_OK;
}
