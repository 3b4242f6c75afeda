/* Names that are collected to be listed each once, where it came first: a block may stand in a book more than once. */
#ifndef PSHMI_COLLECTION_H
#define PSHMI_COLLECTION_H

#include <stdlib.h>

#include "memory.h"
#include "name.h"
#include "roll.h"

typedef struct {
    uint64_t place;
    char name[PSHMI_NAME_SIZE];
} pshmi_collected;

/* Begins with zeros; all is to be freed. */
typedef struct {
    pshmi_collected *all;
    uint64_t count, room;
} pshmi_collection;

static inline int32_t pshmi_collection_add(pshmi_collection *collection, const char *name)
{
    if (collection->count == collection->room) {
        uint64_t room = collection->room ? collection->room * 2 : 64;
        pshmi_collected *all = pshmi_memory_allocate(room, sizeof *all);
        if (!all)
            return POLYSHM_ENOMEM;
        if (collection->count)
            memcpy(all, collection->all, (size_t)collection->count * sizeof *all);
        free(collection->all);
        collection->all = all;
        collection->room = room;
    }
    pshmi_collected *added = &collection->all[collection->count];
    added->place = collection->count++;
    strcpy(added->name, name);
    return POLYSHM_OK;
}

static inline int pshmi_collected_by_place(const void *one, const void *other)
{
    uint64_t first = ((const pshmi_collected *)one)->place, second = ((const pshmi_collected *)other)->place;
    return (first > second) - (first < second);
}

static inline int pshmi_collected_by_name(const void *one, const void *other)
{
    int order = strcmp(((const pshmi_collected *)one)->name, ((const pshmi_collected *)other)->name);
    return order ? order : pshmi_collected_by_place(one, other);
}

/* Equal names side by side lose all but the first of them; then all go where they were. */
static inline void pshmi_collection_list(pshmi_collection *collection, pshmi_roll *roll)
{
    pshmi_collected *all = collection->all;
    uint64_t kept = 0;
    if (collection->count)
        qsort(all, (size_t)collection->count, sizeof *all, pshmi_collected_by_name);
    for (uint64_t i = 0; i < collection->count; i++)
        if (kept == 0 || strcmp(all[i].name, all[kept - 1].name) != 0)
            all[kept++] = all[i];
    if (kept)
        qsort(all, (size_t)kept, sizeof *all, pshmi_collected_by_place);
    for (uint64_t i = 0; i < kept; i++)
        pshmi_roll_add(roll, all[i].name);
}

#endif
