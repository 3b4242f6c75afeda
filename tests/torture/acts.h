/* What writers and readers of a checked list do, one act at a time. A failure ends the process, with words. */
#ifndef TORTURE_ACTS_H
#define TORTURE_ACTS_H

#include <polyshm.h>
#include <stdbool.h>
#include <stdint.h>

/* One random write. True if it was an add that came back: 1 to one of the counters. */
bool act_write(polyshm_list *list, uint64_t *dice);

/* What a reader has seen, for what may only grow. */
typedef struct {
    int64_t counters[4];
    uint64_t version;
    uint64_t reads;
    uint64_t starved; /* snapshots that met writers for all their time */
} sight;

/* One look at everything, item by item, as a range and as a snapshot. */
void act_read(const polyshm_list *list, sight *seen);

/* The sum of the counters; checks every item besides. */
int64_t act_sum(const polyshm_list *list);

#endif
