/* Processes and threads that use every function on a list that is being scribbled over. */
#ifndef TORTURE_CALLERS_H
#define TORTURE_CALLERS_H

#include <stdbool.h>
#include <stdint.h>

enum { STATUSES = 32 };

/* What a caller, one thread, is doing and has met; in shared memory. */
struct note {
    const char *_Atomic call; /* the same address in every process */
    _Atomic double begun;     /* 0: between two calls */
    _Atomic double allowed;   /* seconds */
    _Atomic double longest;   /* beyond the timeout */
    const char *_Atomic longest_call;
    _Atomic double longest_read;
    _Atomic uint64_t calls, lists;
    _Atomic uint64_t statuses[STATUSES];
};

/* A process of so many callers, each of which has a note. */
struct callers {
    struct note *notes;
    unsigned threads;
    bool readonly;
    const char *name;
    uint64_t seed;
    int begun; /* a gate: it has attached to the list */
};

/* Calls for ever. Its argument is callers: for child_start. */
void callers_run(void *argument);

#endif
