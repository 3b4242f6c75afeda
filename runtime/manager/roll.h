/* Names that a call gives its caller in a buffer, each with a NUL behind it. */
#ifndef PSHMI_ROLL_H
#define PSHMI_ROLL_H

#include <stdint.h>
#include <string.h>

#include "error.h"

typedef struct {
    char *buffer;
    uint64_t capacity;
    uint64_t size; /* that all of them take, also those that were left out because they did not fit */
} pshmi_roll;

static inline void pshmi_roll_add(pshmi_roll *roll, const char *name)
{
    uint64_t size = strlen(name) + 1;
    if (roll->size + size <= roll->capacity)
        memcpy(roll->buffer + roll->size, name, (size_t)size);
    roll->size += size;
}

static inline int32_t pshmi_roll_end(const pshmi_roll *roll, uint64_t *size)
{
    *size = roll->size;
    if (roll->size <= roll->capacity)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOBUFS, "the names take %llu bytes, the buffer has %llu", (unsigned long long)roll->size,
                      (unsigned long long)roll->capacity);
}

#endif
