/* A process beside all others that looks several times a millisecond: at when a list moves on, and at how long it was not
 * let run itself. The one is what a program measures, the other how exact that can be on this machine at this time. */
#ifndef TORTURE_WATCH_H
#define TORTURE_WATCH_H

#include <polyshm.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

struct watch {
    _Atomic uint64_t version; /* the one that it waits for to end */
    _Atomic double moved;     /* when it saw that; 0 until then */
    _Atomic double longest;   /* that it was not let run, in seconds */
    pid_t process;
};

/* Starts it, for the list of this name. It ends with this process, or by watch_stop. */
struct watch *watch_start(const char *name);
void watch_stop(struct watch *watch);

/* Waits for the end of this version of the list from now on. */
void watch_aim(struct watch *watch, uint64_t version);

#endif
