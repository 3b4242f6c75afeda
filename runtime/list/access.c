/* Reading and writing items.
 *
 * A read takes no lock (look.h). A write goes through a section (section.h), in which it has the list to itself. The
 * segment's state is looked at before an access and again behind it, because a close in another thread puts blank pages
 * under it (segment.h). */
#include <inttypes.h>

#include "look.h"
#include "section.h"
#include "value.h"

/* Fails for an item that cannot be accessed, and says why: closed, or not in the list. */
static int32_t fail_access(const polyshm_list *list, int64_t index)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    uint64_t length = list->geometry.count;
    return pshmi_fail(POLYSHM_EINDEX, "list '%s' has %" PRIu64 " item%s, and no item %" PRId64, list->segment->name,
                      length, length == 1 ? "" : "s", index);
}

int32_t pshmi_list_check_item(const polyshm_list *list, int64_t index)
{
    return pshmi_list_has(list, index) ? POLYSHM_OK : fail_access(list, index);
}

/* Ends an access that failed, or was cut off by a close. */
static int32_t fail_read(const pshmi_look *look, pshmi_verdict verdict)
{
    const polyshm_list *list = look->list;
    if (!pshmi_segment_was_open(list->segment))
        return pshmi_list_fail_closed(list);
    if (look->expired)
        verdict = PSHMI_BAD(POLYSHM_ETIMEDOUT, "other processes keep on changing it, or have damaged the sync area");
    return pshmi_list_fail(list, look->index, verdict);
}

static inline int32_t conclude(const pshmi_look *look, pshmi_verdict verdict)
{
    if (verdict.status || look->expired || !pshmi_segment_was_open(look->list->segment))
        return fail_read(look, verdict);
    return POLYSHM_OK;
}

int32_t polyshm_list_type(const polyshm_list *list, int64_t index, int32_t *type)
{
    if (!pshmi_list_has(list, index))
        return fail_access(list, index);
    if (!type)
        return pshmi_fail_null(__func__, "type");
    pshmi_verdict verdict = PSHMI_FINE;
    pshmi_item_shape shape;
    pshmi_look look = pshmi_look_at(list, (uint64_t)index);
    while (pshmi_look_next(&look))
        verdict = pshmi_item_look(&look.item, &shape);
    int32_t failure = conclude(&look, verdict);
    if (!failure)
        *type = shape.type;
    return failure;
}

/* Reads an item the long way; *value is as it was if that fails. For deadline see pshmi_look. */
__attribute__((noinline)) static int32_t read_any(const polyshm_list *list, uint64_t index, void *buffer,
                                                  uint64_t capacity, polyshm_value *value, double *deadline)
{
    pshmi_verdict verdict = PSHMI_FINE;
    polyshm_value found;
    pshmi_look look = pshmi_look_at(list, index);
    look.deadline = *deadline;
    while (pshmi_look_next(&look))
        verdict = pshmi_item_get(&look.item, buffer, capacity, &found);
    *deadline = look.deadline;
    int32_t failure = conclude(&look, verdict);
    if (!failure)
        *value = found;
    return failure;
}

/* Apart, so that the short way needs no stack frame. */
__attribute__((noinline)) static int32_t get_any(const polyshm_list *list, int64_t index, void *buffer,
                                                 uint64_t capacity, polyshm_value *value)
{
    double deadline = 0;
    if (!pshmi_list_has(list, index))
        return fail_access(list, index);
    if (!value || (!buffer && capacity))
        return pshmi_fail_null("polyshm_list_get", value ? "buffer" : "value");
    return read_any(list, (uint64_t)index, buffer, capacity, value, &deadline);
}

/* Apart for the same reason. */
__attribute__((noinline)) static int32_t give_other(int32_t type, uint64_t word, polyshm_value *value)
{
    *value = pshmi_item_scalar(type, word);
    return POLYSHM_OK;
}

/* Gives what the short way found. An int, which is read most, is told field by field, so that each is one store. */
static inline int32_t give(int32_t type, uint64_t word, polyshm_value *value)
{
    if (__builtin_expect(type != POLYSHM_TYPE_INT64, 0))
        return give_other(type, word, value);
    value->type = POLYSHM_TYPE_INT64;
    value->flags = 0;
    value->integer = (int64_t)word;
    value->real = 0;
    value->data = NULL;
    value->size = 0;
    return POLYSHM_OK;
}

int32_t polyshm_list_get(const polyshm_list *list, int64_t index, void *buffer, uint64_t capacity, polyshm_value *value)
{
    if (__builtin_expect(pshmi_list_has(list, index) && value && (buffer || !capacity), 1)) {
        uint64_t word;
        int32_t type = pshmi_look_short(list, (uint64_t)index, &word);
        if (__builtin_expect(type >= 0 && pshmi_segment_was_open(list->segment), 1))
            return give(type, word, value);
    }
    return get_any(list, index, buffer, capacity, value);
}

int32_t pshmi_list_equals(const polyshm_list *list, uint64_t index, const polyshm_value *value, double *deadline,
                          bool *equal)
{
    pshmi_verdict verdict = PSHMI_FINE;
    pshmi_look look = pshmi_look_at(list, index);
    look.deadline = *deadline;
    while (pshmi_look_next(&look))
        verdict = pshmi_item_equals(&look.item, value, equal);
    *deadline = look.deadline;
    return conclude(&look, verdict);
}

int32_t pshmi_list_read(const polyshm_list *list, uint64_t start, uint64_t count, char *buffer, uint64_t capacity,
                        polyshm_value *values, double *deadline)
{
    uint64_t used = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t word;
        int32_t type = pshmi_look_short(list, start + i, &word);
        if (type >= 0) {
            give(type, word, &values[i]);
            continue;
        }
        char *rest = buffer ? buffer + used : NULL;
        int32_t failure = read_any(list, start + i, rest, capacity - used, &values[i], deadline);
        if (failure)
            return failure;
        used += values[i].size;
    }
    return pshmi_segment_was_open(list->segment) ? POLYSHM_OK : pshmi_list_fail_closed(list);
}

int32_t polyshm_list_read(const polyshm_list *list, int64_t start, uint64_t count, void *buffer, uint64_t capacity,
                          polyshm_value *values)
{
    int32_t failure = pshmi_list_check_range(list, start, count);
    if (failure)
        return failure;
    if ((!values && count) || (!buffer && capacity))
        return pshmi_fail_null(__func__, !values && count ? "values" : "buffer");
    double deadline = 0;
    return pshmi_list_read(list, (uint64_t)start, count, buffer, capacity, values, &deadline);
}

/* Whether the value may be written to the item. */
static int32_t check_set(const polyshm_list *list, uint64_t index, const polyshm_value *value)
{
    uint64_t format, word;
    if (pshmi_item_is_number(value, &format, &word))
        return POLYSHM_OK;
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

/* The short way for a number over one of its type. */
static inline bool set_number(polyshm_list *list, uint64_t index, const polyshm_value *value)
{
    uint64_t format, word;
    return !list->segment->readonly && pshmi_item_is_number(value, &format, &word) &&
           pshmi_section_step(list, index, format, word) && pshmi_segment_was_open(list->segment);
}

__attribute__((noinline)) static int32_t set_any(polyshm_list *list, int64_t index, const polyshm_value *value)
{
    int32_t failure;
    if (!pshmi_list_has(list, index))
        return fail_access(list, index);
    if (!value)
        return pshmi_fail_null("polyshm_list_set", "value");
    if ((failure = pshmi_list_check_writable(list)) || (failure = check_set(list, (uint64_t)index, value)))
        return failure;
    if ((failure = pshmi_section_enter(list)))
        return failure;
    pshmi_section_write(list, (uint64_t)index, value);
    return pshmi_section_leave(list);
}

int32_t polyshm_list_set(polyshm_list *list, int64_t index, const polyshm_value *value)
{
    if (pshmi_list_has(list, index) && value && set_number(list, (uint64_t)index, value))
        return POLYSHM_OK;
    return set_any(list, index, value);
}

int32_t polyshm_list_write(polyshm_list *list, int64_t start, const polyshm_value *values, uint64_t count)
{
    int32_t failure = pshmi_list_check_range(list, start, count);
    if (failure)
        return failure;
    if (!values && count)
        return pshmi_fail_null(__func__, "values");
    if ((failure = pshmi_list_check_writable(list)))
        return failure;
    for (uint64_t i = 0; i < count; i++)
        if ((failure = check_set(list, (uint64_t)start + i, &values[i])))
            return failure;
    if ((failure = pshmi_section_enter(list)))
        return failure;
    for (uint64_t i = 0; i < count; i++)
        pshmi_section_write(list, (uint64_t)start + i, &values[i]);
    return pshmi_section_leave(list);
}
