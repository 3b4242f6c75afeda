/* Making values that can be checked, and checking them (checked.h). */
#include "checked.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"
#include "values.h"

/* The sum in a language whose only numbers are doubles is the same. */
static uint32_t checksum(const char *text, size_t size)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (sum * 31 + (unsigned char)text[i]) % UINT64_C(4294967291);
    return (uint32_t)sum;
}

uint64_t checked_text(uint64_t index, uint64_t serial, char text[TEXT_MAX + 1])
{
    size_t size = (size_t)snprintf(text, TEXT_MAX, "%" PRIu64 ":%" PRIu64 ":", index, serial);
    size_t end = size + serial * 7 % (TEXT_MAX - 8 - size);
    for (; size < end; size++)
        text[size] = (char)('a' + (serial + size) % 26);
    snprintf(text + size, TEXT_MAX + 1 - size, "%08" PRIx32, checksum(text, size));
    return size + 8;
}

int64_t checked_int(uint64_t index, uint64_t serial)
{
    uint64_t content = serial % (1 << 24) * 64 + index;
    return (int64_t)(content * 65536 + content * 31 % 65521);
}

static bool is_text(uint64_t index, const char *text, size_t size)
{
    char sum[9], start[32];
    if (size < 8 || size > TEXT_MAX)
        return false;
    snprintf(start, sizeof start, "%" PRIu64 ":", index);
    snprintf(sum, sizeof sum, "%08" PRIx32, checksum(text, size - 8));
    return strncmp(text, start, strlen(start)) == 0 && memcmp(text + size - 8, sum, 8) == 0;
}

static bool is_int(uint64_t index, int64_t value)
{
    uint64_t content = (uint64_t)value >> 16;
    return content % 64 == index && checked_int(index, content / 64) == value;
}

static bool is_written(uint64_t index, const polyshm_value *value)
{
    if (index == PAIR_FIRST || index == PAIR_SECOND || (index >= COUNTERS && index < NUMBERS))
        return value->type == POLYSHM_TYPE_INT64;
    switch (value->type) {
    case POLYSHM_TYPE_INT64:
        return is_int(index, value->integer);
    case POLYSHM_TYPE_FLOAT64:
        return value->real > 0 && value->real < 0x1p47 && is_int(index, (int64_t)floor(value->real)) &&
               value->real - floor(value->real) == 0.5;
    case POLYSHM_TYPE_STR:
    case POLYSHM_TYPE_BYTES:
        return is_text(index, value->data, value->size);
    default:
        return true;
    }
}

bool checked_is(uint64_t index, const polyshm_value *value)
{
    bool written = is_written(index, value);
    if (!written)
        fprintf(stderr, "item %" PRIu64 " has a value that nobody wrote: %s\n", index, value_show(value));
    return written;
}

polyshm_list *checked_list(const char *name)
{
    polyshm_value values[ITEMS];
    char texts[ITEMS][TEXT_MAX + 1];
    for (uint64_t i = 0; i < ITEMS; i++)
        values[i] = i < NUMBERS || i == PAIR_SECOND ? v_int(0) : v_int(checked_int(i, 0));
    for (uint64_t i = TEXTS; i < PAIR_SECOND; i++)
        values[i] = v_str_of(texts[i], checked_text(i, 0, texts[i]));
    polyshm_list *list;
    CHECK(polyshm_list_create(name, values, ITEMS, TEXT_MAX, 0, 0, &list) == POLYSHM_OK);
    return list;
}
