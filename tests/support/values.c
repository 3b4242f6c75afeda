/* Values, compared to the last bit and shown. */
#include "values.h"

#include <inttypes.h>
#include <stdio.h>

bool value_is(const polyshm_value *value, const polyshm_value *expected)
{
    return value->type == expected->type && value->flags == 0 && value->integer == expected->integer &&
           memcmp(&value->real, &expected->real, sizeof value->real) == 0 && value->size == expected->size &&
           (value->size == 0 || memcmp(value->data, expected->data, value->size) == 0);
}

const char *value_show(const polyshm_value *value)
{
    static const char *const types[] = {"none", "bool", "int64", "float64", "str", "bytes"};
    static char shown[160];
    bool is_known = value->type >= 0 && (size_t)value->type < COUNT_OF(types);
    int used =
        snprintf(shown, sizeof shown, "%s %" PRId64 " %a, %" PRIu64 " bytes:", is_known ? types[value->type] : "?",
                 value->integer, value->real, value->size);
    for (uint64_t i = 0; value->data && i < value->size && i < 16 && used < (int)sizeof shown - 4; i++)
        used += snprintf(shown + used, sizeof shown - (size_t)used, " %02x", ((const unsigned char *)value->data)[i]);
    return shown;
}
