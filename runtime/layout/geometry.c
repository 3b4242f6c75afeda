/* Where everything is in a list's block (abi/LAYOUT.md).
 *
 *   8            item count N
 *   8 * (N + 1)  offsets
 *   K            data
 *   8 * N        formats
 *   N            kinds
 *
 * Sums cannot overflow: N is compared with the block's size before it is multiplied, and every offset with what is
 * left of the block. */
#include "geometry.h"

#include <stdbool.h>
#include <string.h>

#include "format.h"
#include "item.h"
#include "utf8.h"
#include "value.h"

enum { WORD = 8, KIND = 1, EMPTY_SIZE = 2 * WORD, EMPTY_SIZE_38 = WORD };

/* An item takes an offset, a slot of one word at least, a format and a kind. */
enum { ITEM_SIZE_MIN = WORD + WORD + WORD + KIND };

/* How many offsets are read and checked at a time. */
enum { CHUNK = 1 << 16 };

static void place(uint64_t count, uint64_t *offsets, uint64_t largest, pshmi_geometry *geometry)
{
    geometry->count = count;
    geometry->data = WORD * (count + 2);
    geometry->formats = geometry->data + offsets[count];
    geometry->kinds = geometry->formats + WORD * count;
    geometry->size = geometry->kinds + KIND * count;
    geometry->largest = largest;
    geometry->offsets = offsets;
}

/* CPython goes by a text's characters. Where that gives a slot which its UTF-8 just fills, the slot is the same here. */
static bool fills_cpythons_slot(const polyshm_value *value)
{
    if (value->type != POLYSHM_TYPE_STR || !value->size || value->size % WORD)
        return false;
    uint64_t length = pshmi_utf8_length(value->data, value->size);
    return length < value->size && length >= value->size - WORD;
}

static pshmi_verdict slot_width(const polyshm_value *value, uint64_t spare, uint64_t *width)
{
    pshmi_verdict verdict = pshmi_value_check(value);
    if (verdict.status)
        return verdict;
    bool sized = pshmi_value_is_sized(value);
    uint64_t content = sized ? value->size - fills_cpythons_slot(value) : 0;
    if (sized || value->type == POLYSHM_TYPE_NONE)
        content += spare;
    *width = WORD * (content / WORD + 1);
    if (*width > PSHMI_FORMAT_SIZE_MAX)
        return PSHMI_BAD(POLYSHM_ETOOLONG, "the value and its spare bytes are longer than a slot can be "
                                           "(9,999,991 bytes)");
    return PSHMI_FINE;
}

pshmi_verdict pshmi_geometry_measure(const polyshm_value *values, uint64_t count, uint64_t spare, uint64_t *offsets,
                                     pshmi_geometry *geometry, uint64_t *bad)
{
    uint64_t largest = 0;
    offsets[0] = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t format, word, width = WORD;
        if (!pshmi_item_is_number(&values[i], &format, &word)) {
            pshmi_verdict verdict = slot_width(&values[i], spare, &width);
            if (verdict.status) {
                *bad = i;
                return verdict;
            }
        }
        offsets[i + 1] = offsets[i] + width;
        largest = width > largest ? width : largest;
    }
    place(count, offsets, largest, geometry);
    return PSHMI_FINE;
}

void pshmi_geometry_write(const pshmi_geometry *geometry, uint64_t *image)
{
    image[0] = geometry->count;
    memcpy(image + 1, geometry->offsets, (size_t)(WORD * (geometry->count + 1)));
}

/* Copies words out of the block, the first of which is at this word. */
static int32_t copy_words(const pshmi_source *source, uint64_t at, uint64_t *words, uint64_t count)
{
    return source->read(source->block, WORD * at, words, WORD * count);
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* CPython 3.8 put the sizes of the slots where the offsets are now, and no last one. Only a block whose sizes add up
 * is called one. */
static bool is_list_of_38(const pshmi_source *source, uint64_t count)
{
    uint64_t widths[512], chunk, left = source->size - WORD - count * (WORD + WORD + KIND);
    for (uint64_t from = 0; from < count; from += chunk) {
        chunk = least(count - from, sizeof widths / sizeof *widths);
        if (copy_words(source, 1 + from, widths, chunk))
            return false;
        for (uint64_t i = 0; i < chunk; i++) {
            if (widths[i] < WORD || widths[i] % WORD || widths[i] > left)
                return false;
            left -= widths[i];
        }
    }
    return true;
}

static const pshmi_verdict LAYOUT_38 = {
    POLYSHM_ELAYOUT, "it is a list in the layout of CPython 3.8; make it with 3.9 or later, or with polyshm"};

static const pshmi_verdict DISORDER = {POLYSHM_ENOTLIST,
                                       "its offsets do not ascend by multiples of 8 within the block"};

/* Whether there is an end to the many slots that a block claims, before memory is taken for their offsets: none that is a
 * hole has one. */
static pshmi_verdict peek_at_end(const pshmi_source *source, uint64_t count)
{
    uint64_t end;
    int32_t failure = copy_words(source, 1 + count, &end, 1);
    if (failure)
        return PSHMI_BAD(failure, NULL);
    if (end / WORD >= count)
        return PSHMI_FINE;
    return is_list_of_38(source, count) ? LAYOUT_38 : DISORDER;
}

pshmi_verdict pshmi_geometry_peek(const pshmi_source *source, uint64_t *count)
{
    uint64_t found, size = source->size;
    if (size < WORD)
        return PSHMI_BAD(POLYSHM_ENOTLIST, "a list has 16 bytes at least");
    int32_t failure = copy_words(source, 0, &found, 1);
    if (failure)
        return PSHMI_BAD(failure, NULL);
    if (found == 0 && size == EMPTY_SIZE_38)
        return LAYOUT_38;
    if (size < EMPTY_SIZE)
        return PSHMI_BAD(POLYSHM_ENOTLIST, "a list has 16 bytes at least");
    if (found > (size - EMPTY_SIZE) / ITEM_SIZE_MIN) {
        if (found <= (size - WORD) / ITEM_SIZE_MIN && is_list_of_38(source, found))
            return LAYOUT_38;
        return PSHMI_BAD(POLYSHM_ENOTLIST, "its item count does not fit the block's size");
    }
    *count = found;
    return found > CHUNK ? peek_at_end(source, found) : PSHMI_FINE;
}

/* Whether these offsets, the first of which is right, bound so many slots: each is a multiple of 8 beyond the one before, 8
 * at least. Without a jump: a difference or an offset that is negative, as a signed number, has its top bit set. */
static bool bound_slots(const uint64_t *offsets, uint64_t count, uint64_t *largest)
{
    uint64_t signs = 0, widths = 0, widest = *largest;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t width = offsets[i + 1] - offsets[i];
        signs |= offsets[i + 1] | (width - WORD);
        widths |= width;
        widest = width > widest ? width : widest;
    }
    *largest = widest;
    return signs >> 63 == 0 && widths % WORD == 0;
}

pshmi_verdict pshmi_geometry_read(const pshmi_source *source, uint64_t count, uint64_t *offsets,
                                  pshmi_geometry *geometry)
{
    int32_t failure;
    uint64_t chunk, largest = 0, left = source->size - EMPTY_SIZE - count * (WORD + WORD + KIND);
    for (uint64_t done = 0; done <= count; done += chunk) {
        chunk = least(count + 1 - done, CHUNK);
        if ((failure = copy_words(source, 1 + done, offsets + done, chunk)))
            return PSHMI_BAD(failure, NULL);
        if (offsets[0] != 0)
            return is_list_of_38(source, count) ? LAYOUT_38 : PSHMI_BAD(POLYSHM_ENOTLIST, "its first offset is not 0");
        uint64_t first = done ? done - 1 : 0, last = done + chunk - 1;
        if (!bound_slots(offsets + first, last - first, &largest) || offsets[last] > left)
            return DISORDER;
    }
    place(count, offsets, largest, geometry);
    uint64_t format = 1;
    if (count && (failure = copy_words(source, geometry->formats / WORD + count - 1, &format, 1)))
        return PSHMI_BAD(failure, NULL);
    if (format == 0)
        return PSHMI_BAD(POLYSHM_EEMPTY, "its last item has no format; its creator has not filled it");
    return PSHMI_FINE;
}
