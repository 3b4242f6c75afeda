/* Reading and writing items.
 *
 * Nothing here takes a lock: whatever is read may be changing. The segment's state is looked at before an access and,
 * when reading, again behind it, because a close in another thread puts blank pages under the reader (segment.h). */
#include <inttypes.h>

#include "format.h"
#include "list.h"
#include "value.h"

/* Fails for an item that cannot be accessed, and says why: closed, or not in the list. */
static int32_t fail_access(const polyshm_list *list, int64_t index)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    return pshmi_fail(POLYSHM_EINDEX, "list '%s' has %" PRIu64 " items, and no item %" PRId64, list->segment->name,
                      list->geometry.count, index);
}

static inline bool is_accessible(const polyshm_list *list, int64_t index)
{
    return pshmi_list_is_open(list) && (uint64_t)index < list->geometry.count; /* a negative index is a huge one */
}

/* Ends a read: with its failure, if it has one, unless the list was closed meanwhile. */
static int32_t conclude(const polyshm_list *list, uint64_t index, pshmi_verdict verdict)
{
    if (!pshmi_segment_was_open(list->segment))
        return pshmi_list_fail_closed(list);
    return verdict.status ? pshmi_list_fail(list, index, verdict) : POLYSHM_OK;
}

int32_t polyshm_list_type(const polyshm_list *list, int64_t index, int32_t *type)
{
    if (!is_accessible(list, index))
        return fail_access(list, index);
    if (!type)
        return pshmi_fail_null(__func__, "type");
    pshmi_item item = pshmi_list_item(list, (uint64_t)index);
    pshmi_item_shape shape;
    int32_t failure = conclude(list, (uint64_t)index, pshmi_item_look(&item, &shape));
    if (!failure)
        *type = shape.type;
    return failure;
}

int32_t polyshm_list_get(const polyshm_list *list, int64_t index, void *buffer, uint64_t capacity, polyshm_value *value)
{
    if (!is_accessible(list, index))
        return fail_access(list, index);
    if (!value || (!buffer && capacity))
        return pshmi_fail_null(__func__, value ? "buffer" : "value");
    pshmi_item item = pshmi_list_item(list, (uint64_t)index);
    polyshm_value found;
    int32_t failure = conclude(list, (uint64_t)index, pshmi_item_get(&item, buffer, capacity, &found));
    if (!failure)
        *value = found;
    return failure;
}

/* Whether the value may be written to the item. */
static int32_t check_set(const polyshm_list *list, uint64_t index, const polyshm_value *value)
{
    pshmi_item item = pshmi_list_item(list, index);
    pshmi_verdict verdict = pshmi_value_check(value);
    if (!verdict.status)
        verdict = pshmi_item_check(&item, value);
    if (!verdict.status)
        return POLYSHM_OK;
    if (verdict.status == POLYSHM_ETOOLONG)
        return pshmi_fail(verdict.status,
                          "list '%s', item %" PRIu64 ": %s; it has %" PRIu64 " bytes, the slot %" PRIu64,
                          list->segment->name, index, verdict.why, value->size, item.width);
    return pshmi_list_fail(list, index, verdict);
}

static int32_t check_writable(const polyshm_list *list)
{
    if (!list->segment->readonly)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_EREADONLY, "list '%s' was attached read-only", list->segment->name);
}

int32_t polyshm_list_set(polyshm_list *list, int64_t index, const polyshm_value *value)
{
    int32_t failure;
    if (!is_accessible(list, index))
        return fail_access(list, index);
    if (!value)
        return pshmi_fail_null(__func__, "value");
    if ((failure = check_writable(list)) || (failure = check_set(list, (uint64_t)index, value)))
        return failure;
    pshmi_item item = pshmi_list_item(list, (uint64_t)index);
    pshmi_item_set(&item, value);
    return conclude(list, (uint64_t)index, PSHMI_FINE);
}

static int32_t read_items(const polyshm_list *list, uint64_t start, uint64_t count, char *buffer, uint64_t capacity,
                          polyshm_value *values)
{
    uint64_t used = 0;
    for (uint64_t i = 0; i < count; i++) {
        pshmi_item item = pshmi_list_item(list, start + i);
        polyshm_value value;
        pshmi_verdict verdict = pshmi_item_get(&item, buffer ? buffer + used : NULL, capacity - used, &value);
        if (verdict.status)
            return conclude(list, start + i, verdict);
        used += value.size;
        values[i] = value;
    }
    return conclude(list, start, PSHMI_FINE);
}

int32_t polyshm_list_read(const polyshm_list *list, int64_t start, uint64_t count, void *buffer, uint64_t capacity,
                          polyshm_value *values)
{
    int32_t failure = pshmi_list_check_range(list, start, count);
    if (failure)
        return failure;
    if ((!values && count) || (!buffer && capacity))
        return pshmi_fail_null(__func__, buffer ? "values" : "buffer");
    return read_items(list, (uint64_t)start, count, buffer, capacity, values);
}

int32_t polyshm_list_write(polyshm_list *list, int64_t start, const polyshm_value *values, uint64_t count)
{
    int32_t failure = pshmi_list_check_range(list, start, count);
    if (failure)
        return failure;
    if (!values && count)
        return pshmi_fail_null(__func__, "values");
    if ((failure = check_writable(list)))
        return failure;
    for (uint64_t i = 0; i < count; i++)
        if ((failure = check_set(list, (uint64_t)start + i, &values[i])))
            return failure;
    for (uint64_t i = 0; i < count; i++) {
        pshmi_item item = pshmi_list_item(list, (uint64_t)start + i);
        pshmi_item_set(&item, &values[i]);
    }
    return conclude(list, (uint64_t)start, PSHMI_FINE);
}
