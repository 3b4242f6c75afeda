/* The walk. Each item is looked at twice: in its place, where the end of the block bounds it, and alone in memory of
 * exactly its width, where a sanitizer sees what reaches into its neighbours. */
#include "walk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geometry.h"
#include "item.h"
#include "source.h"

#define REQUIRE(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

static void fail(const char *condition, int line)
{
    fprintf(stderr, "walk.c:%d: not so: %s\n", line, condition);
    abort();
}

static const polyshm_value values[] = {
    {.type = POLYSHM_TYPE_NONE},
    {.type = POLYSHM_TYPE_BOOL, .integer = 1},
    {.type = POLYSHM_TYPE_INT64, .integer = INT64_MIN},
    {.type = POLYSHM_TYPE_FLOAT64, .real = -0.5},
    {.type = POLYSHM_TYPE_STR, .data = "", .size = 0},
    {.type = POLYSHM_TYPE_STR, .data = "h\xC3\xA9", .size = 3},
    {.type = POLYSHM_TYPE_STR, .data = "ab\0", .size = 3},
    {.type = POLYSHM_TYPE_BYTES, .data = "\xFF\0\xFF", .size = 3},
    {.type = POLYSHM_TYPE_BYTES, .data = "\0\0\0\0\0\0\0\0", .size = 8},
    {.type = POLYSHM_TYPE_BYTES, .data = "123456789", .size = 9},
};

enum { VALUES = sizeof values / sizeof *values };

/* Reads into exactly so much room. */
static int32_t get(const pshmi_item *item, uint64_t capacity, polyshm_value *value)
{
    char *buffer = malloc(capacity ? capacity : 1);
    pshmi_verdict verdict = pshmi_item_get(item, buffer, capacity, value);
    REQUIRE(!verdict.why == !verdict.status);
    free(buffer);
    return verdict.status;
}

static void look_at(const pshmi_item *item)
{
    polyshm_value value;
    pshmi_item_shape shape;
    bool equal;
    int32_t looked = pshmi_item_look(item, &shape).status, got = get(item, item->width, &value);
    REQUIRE(looked == POLYSHM_OK || looked == POLYSHM_ECORRUPT);
    REQUIRE(got == looked || got == POLYSHM_EUTF8);
    REQUIRE(got || (value.type == shape.type && value.size <= item->width));
    if (!got && value.size)
        REQUIRE(get(item, value.size - 1, &value) == POLYSHM_ENOBUFS);
    for (size_t i = 0; i < VALUES; i++)
        REQUIRE(pshmi_item_equals(item, &values[i], &equal).status == looked);
}

/* Whatever was in the item, a value that fits is what is read from it then. */
static void write_to(const pshmi_item *item)
{
    for (size_t i = 0; i < VALUES; i++) {
        const polyshm_value *value = &values[i];
        char *buffer = malloc(item->width);
        polyshm_value found;
        bool equal = false;
        if (!pshmi_item_check(item, value).status) {
            pshmi_item_set(item, value);
            REQUIRE(pshmi_item_get(item, buffer, item->width, &found).status == POLYSHM_OK);
            REQUIRE(found.type == value->type && found.integer == value->integer && found.size == value->size);
            REQUIRE(found.size == 0 || memcmp(found.data, value->data, found.size) == 0);
            REQUIRE(pshmi_item_equals(item, value, &equal).status == POLYSHM_OK && equal);
        }
        free(buffer);
    }
}

static void walk_alone(const pshmi_item *item)
{
    uint64_t format = *item->format;
    uint8_t kind = *item->kind;
    pshmi_item alone = {malloc(item->width), item->width, &format, &kind};
    memcpy(alone.slot, item->slot, item->width);
    look_at(&alone);
    write_to(&alone);
    free(alone.slot);
}

static pshmi_item item_at(char *block, const pshmi_geometry *geometry, uint64_t index)
{
    uint64_t begin = geometry->offsets[index], end = geometry->offsets[index + 1];
    return (pshmi_item){(uint64_t *)(block + geometry->data + begin), end - begin,
                        (uint64_t *)(block + geometry->formats) + index, (uint8_t *)block + geometry->kinds + index};
}

static void walk_items(char *block, const pshmi_geometry *geometry)
{
    for (uint64_t i = 0; i < geometry->count; i++) {
        pshmi_item item = item_at(block, geometry, i);
        REQUIRE(item.width >= 8 && item.width % 8 == 0);
        look_at(&item);
        walk_alone(&item);
    }
    for (uint64_t i = 0; i < geometry->count; i++) {
        pshmi_item item = item_at(block, geometry, i);
        write_to(&item);
    }
}

int32_t walk(uint64_t *block, uint64_t size)
{
    uint64_t count;
    pshmi_geometry geometry;
    const pshmi_source source = source_of(block, size);
    pshmi_verdict verdict = pshmi_geometry_peek(&source, &count);
    REQUIRE(!verdict.why == !verdict.status);
    if (verdict.status)
        return verdict.status;
    REQUIRE(count <= size / 25);
    uint64_t *offsets = malloc((count + 1) * sizeof *offsets);
    verdict = pshmi_geometry_read(&source, count, offsets, &geometry);
    REQUIRE(!verdict.why == !verdict.status);
    if (!verdict.status) {
        REQUIRE(geometry.count == count && geometry.size <= size && geometry.offsets == offsets);
        walk_items((char *)block, &geometry);
    }
    free(offsets);
    return verdict.status;
}
