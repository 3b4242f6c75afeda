/* Making values that can be checked, and checking them (checked.h). */
#include "checked.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"
#include "values.h"

enum { SERIALS = 1 << 24, SHOWN_MAX = 256, TORN_SHOWN_MAX = 20 };

/* Exact also in a language whose only numbers are doubles. */
static uint32_t checksum(const char *text, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + (unsigned char)text[i];
    return sum;
}

uint64_t checked_text(uint64_t index, uint64_t serial, char text[BIG_MAX + 1])
{
    size_t longest = index == BIG ? BIG_MAX : TEXT_MAX;
    size_t size = (size_t)snprintf(text, TEXT_MAX, "%" PRIu64 ":%" PRIu64 ":", index, serial);
    size_t end = size + serial * 7 % (longest - 9 - size);
    for (; size < end; size++)
        text[size] = (char)('a' + (serial + size) % 26);
    snprintf(text + size, 9, "%08" PRIx32, checksum(text, size));
    return size + 8 + serial % 2;
}

int64_t checked_int(uint64_t index, uint64_t serial)
{
    uint64_t content = serial % SERIALS * 64 + index;
    return (int64_t)(content * 65536 + content * 31 % 65521);
}

static bool is_text(uint64_t index, const char *text, size_t size)
{
    char expected[BIG_MAX + 1], start[32] = "";
    uint64_t found, serial;
    memcpy(start, text, size < sizeof start ? size : sizeof start - 1);
    return sscanf(start, "%" SCNu64 ":%" SCNu64 ":", &found, &serial) == 2 && found == index && serial < SERIALS &&
           checked_text(index, serial, expected) == size && memcmp(expected, text, size) == 0;
}

static bool is_int(uint64_t index, int64_t value)
{
    uint64_t content = (uint64_t)value >> 16;
    return content % 64 == index && checked_int(index, content / 64) == value;
}

static bool is_any_int(uint64_t index)
{
    return index == PAIR_FIRST || index == PAIR_SECOND || (index >= COUNTERS && index < NUMBERS);
}

static bool is_written(uint64_t index, const polyshm_value *value)
{
    if (is_any_int(index))
        return value->type == POLYSHM_TYPE_INT64;
    switch (value->type) {
    case POLYSHM_TYPE_INT64:
        return is_int(index, value->integer);
    case POLYSHM_TYPE_FLOAT64:
        return value->real > 0 && value->real < 0x1p47 && is_int(index, (int64_t)floor(value->real)) &&
               value->real - floor(value->real) == 0.5;
    case POLYSHM_TYPE_STR:
    case POLYSHM_TYPE_BYTES:
        return index >= TEXTS && is_text(index, value->data, value->size);
    case POLYSHM_TYPE_BOOL:
        return value->integer == 1;
    default:
        return true;
    }
}

/* What is printable as it is, the rest in hexadecimal digits. */
static void show_bytes(FILE *out, const unsigned char *bytes, uint64_t size)
{
    for (uint64_t i = 0; i < size && i < SHOWN_MAX; i++)
        fprintf(out, isprint(bytes[i]) && bytes[i] != '\\' ? "%c" : "\\x%02x", bytes[i]);
    if (size > SHOWN_MAX)
        fprintf(out, "... and %" PRIu64 " more", size - SHOWN_MAX);
    fputc('\n', out);
}

/* A text that is torn begins with the serial number of one of those that it is made of. */
static void show_text(FILE *out, uint64_t index, const polyshm_value *value)
{
    char expected[BIG_MAX + 1], start[32] = "";
    const unsigned char *found = value->data;
    uint64_t named, serial, at = 0;
    memcpy(start, found, value->size < sizeof start ? value->size : sizeof start - 1);
    fprintf(out, "  found    ");
    show_bytes(out, found, value->size);
    if (sscanf(start, "%" SCNu64 ":%" SCNu64 ":", &named, &serial) != 2 || named != index || serial >= SERIALS)
        return;
    uint64_t size = checked_text(index, serial, expected);
    fprintf(out, "  expected ");
    show_bytes(out, (unsigned char *)expected, size);
    while (at < size && at < value->size && (unsigned char)expected[at] == found[at])
        at++;
    fprintf(out, "  expected %" PRIu64 " bytes, found %" PRIu64 "; other ones from byte %" PRIu64 " on\n", size,
            value->size, at);
}

/* In one write, for several processes may have something to show; and not for ever. */
static void show(uint64_t index, const polyshm_value *value)
{
    static int shown;
    char *text;
    size_t size;
    FILE *out = shown++ < TORN_SHOWN_MAX ? open_memstream(&text, &size) : NULL;
    if (!out)
        return;
    const char *kinds = is_any_int(index) ? "an int64" : index < TEXTS ? "a number, true or None" : "any type";
    fprintf(out, "item %" PRIu64 " (%s, with its checksum) has a value that nobody wrote: %s\n", index, kinds,
            value_show(value));
    if (value->type == POLYSHM_TYPE_STR || value->type == POLYSHM_TYPE_BYTES)
        show_text(out, index, value);
    fclose(out);
    fputs(text, stderr);
    free(text);
}

bool checked_is(uint64_t index, const polyshm_value *value)
{
    bool written = is_written(index, value);
    if (!written)
        show(index, value);
    return written;
}

polyshm_list *checked_list(const char *name)
{
    static char texts[ITEMS][BIG_MAX + 1];
    polyshm_value values[ITEMS];
    for (uint64_t i = 0; i < ITEMS; i++)
        values[i] = is_any_int(i) ? v_int(0) : v_int(checked_int(i, 0));
    for (uint64_t i = TEXTS; i < PAIR_SECOND; i++)
        values[i] = v_str_of(texts[i], checked_text(i, 0, texts[i]));
    /* The spare bytes are the same for all, so the widest begins with a text that lacks no more than these. */
    values[BIG].size = checked_text(BIG, (BIG_MAX - TEXT_MAX) / 7, texts[BIG]);
    polyshm_list *list;
    CHECK(polyshm_list_create(name, values, ITEMS, TEXT_MAX, 0, 0, &list) == POLYSHM_OK);
    return list;
}
