/* Every function at the edges of what it takes: each pointer NULL in turn, each handle closed, each number at its ends.
 *
 * The call that is spoilt is the first of the function in the script, in a process of its own that has taken the steps
 * before it. It must end as described: in time, not by a signal, with a status that is described for that, and with the
 * outputs as they were if it fails. */
#ifndef CONFORMANCE_EDGES_H
#define CONFORMANCE_EDGES_H

#include "script.h"

typedef struct {
    size_t calls;
    size_t failures;
} edges_result;

edges_result edges_run(const description *described, json_t *scenes);

#endif
