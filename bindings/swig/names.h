/* Reading names into memory of the right size, for the typemaps of every language. */
#ifndef POLYSHM_BINDINGS_NAMES_H
#define POLYSHM_BINDINGS_NAMES_H

#include <polyshm.h>

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

/* What the manager owns. Others may add to it meanwhile: then once more, with room for twice as many. The caller frees
 * many, which must be zeros at first, with names_free, also after a failure. */
static inline int32_t names_of_manager(const polyshm_manager *manager, names *many)
{
    int32_t status;
    uint64_t capacity = 0;
    while ((status = polyshm_manager_names(manager, many->buffer, capacity, &many->size)) == POLYSHM_ENOBUFS) {
        capacity = 2 * many->size;
        names_free(many);
        if (!(many->buffer = malloc((size_t)capacity)))
            return POLYSHM_ENOMEM;
    }
    return status;
}

#endif
