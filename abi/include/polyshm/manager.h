/* Managers: owners of names, and housekeeping.
 *
 * A manager owns the blocks that are created through it. When it is shut down, or the process that started it has ended,
 * however it ended, all of them are unlinked, at once; who is attached stays attached. Any process of the same user, in
 * whatever language, connects to it by its address and creates through it.
 *
 * What a manager owns stands in a file, the book, in the user's folder ($XDG_RUNTIME_DIR/polyshm, else /tmp/polyshm-UID):
 * each block before it gets its name. Calls go straight to that file; no server has to answer, and none can be slow,
 * stopped or full. A helper process (`polyshm manager`) waits for owners to end. If it is killed, the next call of any
 * process that needs it starts another; if all are killed, the next helper, or polyshm_reap, finds what there is to do.
 *
 * A handle ends as a segment's does: close, then unref; to a closed one the manager is gone. Thread-safe. In a child after fork a handle goes on as one that is
 * connected: the child does not own the manager. */
#ifndef POLYSHM_MANAGER_H
#define POLYSHM_MANAGER_H

#include <stdint.h>

#include "polyshm/begin.h"
#include "polyshm/list.h"
#include "polyshm/segment.h"

typedef struct polyshm_manager polyshm_manager;

/* Starts a manager, which this process owns.
 *
 *   address       1 to 250 bytes of UTF-8 without '/', not ".", ".." or "helper"; may be NULL, for a fresh one: "manager-"
 *                 and 8 hex digits
 *   authkey       authkey_size bytes, 0 to 255, that who connects must give; may be NULL if authkey_size is 0. It guards against
 *                 mistakes; other users cannot connect anyhow, and those of this user can read the book.
 *
 * POLYSHM_EEXIST    a manager is at that address, and its owner lives
 * POLYSHM_ENAME     the address is not valid, or $XDG_RUNTIME_DIR is too long
 * POLYSHM_EACCES    the folder is another user's, or open to others
 * POLYSHM_EINVAL    the authkey is too long
 * POLYSHM_ENOTMANAGER, POLYSHM_ELAYOUT  something else is at that address, as for connect
 * POLYSHM_ETIMEDOUT what a manager left there that has ended could not be cleaned up
 * POLYSHM_ENOSPC, POLYSHM_EMFILE, POLYSHM_ESYSTEM  also when the folder or the helper cannot be made */
int32_t polyshm_manager_start(const char *address, const void *authkey, uint64_t authkey_size,
                              polyshm_manager **manager);

/* Connects to the manager at an address. authkey may be NULL if authkey_size is 0.
 *
 * POLYSHM_ENOENT       no manager is there, or it has shut down, or its owner has ended
 * POLYSHM_EAUTHKEY     the authkey is another
 * POLYSHM_EACCES       the book belongs to another user
 * POLYSHM_ENOTMANAGER  what is there is no manager's
 * POLYSHM_ELAYOUT      the manager is of another version
 * and the errors of start, POLYSHM_EEXIST excepted. */
int32_t polyshm_manager_connect(const char *address, const void *authkey, uint64_t authkey_size,
                                polyshm_manager **manager);

/* Gives the address. The bytes belong to the handle and live until its last unref. Works on a closed handle. */
int32_t polyshm_manager_address(const polyshm_manager *manager, const char **address);

/* Creates a block that the manager owns; for the rest as polyshm_segment_create. flags: 0 or POLYSHM_SEGMENT_SPARSE.
 * name may be NULL, for a fresh one.
 * POLYSHM_ENOENT when the manager has shut down, its owner has ended, or the handle was closed. */
int32_t polyshm_manager_create_segment(polyshm_manager *manager, const char *name, uint64_t size, uint32_t mode,
                                       uint32_t flags, polyshm_segment **segment);

/* Creates a list that the manager owns; for the rest as polyshm_list_create. flags: 0 or POLYSHM_SEGMENT_SPARSE.
 * name may be NULL, for a fresh one, and values may be NULL if count is 0.
 * POLYSHM_ENOENT when the manager has shut down, its owner has ended, or the handle was closed. */
int32_t polyshm_manager_create_list(polyshm_manager *manager, const char *name, const polyshm_value *values,
                                    uint64_t count, uint64_t spare, uint32_t mode, uint32_t flags, polyshm_list **list);

/* Has the manager own an existing block, too. Once is enough.
 * POLYSHM_ENOENT when there is no such block, the manager has shut down, its owner has ended, or the handle was closed. */
int32_t polyshm_manager_adopt(polyshm_manager *manager, const char *name);

/* Has the manager own the block of this name no longer: it stays when the manager goes.
 * POLYSHM_ENOENT when there is no such block, the manager has shut down, its owner has ended, or the handle was closed;
 * POLYSHM_ENOTFOUND when the manager does not own it. */
int32_t polyshm_manager_release(polyshm_manager *manager, const char *name);

/* Writes the names of the blocks that the manager owns and that exist into buffer, each once, with a NUL behind it, and gives
 * how many bytes they take together. POLYSHM_ENOBUFS when capacity is less; size is set all the same. buffer may be NULL if
 * capacity is 0. On failure the content of buffer is undefined.
 * POLYSHM_ENOMEM; POLYSHM_ENOENT when the manager has shut down, its owner has ended, or the handle was closed. */
int32_t polyshm_manager_names(const polyshm_manager *manager, char *buffer, uint64_t capacity, uint64_t *size);

/* Unlinks all blocks that the manager owns, and ends it: later calls through any handle say POLYSHM_ENOENT. Twice is fine.
 * A process that is stopped while it creates a block through the manager is waited for in the background: the block goes
 * when it goes on.
 * Works on a closed handle.
 * POLYSHM_ENOTSTARTER when this process did not start it. */
int32_t polyshm_manager_shutdown(polyshm_manager *manager);

/* Waits until the manager has ended, and its blocks are unlinked. Works on a closed handle.
 * POLYSHM_ETIMEDOUT after timeout seconds (INFINITY: never), POLYSHM_EINTR, POLYSHM_EINVAL for the timeout. */
int32_t polyshm_manager_join(const polyshm_manager *manager, double timeout);

/* 1 if this process started the manager, through this handle, and it has not shut down; else 0. 0 for NULL. */
int32_t polyshm_manager_is_owner(const polyshm_manager *manager);

/* 1 if the handle was closed, or the manager was shut down through it; else 0. 1 for NULL. */
int32_t polyshm_manager_is_closed(const polyshm_manager *manager);

/* Disconnects; the owner's handle shuts the manager down. Twice is fine. */
int32_t polyshm_manager_close(polyshm_manager *manager);

/* Adds a reference. NULL is fine. */
void polyshm_manager_ref(polyshm_manager *manager);

/* Takes back a reference. The last one closes the handle and frees its memory. NULL is fine. */
void polyshm_manager_unref(polyshm_manager *manager);

/* Writes the names of all blocks in /dev/shm that are regular files into buffer, each with a NUL behind it, and gives how
 * many bytes they take together. POLYSHM_ENOBUFS when capacity is less; size is set all the same. buffer may be NULL if
 * capacity is 0. On failure the content of buffer is undefined. Names that are not valid as blocks' are left out. */
int32_t polyshm_block_names(char *buffer, uint64_t capacity, uint64_t *size);

enum { POLYSHM_REAP_DRY_RUN = 1 /* unlink nothing */ };

/* Unlinks what this user's dead processes left behind: what managers owned whose owner has ended, and tracked blocks whose
 * creator has ended and to which nobody is attached. Writes the names into buffer as polyshm_block_names does; those that do
 * not fit are unlinked, but not written. POLYSHM_ENOBUFS when capacity is less; size is set all the same. On failure the
 * content of buffer is undefined; buffer may be NULL if capacity is 0. It is needed only where helpers were killed; while one is at work, that one does
 * it, and this waits until it has.
 *
 *   flags  0 or POLYSHM_REAP_DRY_RUN: only writes what would go
 *
 * POLYSHM_ETIMEDOUT  a helper is at work, but did not do it within 5 seconds
 * POLYSHM_EINTR      a signal handler ran while it waited
 * and the errors of polyshm_block_names, and those of polyshm_manager_start for the folder and the helper. */
int32_t polyshm_reap(uint32_t flags, char *buffer, uint64_t capacity, uint64_t *size);

#include "polyshm/end.h"

#endif
