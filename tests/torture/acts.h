/* What writers and readers of a checked list do, one act at a time. A failure ends the process, with words. */
#ifndef TORTURE_ACTS_H
#define TORTURE_ACTS_H

#include <polyshm.h>
#include <stdbool.h>
#include <stdint.h>

#include "checked.h"

/* An add that came back: of 1 to one of the counters. */
typedef struct {
    int counter;
    int64_t sum;
} added;

/* One random write. True if it was an add, which is then in *add; add may be NULL. */
bool act_write(polyshm_list *list, uint64_t *dice, added *add);

/* What a reader has seen, for what may only grow, and what it has counted. */
typedef struct {
    int64_t counters[COUNTERS_COUNT];
    int64_t half;
    uint64_t version;
    uint64_t reads;
    uint64_t torn;    /* values that nobody wrote, or that are older than others before them; each is on stderr */
    uint64_t halves;  /* sections that their writer did not end, in a snapshot: at most one for each that died */
    uint64_t starved; /* snapshots that met writers for all their time */
} sight;

/* One look at everything, item by item, as a range and as a snapshot. */
void act_read(const polyshm_list *list, sight *seen);

/* The sum of the counters. Ends the process if any item is torn. */
int64_t act_sum(const polyshm_list *list);

#endif
