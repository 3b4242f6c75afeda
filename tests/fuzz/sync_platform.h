/* The platform layer (runtime/platform/platform.h) without an operating system: one block in memory of exactly its size, a
 * clock that moves when it is looked at, and peers that write into the block whenever a call lets them.
 *
 * All of it follows from the script, a row of bytes: the same script gives the same run. */
#ifndef FUZZ_SYNC_PLATFORM_H
#define FUZZ_SYNC_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* The one block, whatever it is called. */
extern char *platform_block;
extern size_t platform_size;

/* What decides everything that is open; behind its end there are zeros. */
void platform_begin(const uint8_t *script, size_t size);
uint8_t platform_next(void);
int platform_is_over(void);

/* Changes a word, half a word or a byte of the block as the next 4 bytes of the script say. */
void platform_scribble(void);

/* The time, in seconds, without moving it. */
double platform_time(void);

#endif
