/* Segments: a process's handle on a block, its bytes mapped into memory.
 *
 * A block is found by name and outlives every process until its name is unlinked and its last attachment closed
 * (POSIX shm_open(3), shm_unlink(3)). A block gets its name only when it is sized and reserved: nobody ever attaches
 * to one half made.
 *
 * A handle ends in two steps. close detaches it now: twice is fine, and later calls say POLYSHM_ECLOSED. unref frees
 * its memory. Bytes that somebody pinned stay mapped beyond close, until they are unpinned. */
#ifndef POLYSHM_SEGMENT_H
#define POLYSHM_SEGMENT_H

#include <stdint.h>

#include "polyshm/begin.h"

typedef struct polyshm_segment polyshm_segment;

/* Flags of create and attach, for segments and lists. A bit that a function does not know is POLYSHM_EINVAL. */
enum {
    POLYSHM_SEGMENT_READONLY = 1,  /* attach: map for reading only; needs no write permission */
    POLYSHM_SEGMENT_SPARSE = 2,    /* create: do not reserve memory; a write may end in SIGBUS when it runs out */
    POLYSHM_SEGMENT_SAME_USER = 4, /* attach: refuse a block that another user owns */
    POLYSHM_SEGMENT_TRACK = 8 /* create: have the block removed when this process has ended and nobody is attached */
};

/* Creates a block, zero-filled, and attaches to it for reading and writing.
 *
 *   name   1 to 250 bytes of UTF-8 without '/', not "." or ".."; may be NULL, for a fresh one: "psm_" and 8 hex
 *          digits.
 *   size   bytes, 1 to 2^63 - 1. Exactly this many: nothing is rounded to pages.
 *   mode   permissions, 0 to 0777, set whatever the umask; 0 stands for 0600.
 *   flags  any of POLYSHM_SEGMENT_SPARSE and POLYSHM_SEGMENT_TRACK, or 0.
 *
 * A tracked block goes when the process that created it has ended, however it ended, and no process is attached any more,
 * be it one that uses polyshm or not; closing does not count as ending. A helper process does that (`polyshm manager`,
 * started when the first one is created): it is told of the block before the block has its name, and lives as long as there
 * is something to wait for. When all of a user's helpers are killed, too, the block goes with the next helper, or with
 * polyshm_reap. After exec, the process has ended in this sense. A child of fork tracks what it creates itself.
 *
 * Gives a handle with one reference, to be closed and unreferenced by the caller.
 *
 * POLYSHM_EINVAL    size is 0, mode or flags are out of range
 * POLYSHM_ERANGE    size is over 2^63 - 1
 * POLYSHM_ENAME     the name is not valid
 * POLYSHM_EEXIST    the name is taken
 * POLYSHM_EACCES    no permission to make files in /dev/shm, or it is read-only
 * POLYSHM_ENOSPC    /dev/shm has not that much room
 * POLYSHM_ENOMEM    the address space or this process's memory is used up, or never had so much (32 bits)
 * POLYSHM_EMFILE    no file descriptor is left
 * POLYSHM_ESYSTEM   anything else that the system refuses; with POLYSHM_SEGMENT_TRACK, when the helper cannot be started
 * With POLYSHM_SEGMENT_TRACK, POLYSHM_EACCES and POLYSHM_ENAME also when $XDG_RUNTIME_DIR, where the helper is met, is no
 * folder of this user's.
 * On failure, and when the process dies on the way, no block stays. */
int32_t polyshm_segment_create(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                               polyshm_segment **segment);

/* Attaches to a block that exists.
 *
 *   name     as for create; never NULL.
 *   flags    any of POLYSHM_SEGMENT_READONLY and POLYSHM_SEGMENT_SAME_USER, or 0.
 *   timeout  seconds to wait for the name to appear; 0 does not wait, INFINITY waits for ever.
 *
 * The size is the block's when it is attached; later growth is not seen. A block of no bytes, which a foreign creator
 * has named but not sized yet, is waited for: for the timeout, and a fifth of a second at least.
 *
 * POLYSHM_EINVAL     timeout is negative or not a number, flags are unknown
 * POLYSHM_ENAME      the name is not valid
 * POLYSHM_ENOENT     timeout is 0 and there is no such block
 * POLYSHM_ETIMEDOUT  there was no such block during the timeout
 * POLYSHM_EINTR      a signal handler ran while it waited
 * POLYSHM_EACCES     no permission, or the block belongs to another user and POLYSHM_SEGMENT_SAME_USER was given
 * POLYSHM_ENOTBLOCK  the name is a symbolic link (links are not followed), a folder or a device
 * POLYSHM_EEMPTY     the block has no bytes
 * POLYSHM_ENOMEM, POLYSHM_EMFILE, POLYSHM_ESYSTEM  as for create
 * A failed attach removes nothing. */
int32_t polyshm_segment_attach(const char *name, uint32_t flags, double timeout, polyshm_segment **segment);

/* Attaches to the block of this name or, where there is none, creates it: in one step, so that of many processes that
 * start at once one creates and all the others attach.
 *
 *   name, size, mode  as for create; name is never NULL. size and mode count only if the block is created.
 *   flags             any of POLYSHM_SEGMENT_SPARSE, POLYSHM_SEGMENT_TRACK and POLYSHM_SEGMENT_SAME_USER, or 0.
 *   created           becomes 1 if the block was created, 0 if it was there; may be NULL.
 *
 * POLYSHM_ERANGE  the block is there, but smaller than size
 * and the errors of create and attach, POLYSHM_EEXIST and POLYSHM_ENOENT excepted. */
int32_t polyshm_segment_create_or_attach(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                                         polyshm_segment **segment, int32_t *created);

/* Says whether a block of this name exists: exists becomes 1 or 0. It may be another a moment later.
 * POLYSHM_ENAME, POLYSHM_EACCES, POLYSHM_ESYSTEM. */
int32_t polyshm_segment_exists(const char *name, int32_t *exists);

/* Says whether any process, this one included, is attached to the block through polyshm: attached becomes 1 or 0.
 * The kernel keeps that record (a lock on the open file, which ends with its last holder however it ends); a stock
 * CPython leaves none.
 * POLYSHM_ENAME, POLYSHM_ENOENT, POLYSHM_ENOTBLOCK, POLYSHM_EACCES, POLYSHM_EMFILE, POLYSHM_ESYSTEM. */
int32_t polyshm_segment_attached(const char *name, int32_t *attached);

/* Gives the block's name. The bytes belong to the handle and live until its last unref. Works on a closed handle. */
int32_t polyshm_segment_name(const polyshm_segment *segment, const char **name);

/* Gives the size in bytes. Works on a closed handle. */
int32_t polyshm_segment_size(const polyshm_segment *segment, uint64_t *size);

/* Gives the address of the first byte, page-aligned; valid until close, or longer while pinned. Writing to a read-only
 * attachment through it is SIGSEGV. */
int32_t polyshm_segment_address(const polyshm_segment *segment, void **address);

/* 1 if the handle was attached with POLYSHM_SEGMENT_READONLY, else 0; also on a closed handle. 0 for NULL. */
int32_t polyshm_segment_is_readonly(const polyshm_segment *segment);

/* 1 if the handle was closed, or is NULL; else 0. */
int32_t polyshm_segment_is_closed(const polyshm_segment *segment);

/* Copies size bytes that start at offset into data. size 0 is fine, with offset up to the end.
 * POLYSHM_ERANGE when a byte lies outside the block; then nothing is copied. data may be NULL if size is 0. */
int32_t polyshm_segment_read(const polyshm_segment *segment, uint64_t offset, void *data, uint64_t size);

/* Copies size bytes from data into the block, starting at offset. size 0 is fine, as for read.
 * POLYSHM_ERANGE when a byte lies outside the block, POLYSHM_EREADONLY; then nothing is copied. data may be NULL if
 * size is 0. */
int32_t polyshm_segment_write(polyshm_segment *segment, uint64_t offset, const void *data, uint64_t size);

/* Keeps the bytes mapped, at their address, until unpin, also if the handle is closed or unreferenced in between: a
 * pin holds a reference of its own. For views that a garbage collector may outlive a close with. Pins count. */
int32_t polyshm_segment_pin(polyshm_segment *segment);

/* Takes back one pin. The last one of a closed handle unmaps the bytes. Works on a closed handle.
 * POLYSHM_EINVAL when there is no pin. */
int32_t polyshm_segment_unpin(polyshm_segment *segment);

/* Detaches now: unmaps the bytes (unless pinned) and gives back the file descriptor. The block and its name stay.
 * Closing again is fine. A call that runs in another thread at this moment ends either with its result or with
 * POLYSHM_ECLOSED, never with a crash; the caller's own pointers into the bytes are the caller's to drop first. */
int32_t polyshm_segment_close(polyshm_segment *segment);

/* Removes the block's name, if it still stands for this very block. Attachments live on; the memory goes with the
 * last one. Works on a closed handle.
 * POLYSHM_ENOENT when the name is gone or stands for another block by now (which stays), POLYSHM_EACCES,
 * POLYSHM_ETIMEDOUT when another process holds the block's name locked for over a second. */
int32_t polyshm_segment_unlink(polyshm_segment *segment);

/* Adds a reference. NULL is fine. */
void polyshm_segment_ref(polyshm_segment *segment);

/* Takes back a reference. The last one closes the handle, if need be, and frees its memory. NULL is fine. */
void polyshm_segment_unref(polyshm_segment *segment);

#include "polyshm/end.h"

#endif
