/* Values, written short. */
#ifndef TEST_VALUES_H
#define TEST_VALUES_H

#include <polyshm/list.h>
#include <stdbool.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static inline polyshm_value v_none(void)
{
    return (polyshm_value){.type = POLYSHM_TYPE_NONE};
}

static inline polyshm_value v_bool(bool value)
{
    return (polyshm_value){.type = POLYSHM_TYPE_BOOL, .integer = value};
}

static inline polyshm_value v_int(int64_t value)
{
    return (polyshm_value){.type = POLYSHM_TYPE_INT64, .integer = value};
}

static inline polyshm_value v_float(double value)
{
    return (polyshm_value){.type = POLYSHM_TYPE_FLOAT64, .real = value};
}

static inline polyshm_value v_str_of(const void *data, uint64_t size)
{
    return (polyshm_value){.type = POLYSHM_TYPE_STR, .data = data, .size = size};
}

static inline polyshm_value v_str(const char *value)
{
    return v_str_of(value, strlen(value));
}

static inline polyshm_value v_bytes_of(const void *data, uint64_t size)
{
    return (polyshm_value){.type = POLYSHM_TYPE_BYTES, .data = data, .size = size};
}

static inline polyshm_value v_bytes(const char *value)
{
    return v_bytes_of(value, strlen(value));
}

/* Whether the two are the same to the last bit: unlike ==, that tells 0.0 from -0.0 and 1 from true, and finds NaN. */
bool value_is(const polyshm_value *value, const polyshm_value *expected);

/* The value in words, for the message of a failure; overwritten by the next call. */
const char *value_show(const polyshm_value *value);

#endif
