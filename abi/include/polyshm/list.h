/* Lists: a fixed number of typed items in a block, in the layout of CPython's ShareableList (abi/LAYOUT.md).
 *
 * Each item has a slot of fixed width, a multiple of 8 bytes, and can change its type as long as the new value fits:
 * numbers, bools and None fit every slot. Items are counted from 0. Which bytes belong to which item is checked
 * once, when the list is attached; the content of an item is checked each time it is read. */
#ifndef POLYSHM_LIST_H
#define POLYSHM_LIST_H

#include <stdint.h>

#include "polyshm/segment.h"

#include "polyshm/begin.h"

typedef struct polyshm_list polyshm_list;

/* The types of a value. */
enum {
    POLYSHM_TYPE_NONE = 0,    /* no field: None, nil, null */
    POLYSHM_TYPE_BOOL = 1,    /* integer: 0 or 1 */
    POLYSHM_TYPE_INT64 = 2,   /* integer */
    POLYSHM_TYPE_FLOAT64 = 3, /* real */
    POLYSHM_TYPE_STR = 4,     /* data, size: UTF-8 bytes, NULs included */
    POLYSHM_TYPE_BYTES = 5    /* data, size */
};

/* One value. Only the fields that the type names count; the others are 0 in a result. flags is 0.
 * In a result, data points into the buffer that the caller gave. */
typedef struct polyshm_value {
    int32_t type;
    uint32_t flags;
    int64_t integer;
    double real;
    const void *data;
    uint64_t size;
} polyshm_value;

/* Creates a list that holds these values, and attaches to it.
 *
 *   name    as for polyshm_segment_create; may be NULL, for a fresh one.
 *   values  count of them; may be NULL if count is 0. Texts and bytes are copied.
 *   spare   bytes, 0 to 9,999,991: the room that the slots of texts, bytes and None get beyond their value, so that
 *           they can hold longer ones later. The slot of a value of n bytes is 8 * ((n + spare) / 8 + 1) wide, as
 *           CPython's is with a spare of 0 (for what is not ASCII, see abi/LAYOUT.md).
 *   mode    permissions, as for polyshm_segment_create.
 *   flags   any of POLYSHM_SEGMENT_SPARSE and POLYSHM_SEGMENT_TRACK, or 0.
 *
 * POLYSHM_EINVAL    values is NULL and count is not 0; a value's flags, or a bool, is not what it may be
 * POLYSHM_ETYPE     a value has an unknown type
 * POLYSHM_EUTF8     a text is not valid UTF-8
 * POLYSHM_ETOOLONG  a text or bytes, with the spare, are over 9,999,991 bytes, or end in a NUL and are over 999,999
 * and the errors of polyshm_segment_create. The message names the item. On failure no block stays. */
int32_t polyshm_list_create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare,
                            uint32_t mode, uint32_t flags, polyshm_list **list);

/* Attaches to the list in an existing block. flags and timeout as for polyshm_segment_attach. A block that its
 * creator has not filled yet (a stock CPython names it first) is waited for as one without bytes is.
 *
 * POLYSHM_ENOTLIST  the block's bytes are no list
 * POLYSHM_ELAYOUT   it is a list, but of CPython 3.8, which has another layout
 * and the errors of polyshm_segment_attach. */
int32_t polyshm_list_attach(const char *name, uint32_t flags, double timeout, polyshm_list **list);

/* Gives the number of items; it never changes. */
int32_t polyshm_list_length(const polyshm_list *list, uint64_t *length);

/* Gives the type of an item, a POLYSHM_TYPE_….
 * POLYSHM_EINDEX when index is negative or not below the length, POLYSHM_ECORRUPT. */
int32_t polyshm_list_type(const polyshm_list *list, int64_t index, int32_t *type);

/* Gives the bytes that the slots of count items, from start on, hold together. A buffer of that size is enough for
 * get (of one item) and read, whatever is written meanwhile. It never changes.
 * POLYSHM_EINDEX when an item of the range is not in the list. */
int32_t polyshm_list_capacity(const polyshm_list *list, int64_t start, uint64_t count, uint64_t *size);

/* Reads an item into value. A text or bytes are copied into buffer, which has room for capacity bytes; a NUL is not
 * added. buffer may be NULL if capacity is 0.
 *
 * POLYSHM_EINDEX    index is negative or not below the length
 * POLYSHM_ENOBUFS   the text or bytes are longer than capacity
 * POLYSHM_ECORRUPT  the item's format or kind is none that a writer makes
 * POLYSHM_EUTF8     the item is a text, but its bytes are not UTF-8
 * On failure the content of buffer is undefined. */
int32_t polyshm_list_get(const polyshm_list *list, int64_t index, void *buffer, uint64_t capacity,
                         polyshm_value *value);

/* Writes an item; its type may change.
 *
 * POLYSHM_EINDEX     index is negative or not below the length
 * POLYSHM_EREADONLY  the list was attached read-only
 * POLYSHM_EINVAL, POLYSHM_ETYPE, POLYSHM_EUTF8  the value is not valid, as for create
 * POLYSHM_ETOOLONG   the text or bytes are longer than the slot, or end in a NUL and are over 999,999 bytes
 * On failure the item keeps its value. */
int32_t polyshm_list_set(polyshm_list *list, int64_t index, const polyshm_value *value);

/* Reads count items, from start on, into values. Texts and bytes are copied into buffer, one behind the other.
 * values may be NULL if count is 0, and buffer may be NULL if capacity is 0.
 * Errors as for get; POLYSHM_EINDEX when any item of the range is not in the list. Where an item cannot be read, the
 * content of values and buffer is undefined. */
int32_t polyshm_list_read(const polyshm_list *list, int64_t start, uint64_t count, void *buffer, uint64_t capacity,
                          polyshm_value *values);

/* Writes count values into the items from start on. Errors as for set. All values are checked before the first is
 * written: on failure no item changed. values may be NULL if count is 0. */
int32_t polyshm_list_write(polyshm_list *list, int64_t start, const polyshm_value *values, uint64_t count);

/* Reads all items into values, at one version of the list: what was written under one lock is all there or not at all.
 * Texts and bytes are copied into buffer, one behind the other. version becomes the list's.
 *
 *   buffer   has room for capacity bytes; may be NULL if capacity is 0
 *   values   values has room for polyshm_list_length of them
 *   version  may be NULL
 *
 * It takes no lock, unless writers are so busy that it must, and needs no right to write.
 *
 * POLYSHM_ENOSYNC    a stock CPython made the list
 * POLYSHM_ETIMEDOUT  for as long as set_timeout says the list was being written all the time, and was attached read-only,
 *                    or the lock was not to be had
 * and the errors of read. On failure the content of values and buffer is undefined. */
int32_t polyshm_list_snapshot(const polyshm_list *list, void *buffer, uint64_t capacity, polyshm_value *values,
                              uint64_t *version);

/* Adds delta to an int64 item, in one step for everybody, and gives the new value; sum may be NULL.
 *
 * POLYSHM_ETYPE    the item is no int64
 * POLYSHM_ERANGE   the sum does not fit 64 bits
 * POLYSHM_ENOSYNC  a stock CPython made the list
 * and the errors of set. On failure the item keeps its value. */
int32_t polyshm_list_add(polyshm_list *list, int64_t index, int64_t delta, int64_t *sum);

/* Writes desired into the item if it is expected, in one step for everybody; exchanged becomes 1 or 0. Both are None, bools
 * or numbers; they are compared by type and bits (1 is not 1.0, and a NaN is itself).
 *
 * POLYSHM_ETYPE    expected or desired is a text or bytes
 * POLYSHM_ENOSYNC  a stock CPython made the list
 * and the errors of set. */
int32_t polyshm_list_compare_exchange(polyshm_list *list, int64_t index, const polyshm_value *expected,
                                      const polyshm_value *desired, int32_t *exchanged);

/* Takes the list's lock: until it is given back no other process, and no other thread, writes to the list, and what this
 * thread writes shows as one step to those who read the whole list or wait for it to change. Readers of single items are
 * not held up. The thread that holds the lock may take it again, and gives it back as often.
 *
 *   timeout  seconds to wait for it; INFINITY waits for ever
 *
 * POLYSHM_OWNER_DIED  (positive) the lock is taken; a holder died with it, and this is the first call of lock since, though
 *                     others may have written meanwhile. Each item has the value from before or after one of its writes;
 *                     whether several of them belong together is for the caller to judge.
 * POLYSHM_ETIMEDOUT   another thread or process has had it for all that time. A stopped process is not dead.
 * POLYSHM_EINTR       a signal handler ran while it waited
 * POLYSHM_EMFILE      the list has 1,024 attachments that write already
 * POLYSHM_ENOSYNC     a stock CPython made the list
 * POLYSHM_EREADONLY, POLYSHM_EINVAL for the timeout
 * Fork: a child does not hold what its parent holds. */
int32_t polyshm_list_lock(polyshm_list *list, double timeout);

/* Takes the lock as set and add do by themselves, for one write that the caller waits for in its own way: as lock does, but
 * that a holder died is left for the next call of lock to tell. */
int32_t polyshm_list_enter(polyshm_list *list, double timeout);

/* Gives the lock back. POLYSHM_ENOTOWNER when this thread does not hold it through this handle, POLYSHM_ENOSYNC. */
int32_t polyshm_list_unlock(polyshm_list *list);

/* Sets how long a write through this handle waits for the lock, and a snapshot tries where it may take none, in seconds: 10
 * unless set, INFINITY for ever. Works on a closed handle. */
int32_t polyshm_list_set_timeout(polyshm_list *list, double timeout);

/* 1 if the list has a sync area: then reads are consistent, writes survive a kill, and lock, versions and waiting work.
 * 0 for a list that a stock CPython made, and for NULL. */
int32_t polyshm_list_is_synchronized(const polyshm_list *list);

/* Gives the list's version: it moves with every write or, where the lock was taken, when that is given back.
 * POLYSHM_ENOSYNC. */
int32_t polyshm_list_version(const polyshm_list *list, uint64_t *version);

/* Gives an item's version: it moves with every write to the item. POLYSHM_EINDEX, POLYSHM_ENOSYNC. */
int32_t polyshm_list_item_version(const polyshm_list *list, int64_t index, uint64_t *version);

/* Sleeps until the list's version is not seen any more, and gives the new one; version may be NULL.
 * POLYSHM_ETIMEDOUT after timeout seconds (INFINITY: never), POLYSHM_EINTR, POLYSHM_EINVAL, POLYSHM_ENOSYNC. */
int32_t polyshm_list_wait(const polyshm_list *list, uint64_t seen, double timeout, uint64_t *version);

/* Sleeps until the item's version is not seen any more, as wait does; version may be NULL. */
int32_t polyshm_list_wait_item(const polyshm_list *list, int64_t index, uint64_t seen, double timeout,
                               uint64_t *version);

/* Gives how many items equal the value, as Python's == has it: numbers and bools by their mathematical value
 * (1 == 1.0 == True), texts and bytes by type and bytes; NaN equals nothing.
 * POLYSHM_EINVAL, POLYSHM_ETYPE, POLYSHM_EUTF8 for the value, POLYSHM_ECORRUPT for an item. */
int32_t polyshm_list_count(const polyshm_list *list, const polyshm_value *value, uint64_t *count);

/* Gives the first item that equals the value, as count has it.
 * POLYSHM_ENOTFOUND when there is none, and the errors of count. */
int32_t polyshm_list_index(const polyshm_list *list, const polyshm_value *value, int64_t *index);

/* Writes the struct formats of all items, one behind the other, into buffer (CPython's `format`), NUL-terminated, and
 * gives their size without the NUL. 8 bytes an item and 1 are always enough.
 * POLYSHM_ENOBUFS when capacity is too small. On failure the content of buffer is undefined. */
int32_t polyshm_list_format(const polyshm_list *list, char *buffer, uint64_t capacity, uint64_t *size);

/* Gives the segment under the list, with a reference of its own that the caller gives back (polyshm_segment_unref).
 * Closing it closes the list. Works on a closed handle. */
int32_t polyshm_list_segment(const polyshm_list *list, polyshm_segment **segment);

/* 1 if the list was closed, or is NULL; else 0. */
int32_t polyshm_list_is_closed(const polyshm_list *list);

/* Detaches now, as polyshm_segment_close does. If this thread holds the lock, it is given back; another thread's is lost, as
 * if its process had died, when the bytes are unmapped. */
int32_t polyshm_list_close(polyshm_list *list);

/* Removes the block's name, as polyshm_segment_unlink does. Works on a closed handle. */
int32_t polyshm_list_unlink(polyshm_list *list);

/* Adds a reference. NULL is fine. */
void polyshm_list_ref(polyshm_list *list);

/* Takes back a reference. The last one closes the handle and frees its memory; the lock, if it is held through it, is given
 * back, also if the segment lives on. NULL is fine. */
void polyshm_list_unref(polyshm_list *list);

#include "polyshm/end.h"

#endif
