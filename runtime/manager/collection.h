/* Names that are collected to be listed each once, in the order of their bytes: a block may stand in a book more than once. */
#ifndef PSHMI_COLLECTION_H
#define PSHMI_COLLECTION_H

#include <stdlib.h>

#include "memory.h"
#include "name.h"
#include "roll.h"

/* Begins with zeros; names is to be freed. */
typedef struct {
    char (*names)[PSHMI_NAME_SIZE];
    uint64_t count, room;
} pshmi_collection;

static inline int32_t pshmi_collection_add(pshmi_collection *all, const char *name)
{
    if (all->count == all->room) {
        uint64_t room = all->room ? all->room * 2 : 64;
        char(*names)[PSHMI_NAME_SIZE] = pshmi_memory_allocate(room, sizeof *names);
        if (!names)
            return POLYSHM_ENOMEM;
        if (all->count)
            memcpy(names, all->names, (size_t)all->count * sizeof *names);
        free(all->names);
        all->names = names;
        all->room = room;
    }
    strcpy(all->names[all->count++], name);
    return POLYSHM_OK;
}

static inline int pshmi_collection_compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

static inline void pshmi_collection_list(pshmi_collection *all, pshmi_roll *roll)
{
    if (all->count)
        qsort(all->names, (size_t)all->count, sizeof *all->names, pshmi_collection_compare);
    for (uint64_t i = 0; i < all->count; i++)
        if (i == 0 || strcmp(all->names[i], all->names[i - 1]) != 0)
            pshmi_roll_add(roll, all->names[i]);
}

#endif
