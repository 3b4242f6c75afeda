/* Calls on the list in the block (sync_block.h). */
#ifndef FUZZ_SYNC_CALLS_H
#define FUZZ_SYNC_CALLS_H

#include <stdbool.h>

/* Attaches to the list and makes the calls that the platform's script says; then lets it go. */
void calls_make(bool readonly);

#endif
