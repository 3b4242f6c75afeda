/* The platform layer (runtime/platform/platform.h) without an operating system: one block (sync_block.h), a clock
 * that moves when it is looked at and when somebody sleeps, and answers that a script gives: whether a lease is free, whether
 * a sleeper is woken, interrupted, or late. */
#ifndef FUZZ_SYNC_PLATFORM_H
#define FUZZ_SYNC_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* A sleep of the clock lasts so long at least, in seconds: who polls for ten seconds does so some fifty times. */
#define PLATFORM_NAP 0.2

/* What decides everything that is open; behind its end there are zeros. */
void platform_begin(const uint8_t *script, size_t size);
uint8_t platform_next(void);
int platform_is_over(void);

/* The time, in seconds, without moving it. */
double platform_time(void);

#endif
