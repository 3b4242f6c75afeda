/* Private memory. One door, so that a test can make the n-th allocation fail. */
#ifndef PSHMI_MEMORY_H
#define PSHMI_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* What allocates: calloc, unless a test puts something else here before it starts threads. */
extern void *(*pshmi_memory_allocator)(size_t count, size_t size);

/* count * size zeroed bytes, to be given back with free(); NULL, and a record of POLYSHM_ENOMEM in this thread, if
 * they are not to be had. Never NULL because count is 0. */
void *pshmi_memory_allocate(uint64_t count, size_t size);

#endif
