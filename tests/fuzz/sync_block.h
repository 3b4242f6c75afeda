/* The one block of the fuzzed process, mapped three times: for a handle that may write, for one that may only read, and
 * for the peers.
 *
 * A page that nobody may touch stands before and behind each, AddressSanitizer knows to the byte where a handle's block
 * ends, and who writes through a handle that may only read dies of it, as in a real process. */
#ifndef FUZZ_SYNC_BLOCK_H
#define FUZZ_SYNC_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK_MAX = 16384, BLOCK_PAGE = 4096 };

/* Where the mappings are; the same from the first block on. */
extern char *block_writable, *block_readonly, *block_of_peers;
extern size_t block_size;

/* Fills it. */
void block_set(const void *bytes, size_t size);

/* No handle may touch it from here on; again. */
void block_forbid(void);
void block_permit(void);

/* Whether this is in a handle's mapping, or between the two. Its own loads are no turn of anybody. */
__attribute__((no_sanitize("coverage"))) static inline bool block_has(const void *address)
{
    return (uintptr_t)address - (uintptr_t)block_writable < 2 * BLOCK_MAX + BLOCK_PAGE;
}

#endif
