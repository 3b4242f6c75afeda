/* Recognizing a list in a block that may be anything.
 *
 * What tells is read through the file, into private memory, and not by way of a mapping. So a block that shrinks meanwhile
 * ends nobody (SIGBUS), one with holes takes no memory for having been looked at, and who attaches and closes again has
 * no page faults. */
#include "recognize.h"

#include <stdlib.h>

#include "area.h"
#include "memory.h"

typedef struct {
    const pshmi_file *file;
    const char *name;
} opened;

static int32_t read_file(const void *block, uint64_t offset, void *data, uint64_t size)
{
    uint64_t got;
    const opened *from = block;
    int32_t failure = pshmi_file_read(from->file, from->name, offset, data, size, &got);
    if (!failure && got < size)
        failure = pshmi_fail(POLYSHM_ENOTLIST, "block '%s' was cut short while it was being attached to", from->name);
    return failure;
}

uint64_t *pshmi_recognize_room(uint64_t count)
{
    /* One more offset than items; the largest count of all, which has no successor, cannot be had either. */
    return pshmi_memory_allocate(count < UINT64_MAX ? count + 1 : count, sizeof(uint64_t));
}

/* Looks for a sync area behind the list, whose geometry is known. */
static pshmi_verdict look_for_area(const pshmi_source *source, const pshmi_geometry *geometry, bool *present)
{
    const char *why = NULL;
    pshmi_area_header header;
    uint64_t offset = pshmi_area_offset(geometry->size);
    *present = false;
    if (offset + sizeof header <= source->size) {
        int32_t status = source->read(source->block, offset, &header, sizeof header);
        if (!status)
            status =
                pshmi_area_check(&header, source->size - offset, geometry->count, geometry->largest, present, &why);
        if (status)
            return PSHMI_BAD(status, why);
    }
    if (geometry->count == 0 && !*present && source->size > geometry->size)
        return PSHMI_BAD(POLYSHM_EEMPTY, "its item count is 0, but the block is larger than an empty list; it is none, "
                                         "or its creator has not filled it");
    return PSHMI_FINE;
}

pshmi_verdict pshmi_recognize(const pshmi_file *file, const char *name, pshmi_geometry *geometry, bool *synchronized)
{
    uint64_t count;
    const opened from = {file, name};
    const pshmi_source source = {read_file, &from, file->size};
    pshmi_verdict verdict = pshmi_geometry_peek(&source, &count);
    if (verdict.status)
        return verdict;
    uint64_t *offsets = pshmi_recognize_room(count);
    if (!offsets)
        return PSHMI_BAD(POLYSHM_ENOMEM, NULL);
    verdict = pshmi_geometry_read(&source, count, offsets, geometry);
    if (!verdict.status)
        verdict = look_for_area(&source, geometry, synchronized);
    if (verdict.status)
        free(offsets);
    return verdict;
}
