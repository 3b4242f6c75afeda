/* Runs a call that can take long, as waiting.h says, with the parameters that it takes. */
#ifndef POLYSHM_RUBY_CALL_H
#define POLYSHM_RUBY_CALL_H

#include "ruby/waiting.h"

/* What a timeout is when its time is over, in seconds. */
#define WAITING_OVER 1e-9

/* A call, with all that any of them takes. function does the call, and gives its status. */
typedef struct waiting {
    int32_t (*function)(struct waiting *);
    int32_t (*step)(struct waiting *); /* what run_locked does */
    const char *name;
    const void *authkey;
    uint64_t size;
    uint32_t mode;
    uint32_t flags;
    double timeout;
    const polyshm_value *values;
    uint64_t count;
    const polyshm_value *desired;
    int64_t delta;
    int64_t *sum;
    polyshm_segment **segment;
    polyshm_list **list;
    polyshm_manager **manager;
    int32_t *flag;
    int64_t index;
    uint64_t seen;
    uint64_t *version;
    items *many;
    int32_t status;
} waiting;

int32_t waiting_call(waiting call);

#endif
