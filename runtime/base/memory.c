/* Private memory, checked for products that do not fit size_t (which has 32 bits on some machines). */
#include "memory.h"

#include <inttypes.h>
#include <stdlib.h>

#include "error.h"

void *(*pshmi_memory_allocator)(size_t count, size_t size) = calloc;

void *pshmi_memory_allocate(uint64_t count, size_t size)
{
    void *memory = count <= SIZE_MAX ? pshmi_memory_allocator(count ? (size_t)count : 1, size) : NULL;
    if (!memory)
        pshmi_fail(POLYSHM_ENOMEM, "out of memory: %" PRIu64 " times %zu bytes are not to be had", count, size);
    return memory;
}
