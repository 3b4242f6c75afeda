/* Items: what format, kind and slot mean together (abi/LAYOUT.md has the table).
 *
 * Format and kind are read once, into private memory, and then checked; the slot's bytes are copied before they are
 * judged. So whatever other processes write meanwhile, the worst is a wrong value. */
#include "item.h"

#include <string.h>

#include "format.h"
#include "shared.h"
#include "utf8.h"

static bool shape_of_bytes(uint64_t format, uint8_t kind, uint64_t width, pshmi_item_shape *shape)
{
    pshmi_format_bytes bytes;
    if (kind > PSHMI_KIND_BYTES || !pshmi_format_parse(format, &bytes) || bytes.size > width)
        return false;
    *shape = (pshmi_item_shape){
        .type = kind == PSHMI_KIND_STR ? POLYSHM_TYPE_STR : POLYSHM_TYPE_BYTES,
        .strip = kind != PSHMI_KIND_AS_IS && !bytes.exact,
        .size = bytes.size,
    };
    return true;
}

pshmi_verdict pshmi_item_look(const pshmi_item *item, pshmi_item_shape *shape)
{
    uint64_t format = pshmi_shared_load(item->format);
    uint8_t kind = pshmi_shared_load_byte(item->kind);
    int32_t scalar = pshmi_item_scalar_type(format, kind);
    if (scalar >= 0)
        *shape = (pshmi_item_shape){.type = scalar};
    else if (!shape_of_bytes(format, kind, item->width, shape))
        return PSHMI_BAD(POLYSHM_ECORRUPT, "its format or kind is none that a list's writer makes");
    return PSHMI_FINE;
}

static pshmi_verdict get_bytes(const pshmi_item *item, const pshmi_item_shape *shape, void *buffer, uint64_t capacity,
                               polyshm_value *value)
{
    uint64_t size = shape->strip ? pshmi_shared_stripped_size(item->slot, shape->size) : shape->size;
    if (size > capacity)
        return PSHMI_BAD(POLYSHM_ENOBUFS, "its text or bytes are longer than the buffer");
    pshmi_shared_read(buffer, item->slot, size);
    if (shape->type == POLYSHM_TYPE_STR && !pshmi_utf8_is_valid(buffer, size))
        return PSHMI_BAD(POLYSHM_EUTF8, "its text is not valid UTF-8");
    *value = (polyshm_value){.type = shape->type, .data = buffer, .size = size};
    return PSHMI_FINE;
}

pshmi_verdict pshmi_item_get(const pshmi_item *item, void *buffer, uint64_t capacity, polyshm_value *value)
{
    pshmi_item_shape shape;
    pshmi_verdict verdict = pshmi_item_look(item, &shape);
    if (verdict.status)
        return verdict;
    if (shape.type >= POLYSHM_TYPE_STR)
        return get_bytes(item, &shape, buffer, capacity, value);
    *value = pshmi_item_scalar(shape.type, pshmi_shared_load(item->slot));
    return PSHMI_FINE;
}

pshmi_verdict pshmi_item_check(const pshmi_item *item, const polyshm_value *value)
{
    if (pshmi_value_is_sized(value) && value->size > item->width)
        return PSHMI_BAD(POLYSHM_ETOOLONG, "the value exceeds available storage: it is longer than its slot");
    return PSHMI_FINE;
}

/* The format and kind that a value, which is checked, has in a slot of this width; and the word that is its slot, unless it
 * is sized. */
static uint64_t format_of(const polyshm_value *value, uint64_t width, uint8_t *kind, uint64_t *word)
{
    uint64_t format;
    *kind = PSHMI_KIND_AS_IS;
    if (pshmi_item_is_number(value, &format, word))
        return format;
    *word = 0;
    switch (value->type) {
    case POLYSHM_TYPE_BOOL:
        *word = (uint64_t)value->integer << 56;
        return PSHMI_FORMAT_BOOL;
    case POLYSHM_TYPE_NONE:
        *kind = PSHMI_KIND_NONE;
        return PSHMI_FORMAT_NONE;
    default:
        break;
    }
    bool exact = pshmi_value_ends_in_nul(value);
    if (value->type == POLYSHM_TYPE_STR)
        *kind = PSHMI_KIND_STR;
    else if (!exact) /* CPython returns bytes of kind 0 as they are, with their NULs */
        *kind = PSHMI_KIND_BYTES;
    uint64_t size = exact ? value->size : width;
    if (size > PSHMI_FORMAT_SIZE_MAX) /* a slot that no writer makes */
        size = PSHMI_FORMAT_SIZE_MAX;
    return pshmi_format_make((pshmi_format_bytes){.size = size, .exact = exact});
}

void pshmi_item_set(const pshmi_item *item, const polyshm_value *value)
{
    uint8_t kind;
    uint64_t word, format = format_of(value, item->width, &kind, &word);
    if (pshmi_shared_load(item->format) != format)
        pshmi_shared_store(item->format, format);
    if (pshmi_shared_load_byte(item->kind) != kind)
        pshmi_shared_store_byte(item->kind, kind);
    if (pshmi_value_is_sized(value))
        pshmi_shared_write(item->slot, item->width, value->data, value->size);
    else
        pshmi_shared_store(item->slot, word);
}

bool pshmi_item_is_step(const pshmi_item *item, const polyshm_value *value, uint64_t *word)
{
    uint8_t kind;
    return !pshmi_value_is_sized(value) &&
           format_of(value, item->width, &kind, word) == pshmi_shared_load(item->format) &&
           kind == pshmi_shared_load_byte(item->kind);
}

static bool bytes_equal(const pshmi_item *item, const pshmi_item_shape *shape, const polyshm_value *value)
{
    uint64_t size = shape->strip ? pshmi_shared_stripped_size(item->slot, shape->size) : shape->size;
    return size == value->size && pshmi_shared_equals(item->slot, value->data, size);
}

pshmi_verdict pshmi_item_equals(const pshmi_item *item, const polyshm_value *value, bool *equal)
{
    pshmi_item_shape shape;
    pshmi_verdict verdict = pshmi_item_look(item, &shape);
    if (verdict.status)
        return verdict;
    if (shape.type >= POLYSHM_TYPE_STR)
        *equal = shape.type == value->type && bytes_equal(item, &shape, value);
    else
        *equal = pshmi_item_scalar_equals(shape.type, pshmi_shared_load(item->slot), value);
    return PSHMI_FINE;
}
