/* One item: its slot, its format and its kind, seen together. */
#ifndef PSHMI_ITEM_H
#define PSHMI_ITEM_H

#include <polyshm/list.h>
#include <stdbool.h>
#include <string.h>

#include "format.h"
#include "value.h"
#include "verdict.h"

/* What the last byte that an item has says about it. */
enum { PSHMI_KIND_AS_IS = 0, PSHMI_KIND_STR = 1, PSHMI_KIND_BYTES = 2, PSHMI_KIND_NONE = 3 };

/* Where an item is. The pointers lead into shared memory and stay in bounds: they come from a checked geometry. */
typedef struct {
    uint64_t *slot;
    uint64_t width; /* bytes, a multiple of 8, 8 at least */
    uint64_t *format;
    uint8_t *kind;
} pshmi_item;

/* What an item's format and kind, read once, say. size counts for texts and bytes only: the bytes to look at, at most
 * the slot's width. If strip is true the NULs at their end are no part of the value. */
typedef struct {
    int32_t type;
    bool strip;
    uint64_t size;
} pshmi_item_shape;

/* The float64 whose bits are in a slot. */
static inline double pshmi_item_real(uint64_t word)
{
    double real;
    memcpy(&real, &word, sizeof real);
    return real;
}

/* The bits of a float64, for a slot. */
static inline uint64_t pshmi_item_word(double real)
{
    uint64_t word;
    memcpy(&word, &real, sizeof word);
    return word;
}

/* The type of an item with this format and kind if it is a number, a bool or None; -1 for all others. */
static inline int32_t pshmi_item_scalar_type(uint64_t format, uint8_t kind)
{
    if (__builtin_expect(kind != PSHMI_KIND_AS_IS, 0))
        return kind == PSHMI_KIND_NONE ? POLYSHM_TYPE_NONE : -1;
    if (__builtin_expect(format == PSHMI_FORMAT_INT64, 1)) /* the most frequent comes without a jump */
        return POLYSHM_TYPE_INT64;
    if (format == PSHMI_FORMAT_FLOAT64)
        return POLYSHM_TYPE_FLOAT64;
    return format == PSHMI_FORMAT_BOOL ? POLYSHM_TYPE_BOOL : -1;
}

/* The value of such an item whose slot has this word. */
static inline polyshm_value pshmi_item_scalar(int32_t type, uint64_t word)
{
    polyshm_value value = {.type = type};
    if (type == POLYSHM_TYPE_INT64)
        value.integer = (int64_t)word;
    else if (type == POLYSHM_TYPE_FLOAT64)
        value.real = pshmi_item_real(word);
    else if (type == POLYSHM_TYPE_BOOL)
        value.integer = word >> 56 != 0; /* the 8th byte */
    return value;
}

/* Whether such an item equals the value, as Python's == has it. */
static inline bool pshmi_item_scalar_equals(int32_t type, uint64_t word, const polyshm_value *value)
{
    if (type == POLYSHM_TYPE_INT64 && value->type == POLYSHM_TYPE_INT64)
        return (int64_t)word == value->integer;
    polyshm_value scalar = pshmi_item_scalar(type, word);
    return pshmi_value_equals_scalar(value, &scalar);
}

/* Whether the value is a valid int or float, which is what lists hold most and has the shortest way everywhere: its kind
 * is PSHMI_KIND_AS_IS, its slot one word. False says nothing about the value. */
static inline bool pshmi_item_is_number(const polyshm_value *value, uint64_t *format, uint64_t *word)
{
    bool is_integer = value->type == POLYSHM_TYPE_INT64;
    if (value->flags || (!is_integer && value->type != POLYSHM_TYPE_FLOAT64))
        return false;
    *format = is_integer ? PSHMI_FORMAT_INT64 : PSHMI_FORMAT_FLOAT64;
    *word = is_integer ? (uint64_t)value->integer : pshmi_item_word(value->real);
    return true;
}

/* Reads format and kind. POLYSHM_ECORRUPT when no writer makes such. */
pshmi_verdict pshmi_item_look(const pshmi_item *item, pshmi_item_shape *shape);

/* Reads the value. Texts and bytes are copied into buffer. POLYSHM_ENOBUFS, POLYSHM_ECORRUPT, POLYSHM_EUTF8. */
pshmi_verdict pshmi_item_get(const pshmi_item *item, void *buffer, uint64_t capacity, polyshm_value *value);

/* Whether the value, which is checked, fits the item's slot: POLYSHM_ETOOLONG. */
pshmi_verdict pshmi_item_check(const pshmi_item *item, const polyshm_value *value);

/* Writes a value that is checked and fits. Format, kind and slot change one after the other: if the process dies in
 * between, or somebody reads meanwhile, the item may be neither the old value nor the new, but it stays in bounds.
 * A number over one of its type is one store. */
void pshmi_item_set(const pshmi_item *item, const polyshm_value *value);

/* Whether the value is a number, bool or None over one of its type, which takes a single store: then word is what to store. */
bool pshmi_item_is_step(const pshmi_item *item, const polyshm_value *value, uint64_t *word);

/* Whether the item equals the value, as Python's == has it. */
pshmi_verdict pshmi_item_equals(const pshmi_item *item, const polyshm_value *value, bool *equal);

#endif
