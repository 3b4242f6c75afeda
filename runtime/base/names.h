/* Names that a call gives its caller in a buffer, each with a NUL behind it. */
#ifndef PSHMI_NAMES_H
#define PSHMI_NAMES_H

#include <stdint.h>
#include <string.h>

#include "error.h"

typedef struct {
    char *buffer;
    uint64_t capacity;
    uint64_t size; /* that all of them take, also those that were left out because they did not fit */
} pshmi_names;

static inline void pshmi_names_add(pshmi_names *names, const char *name)
{
    uint64_t size = strlen(name) + 1;
    if (names->size + size <= names->capacity)
        memcpy(names->buffer + names->size, name, (size_t)size);
    names->size += size;
}

static inline int32_t pshmi_names_end(const pshmi_names *names, uint64_t *size)
{
    *size = names->size;
    if (names->size <= names->capacity)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOBUFS, "the names take %llu bytes, the buffer has %llu",
                      (unsigned long long)names->size, (unsigned long long)names->capacity);
}

#endif
