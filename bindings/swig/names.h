/* Reading names into memory of the right size, for the typemaps of every language. */
#ifndef POLYSHM_BINDINGS_NAMES_H
#define POLYSHM_BINDINGS_NAMES_H

#include <polyshm.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Names one behind the other, each with a NUL behind it; size is what they take together. */
typedef struct {
    char *buffer;
    uint64_t size;
} names;

static inline void names_free(names *many)
{
    free(many->buffer);
    *many = (names){NULL, 0};
}

/* The name that follows one, or the first for NULL; NULL behind the last. */
static inline const char *names_next(const names *many, const char *name)
{
    const char *next = name ? name + strlen(name) + 1 : many->buffer;
    return next && next < many->buffer + many->size ? next : NULL;
}

/* Behind POLYSHM_ENOBUFS: room for twice as many, as others may add to them meanwhile. False without memory. */
static inline bool names_grow(names *many, uint64_t *capacity)
{
    *capacity = 2 * many->size;
    names_free(many);
    return (many->buffer = malloc((size_t)*capacity));
}

/* What the manager owns. The caller frees many, which must be zeros at first, with names_free, also after a failure. */
static inline int32_t names_of_manager(const polyshm_manager *manager, names *many)
{
    int32_t status;
    uint64_t capacity = 0;
    while ((status = polyshm_manager_names(manager, many->buffer, capacity, &many->size)) == POLYSHM_ENOBUFS)
        if (!names_grow(many, &capacity))
            return POLYSHM_ENOMEM;
    return status;
}

/* All blocks. As names_of_manager. */
static inline int32_t names_of_blocks(names *many)
{
    int32_t status;
    uint64_t capacity = 0;
    while ((status = polyshm_block_names(many->buffer, capacity, &many->size)) == POLYSHM_ENOBUFS)
        if (!names_grow(many, &capacity))
            return POLYSHM_ENOMEM;
    return status;
}

#endif
