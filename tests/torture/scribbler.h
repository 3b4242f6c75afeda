/* A process that writes into a list's block whatever may do harm. */
#ifndef TORTURE_SCRIBBLER_H
#define TORTURE_SCRIBBLER_H

#include <stdint.h>

/* Where it writes. */
struct scribbler {
    char *block;
    uint64_t size, count, formats, area;
    uint64_t lock_seen; /* the last word in the lock that named somebody */
    char *whole;        /* the bytes as they were */
};

/* Maps the block of a list that is well. */
struct scribbler scribbler_open(const char *name);
void scribbler_close(struct scribbler *scribbler);

/* Scribbles for ever: in bursts, so that some calls get far; now and then it puts everything right, so that some
 * attach. */
_Noreturn void scribbler_run(struct scribbler *scribbler, uint64_t seed);

#endif
