/* Goes over the bytes of what may be a list, as an attached handle does, and checks what holds whatever they are. */
#ifndef TEST_WALK_H
#define TEST_WALK_H

#include <stdint.h>

/* The bytes may be anything; size bytes from block on belong to the caller, and items in them are overwritten.
 * Gives the status that attaching would have. Aborts when something is wrong that no bytes can excuse. */
int32_t walk(uint64_t *block, uint64_t size);

#endif
