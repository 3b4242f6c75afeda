/* The inside of a segment, for the layers above: a list's block has its contents before it has its name. */
#ifndef PSHMI_SEGMENT_H
#define PSHMI_SEGMENT_H

#include <polyshm/segment.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "book.h"
#include "platform.h"

/* A handle.
 *
 * state holds the number of pins and, on top, whether the handle was closed. It only ever goes from open to closed,
 * and a closed handle gets no new pin, so exactly one thread sees the step to "closed and no pins": that one
 * detaches. There is no mutex that a fork could catch locked.
 *
 * Detaching puts blank pages in the place of the block's. The address range itself stays taken until the last
 * reference is gone, so a thread that is still copying from it reads zeros, not unmapped memory; then it looks at
 * state again and reports POLYSHM_ECLOSED. A process that has one thread only unmaps right away. */
struct polyshm_segment {
    _Atomic uint32_t references; /* one a pin, too */
    _Atomic uint32_t state;
    bool readonly;
    pshmi_file file;         /* closed by whoever detaches; size and identity are constant */
    char *address;           /* constant */
    bool mapped;             /* the address range is ours; changed by whoever detaches, used by the last unref */
    uint32_t book;           /* the serial of the book that it was entered in, and the number of its record there */
    uint64_t record;         /* 0 for none */
    pshmi_follower follower; /* a child gives itself a file of its own, and a mapping of that at the same address */
    char name[PSHMI_NAME_SIZE];
};

#define PSHMI_SEGMENT_CLOSED UINT32_C(0x80000000) /* the bit of state; the others count pins */

static inline bool pshmi_segment_is_open(const polyshm_segment *segment)
{
    return !(atomic_load_explicit(&segment->state, memory_order_relaxed) & PSHMI_SEGMENT_CLOSED);
}

/* Whether the segment was open all the while that its bytes were read: to be asked after reading.
 * SYNC: segment closed. The fence keeps the reads before the look at state; polyshm_segment_close sets state
 * before the pages change, so whoever read blank pages sees the segment closed. */
static inline bool pshmi_segment_was_open(const polyshm_segment *segment)
{
    atomic_thread_fence(memory_order_acquire);
    return pshmi_segment_is_open(segment);
}

/* Fails with POLYSHM_ECLOSED, or POLYSHM_EINVAL for NULL. */
int32_t pshmi_segment_fail_closed(const polyshm_segment *segment);

/* POLYSHM_EINVAL if flags has bits beyond known. */
int32_t pshmi_segment_check_flags(const char *function, uint32_t flags, uint32_t known);

/* Makes a segment on a new block that has its contents (NULL: zeros) but no name yet; publish gives it one (NULL: a
 * fresh one), and enters it in the book first (NULL: in none). Between the two unref drops it without a trace. */
int32_t pshmi_segment_prepare(const char *name, const void *contents, uint64_t size, uint32_t mode, uint32_t flags,
                              polyshm_segment **segment);
int32_t pshmi_segment_publish(const char *name, pshmi_book *book, polyshm_segment *segment);

/* Does what polyshm_segment_create does, and enters the block in the book, which may be NULL. */
int32_t pshmi_segment_create(const char *name, uint64_t size, uint32_t mode, uint32_t flags, pshmi_book *book,
                             polyshm_segment **segment);

/* The book for a block that is created with these flags: this process's own, or NULL for none. */
int32_t pshmi_segment_book(uint32_t flags, pshmi_book **book);

/* Makes a handle on an open file, and takes the file over: also when it fails. forks is what pshmi_fork_count gave before
 * the file was opened. */
int32_t pshmi_segment_open(pshmi_file *file, const char *name, bool readonly, uint64_t forks,
                           polyshm_segment **segment);

/* Keeps the segment's file open, and forks away, until pshmi_fork_let: for a call on its descriptor. Nothing is kept if
 * there is none: POLYSHM_ECLOSED, or POLYSHM_EACCES in a child of fork that could not open the file for itself. */
int32_t pshmi_segment_hold(const polyshm_segment *segment);

/* A wait that polls: inotify would cost a descriptor, of which a user may have few (fs.inotify.max_user_instances).
 * The pauses grow from a half to 10 milliseconds. */
typedef struct {
    double deadline;
    double pause;
} pshmi_wait;

/* A fifth of a second for foreign creators, who name a block before they size and fill it. */
#define PSHMI_WAIT_FOREIGN 0.2

pshmi_wait pshmi_wait_begin(double timeout);

/* Pauses once. POLYSHM_ETIMEDOUT (without words) when the time is over, POLYSHM_EINTR. */
int32_t pshmi_wait_pause(pshmi_wait *wait);

#endif
