/* Looking through all items: count, index, format. */
#include <inttypes.h>
#include <string.h>

#include "format.h"
#include "look.h"
#include "value.h"

/* Goes over the items from *index on, until one equals the value: then *found is true and *index is its. */
static int32_t find(const polyshm_list *list, const polyshm_value *value, double *deadline, uint64_t *index,
                    bool *found)
{
    bool equal = false;
    uint64_t at = *index;
    for (; at < list->geometry.count; at++) {
        uint64_t word;
        int32_t failure = POLYSHM_OK, type = pshmi_look_short(list, at, &word);
        if (type >= 0)
            equal = pshmi_item_scalar_equals(type, word, value);
        else
            failure = pshmi_list_equals(list, at, value, deadline, &equal);
        if (failure)
            return failure;
        if (equal)
            break;
    }
    *index = at;
    *found = equal;
    return pshmi_segment_was_open(list->segment) ? POLYSHM_OK : pshmi_list_fail_closed(list);
}

static int32_t check_search(const polyshm_list *list, const polyshm_value *value)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    if (!value)
        return pshmi_fail_null("polyshm_list", "value");
    pshmi_verdict verdict = pshmi_value_check(value);
    if (verdict.status)
        return pshmi_fail(verdict.status, "list '%s': cannot look for a value: %s", list->segment->name, verdict.why);
    return POLYSHM_OK;
}

int32_t polyshm_list_count(const polyshm_list *list, const polyshm_value *value, uint64_t *count)
{
    uint64_t equal = 0, index = 0;
    double deadline = 0;
    bool found = false;
    int32_t failure = check_search(list, value);
    if (failure)
        return failure;
    if (!count)
        return pshmi_fail_null(__func__, "count");
    do {
        if ((failure = find(list, value, &deadline, &index, &found)))
            return failure;
        equal += found;
        index++;
    } while (found);
    *count = equal;
    return POLYSHM_OK;
}

int32_t polyshm_list_index(const polyshm_list *list, const polyshm_value *value, int64_t *index)
{
    uint64_t at = 0;
    double deadline = 0;
    bool found = false;
    int32_t failure = check_search(list, value);
    if (failure)
        return failure;
    if (!index)
        return pshmi_fail_null(__func__, "index");
    if ((failure = find(list, value, &deadline, &at, &found)))
        return failure;
    if (!found)
        return pshmi_fail(POLYSHM_ENOTFOUND, "list '%s' has no item that equals the value", list->segment->name);
    *index = (int64_t)at;
    return POLYSHM_OK;
}

int32_t polyshm_list_format(const polyshm_list *list, char *buffer, uint64_t capacity, uint64_t *size)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    if (!buffer || !size)
        return pshmi_fail_null(__func__, buffer ? "size" : "buffer");

    uint64_t used = 0;
    for (uint64_t i = 0; i < list->geometry.count; i++) {
        uint64_t format = pshmi_shared_load(list->formats + i);
        char text[sizeof format + 1] = "";
        memcpy(text, &format, sizeof format);
        size_t length = strlen(text);
        if (capacity - used <= length)
            return pshmi_fail(POLYSHM_ENOBUFS, "list '%s': the formats are longer than %" PRIu64 " bytes",
                              list->segment->name, capacity);
        memcpy(buffer + used, text, length);
        used += length;
    }
    if (capacity - used < 1)
        return pshmi_fail(POLYSHM_ENOBUFS, "polyshm_list_format: the buffer has no room for the NUL");
    if (!pshmi_segment_was_open(list->segment))
        return pshmi_list_fail_closed(list);
    buffer[used] = '\0';
    *size = used;
    return POLYSHM_OK;
}
