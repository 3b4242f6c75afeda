/* A block in private memory, to be read as the layout functions read one. */
#ifndef TEST_SOURCE_H
#define TEST_SOURCE_H

#include <string.h>

#include "geometry.h"

static inline int32_t source_read(const void *block, uint64_t offset, void *data, uint64_t size)
{
    memcpy(data, (const char *)block + offset, size);
    return POLYSHM_OK;
}

static inline pshmi_source source_of(const void *block, uint64_t size)
{
    return (pshmi_source){source_read, block, size};
}

#endif
