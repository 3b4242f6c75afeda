/* Reading and writing an item in one step: add, compare and exchange. */
#include <inttypes.h>
#include <string.h>

#include "section.h"
#include "value.h"

/* Reads an item in a section. Such a read can meet no writer but, in a list without a lock, a stock one, and hostile ones:
 * so it looks once. Of a text or bytes, for which it gives no room, it tells no more than that they are no scalar. */
static int32_t get(const polyshm_list *list, uint64_t index, polyshm_value *value)
{
    pshmi_item item = pshmi_list_item(list, index);
    pshmi_verdict verdict = pshmi_item_get(&item, NULL, 0, value);
    if (verdict.status == POLYSHM_ENOBUFS) {
        *value = (polyshm_value){.type = POLYSHM_TYPE_BYTES};
        return POLYSHM_OK;
    }
    return verdict.status ? pshmi_list_fail(list, index, verdict) : POLYSHM_OK;
}

static int32_t begin(polyshm_list *list, int64_t index)
{
    int32_t failure = pshmi_list_check_item(list, index);
    if (failure || (failure = pshmi_list_check_synchronized(list)) || (failure = pshmi_list_check_writable(list)))
        return failure;
    return pshmi_section_enter(list);
}

static int32_t add(polyshm_list *list, uint64_t index, int64_t delta, int64_t *sum)
{
    polyshm_value value;
    int32_t failure = get(list, index, &value);
    if (failure)
        return failure;
    if (value.type != POLYSHM_TYPE_INT64)
        return pshmi_fail(POLYSHM_ETYPE, "list '%s', item %" PRIu64 ": only an int64 can be added to",
                          list->segment->name, index);
    if (__builtin_add_overflow(value.integer, delta, &value.integer))
        return pshmi_fail(POLYSHM_ERANGE, "list '%s', item %" PRIu64 ": adding %" PRId64 " leaves 64 bits",
                          list->segment->name, index, delta);
    pshmi_section_write(list, index, &value);
    *sum = value.integer;
    return POLYSHM_OK;
}

int32_t polyshm_list_add(polyshm_list *list, int64_t index, int64_t delta, int64_t *sum)
{
    int64_t result = 0;
    int32_t failure = begin(list, index);
    if (failure)
        return failure;
    failure = add(list, (uint64_t)index, delta, &result);
    int32_t left = pshmi_section_leave(list);
    if (!failure && !left && sum)
        *sum = result;
    return left ? left : failure; /* who reads a list that is being closed reads blank pages */
}

static bool is_same(const polyshm_value *one, const polyshm_value *other)
{
    return one->type == other->type && one->integer == other->integer &&
           memcmp(&one->real, &other->real, sizeof one->real) == 0;
}

/* The value, which is checked, with only the fields that its type names; false if it is no scalar. */
static bool scalar(const polyshm_value *given, polyshm_value *value)
{
    *value = (polyshm_value){.type = given->type};
    if (given->type == POLYSHM_TYPE_FLOAT64)
        value->real = given->real;
    else if (given->type != POLYSHM_TYPE_NONE)
        value->integer = given->integer;
    return !pshmi_value_is_sized(given);
}

int32_t polyshm_list_compare_exchange(polyshm_list *list, int64_t index, const polyshm_value *expected,
                                      const polyshm_value *desired, int32_t *exchanged)
{
    polyshm_value from, to, found;
    if (!expected || !desired || !exchanged)
        return pshmi_fail_null(__func__, !expected ? "expected" : !desired ? "desired" : "exchanged");
    pshmi_verdict verdict = pshmi_value_check(expected);
    if (!verdict.status)
        verdict = pshmi_value_check(desired);
    if (verdict.status)
        return pshmi_fail(verdict.status, "compare and exchange of an item: %s", verdict.why);
    if (!scalar(expected, &from) || !scalar(desired, &to))
        return pshmi_fail(POLYSHM_ETYPE,
                          "compare and exchange is for None, bools and numbers; lock the list to compare "
                          "texts or bytes");
    int32_t failure = begin(list, index);
    if (failure)
        return failure;
    failure = get(list, (uint64_t)index, &found);
    bool same = !failure && is_same(&found, &from);
    if (same)
        pshmi_section_write(list, (uint64_t)index, &to);
    int32_t left = pshmi_section_leave(list);
    if (!failure && !left)
        *exchanged = same;
    return left ? left : failure; /* who reads a list that is being closed reads blank pages */
}
