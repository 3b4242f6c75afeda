/* The inside of a list handle. */
#ifndef PSHMI_LIST_H
#define PSHMI_LIST_H

#include <polyshm/list.h>
#include <stdatomic.h>

#include "geometry.h"
#include "item.h"
#include "segment.h"
#include "shared.h"

/* A handle: a segment, and where in it everything is. All fields but references are constant. The pointers lead into
 * the segment's mapping, which stays in place as long as this handle's reference on the segment; after close it is
 * blank. */
struct polyshm_list {
    _Atomic uint32_t references;
    polyshm_segment *segment;
    pshmi_geometry geometry; /* with offsets of its own */
    char *data;
    uint64_t *formats;
    uint8_t *kinds;
};

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

#endif
