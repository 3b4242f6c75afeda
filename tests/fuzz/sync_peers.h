/* The other processes: what they write into the block, and when.
 *
 * They get a turn whenever the fuzzed code is about to load something from the block, and whenever it asks its platform
 * for anything. Which turns they use, and what for, is a row of acts, 6 bytes each:
 *
 *   1  how many turns they leave unused before this one; from 128 on, many
 *   1  the part of the list
 *   1  the word in that part
 *   2  what comes there
 *   1  how much of the word changes; from 128 on, it changes there and back until the next act
 *
 * The same acts and calls give the same run. */
#ifndef FUZZ_SYNC_PEERS_H
#define FUZZ_SYNC_PEERS_H

#include "sync_lists.h"

enum { PEERS_ACT = 6 };

/* What the peers will do with the block, which has these parts. The first acts are done at once, as long as they
 * leave no turn unused. */
void peers_begin(const uint8_t *acts, size_t count, const size_t bounds[PARTS + 1]);

/* Gives them a turn. */
void peers_turn(void);

#endif
