/* polyshm: shared memory by name, between processes written in different languages.
 *
 * Read this first; it is the unpleasant part.
 *
 * - Full memory. Creation reserves every byte, so a full /dev/shm is POLYSHM_ENOSPC here and now. Only a block made
 *   with POLYSHM_SEGMENT_SPARSE, or one that a stock CPython made, can end a later write with SIGBUS.
 * - Truncation. A peer that shortens a block's file under your mapping makes your next access past its new end a
 *   SIGBUS; no library can prevent that. Attach only to blocks of peers that you trust that far:
 *   POLYSHM_SEGMENT_SAME_USER refuses the blocks of other users.
 * - Torn values. The bytes of a segment are plain memory: two processes that write the same bytes at once must agree
 *   on an order by themselves. The items of a list that polyshm made are always whole, also beside writers that are killed.
 *   A stock CPython that writes to the same list at the same time takes no part in that, and can tear an item.
 * - Dead peers. What a process wrote stays when it dies, and so does a block's name, until somebody unlinks it. A lock that
 *   it held is taken over by the next who wants it; a lock whose holder is stopped is not.
 * - Fork. A child may use and close what it inherited; that does not touch its parent's handle. It is an attachment of its
 *   own, and does not hold the locks that its parent holds. A child made by vfork or clone must not use what it inherited.
 * - Threads. Different handles from any thread, and one handle from several. A handle's memory is freed by its last
 *   unref, so each thread that goes on using a handle by itself needs a reference of its own.
 * - Descriptors. An attachment costs one file descriptor until it is closed.
 * - Names. A block is the file /dev/shm/NAME; any process of a user who may write there can remove or replace it.
 *
 * Conventions. A function that can fail returns int32_t: 0 (POLYSHM_OK), or a negative POLYSHM_E… code from
 * polyshm/base.h. Results leave through the last parameters, which are left untouched on failure. Unless it says
 * otherwise, a function returns POLYSHM_EINVAL when a pointer is NULL, and POLYSHM_ECLOSED when the handle was closed; it
 * can be called from any thread, and in a child after fork. Everything here is there since version 1.0.
 *
 * These comments are also data: abi/describe reads in them what may be NULL and what is undefined. */
#ifndef POLYSHM_H
#define POLYSHM_H

#include "polyshm/base.h"
#include "polyshm/list.h"
#include "polyshm/manager.h"
#include "polyshm/segment.h"

#endif
