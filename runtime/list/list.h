/* The inside of a list handle. */
#ifndef PSHMI_LIST_H
#define PSHMI_LIST_H

#include <polyshm/list.h>
#include <stdatomic.h>

#include "geometry.h"
#include "item.h"
#include "lock.h"
#include "segment.h"
#include "shared.h"

/* A handle: a segment, and where in it everything is. All fields but references, lock, follower and timeout are constant.
 * The pointers lead into the segment's mapping, which stays in place as long as this handle's reference on the segment;
 * after close it is blank. */
struct polyshm_list {
    _Atomic uint32_t references;
    polyshm_segment *segment;
    pshmi_geometry geometry; /* with offsets of its own */
    char *data;
    uint64_t *formats;
    uint8_t *kinds;
    bool synchronized; /* it has a sync area, and lock is the handle's part in it; else lock is zeros */
    pshmi_lock lock;
    pshmi_follower follower; /* a child after fork is a participant of its own */
    _Atomic double timeout;  /* of a write that waits for the lock, and of a snapshot that tries again, in seconds */
};

/* Does what polyshm_list_create does, and enters the block in the book, which may be NULL. */
int32_t pshmi_list_create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare, uint32_t mode,
                          uint32_t flags, pshmi_book *book, polyshm_list **list);

/* The item, which must be in the list. */
static inline pshmi_item pshmi_list_item(const polyshm_list *list, uint64_t index)
{
    uint64_t begin = list->geometry.offsets[index], end = list->geometry.offsets[index + 1];
    return (pshmi_item){
        .slot = (uint64_t *)(list->data + begin),
        .width = end - begin,
        .format = list->formats + index,
        .kind = list->kinds + index,
    };
}

/* Fails with a verdict on an item. */
int32_t pshmi_list_fail(const polyshm_list *list, uint64_t index, pshmi_verdict verdict);

/* Fails because the list is closed or NULL. */
int32_t pshmi_list_fail_closed(const polyshm_list *list);

/* POLYSHM_EINVAL, POLYSHM_ECLOSED or POLYSHM_EINDEX unless the handle is open and the items are in the list. */
int32_t pshmi_list_check_range(const polyshm_list *list, int64_t start, uint64_t count);

/* Whether the handle is open. */
static inline bool pshmi_list_is_open(const polyshm_list *list)
{
    return list && pshmi_segment_is_open(list->segment);
}

/* Whether the handle is open and the item in the list. */
static inline bool pshmi_list_has(const polyshm_list *list, int64_t index)
{
    return pshmi_list_is_open(list) && (uint64_t)index < list->geometry.count; /* a negative index is a huge one */
}

/* POLYSHM_EINVAL, POLYSHM_ECLOSED or POLYSHM_EINDEX unless the handle is open and the item in the list. */
int32_t pshmi_list_check_item(const polyshm_list *list, int64_t index);

/* POLYSHM_EREADONLY unless the list can be written to. */
int32_t pshmi_list_check_writable(const polyshm_list *list);

/* POLYSHM_EINVAL, POLYSHM_ECLOSED or POLYSHM_ENOSYNC unless the handle is open and the list has a sync area. */
int32_t pshmi_list_check_synchronized(const polyshm_list *list);

/* Whether an item, which must be in the list, equals the value. For deadline see pshmi_look: a call that reads several
 * items hands the same one to all, 0 at first, so that its patience is that for one. */
int32_t pshmi_list_equals(const polyshm_list *list, uint64_t index, const polyshm_value *value, double *deadline,
                          bool *equal);

/* Reads items, which must be in the list, each by itself. */
int32_t pshmi_list_read(const polyshm_list *list, uint64_t start, uint64_t count, char *buffer, uint64_t capacity,
                        polyshm_value *values, double *deadline);

#endif
