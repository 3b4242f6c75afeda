/* What makes a value valid, and when two of them are equal. */
#include "value.h"

#include "format.h"
#include "utf8.h"

bool pshmi_value_is_sized(const polyshm_value *value)
{
    return value->type == POLYSHM_TYPE_STR || value->type == POLYSHM_TYPE_BYTES;
}

bool pshmi_value_ends_in_nul(const polyshm_value *value)
{
    return value->size && ((const char *)value->data)[value->size - 1] == '\0';
}

static pshmi_verdict check_sized(const polyshm_value *value)
{
    if (!value->data && value->size)
        return PSHMI_BAD(POLYSHM_EINVAL, "the value has a size, but its data is NULL");
    if (value->size > PSHMI_FORMAT_SIZE_MAX)
        return PSHMI_BAD(POLYSHM_ETOOLONG, "the value is longer than any slot can be (9,999,992 bytes)");
    if (value->size > PSHMI_FORMAT_EXACT_SIZE_MAX && pshmi_value_ends_in_nul(value))
        return PSHMI_BAD(POLYSHM_ETOOLONG, "a value that ends in a NUL can have 999,999 bytes at the most");
    if (value->type == POLYSHM_TYPE_STR && !pshmi_utf8_is_valid(value->data, value->size))
        return PSHMI_BAD(POLYSHM_EUTF8, "the text is not valid UTF-8; store it as bytes");
    return PSHMI_FINE;
}

pshmi_verdict pshmi_value_check(const polyshm_value *value)
{
    if (value->flags)
        return PSHMI_BAD(POLYSHM_EINVAL, "the value's flags are not 0");
    switch (value->type) {
    case POLYSHM_TYPE_NONE:
    case POLYSHM_TYPE_INT64:
    case POLYSHM_TYPE_FLOAT64:
        return PSHMI_FINE;
    case POLYSHM_TYPE_BOOL:
        if (value->integer != 0 && value->integer != 1)
            return PSHMI_BAD(POLYSHM_EINVAL, "the value is a bool, but neither 0 nor 1");
        return PSHMI_FINE;
    case POLYSHM_TYPE_STR:
    case POLYSHM_TYPE_BYTES:
        return check_sized(value);
    default:
        return PSHMI_BAD(POLYSHM_ETYPE, "the value's type is none that a list can hold");
    }
}

static bool equals_exactly(int64_t integer, double real)
{
    /* -2^63 and 2^63 are doubles; in between the conversion is defined, and exact for what has no fraction. */
    return real >= -0x1p63 && real < 0x1p63 && (double)(int64_t)real == real && (int64_t)real == integer;
}

bool pshmi_value_equals_scalar(const polyshm_value *value, const polyshm_value *scalar)
{
    bool is_real = value->type == POLYSHM_TYPE_FLOAT64, other_is_real = scalar->type == POLYSHM_TYPE_FLOAT64;
    if (value->type == POLYSHM_TYPE_NONE || scalar->type == POLYSHM_TYPE_NONE || pshmi_value_is_sized(value))
        return value->type == scalar->type;
    if (is_real && other_is_real)
        return value->real == scalar->real;
    if (is_real)
        return equals_exactly(scalar->integer, value->real);
    if (other_is_real)
        return equals_exactly(value->integer, scalar->real);
    return value->integer == scalar->integer;
}
