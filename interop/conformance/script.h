/* Calls one after another, as JSON has them (work.json): an array of scenes, each with "about" and "steps". A
 * step is
 *
 *   {"call": FUNCTION, "with": {PARAMETER: value}, "status": NAME, "returns": value,
 *    "expect": {OUTPUT: value}, "save": {OUTPUT: "$name"}}
 *
 * in which all but "call" may be missing (0 and POLYSHM_OK stand for what is), or one of {"child": [steps]}, which
 * another process takes and ends, and {"meanwhile": [steps]}, which another process takes at the same time. */
#ifndef CONFORMANCE_SCRIPT_H
#define CONFORMANCE_SCRIPT_H

#include <sys/types.h>

#include "call.h"

/* A scene as it goes. */
typedef struct {
    const description *described;
    json_t *variables;
    size_t children;
} scene;

scene scene_begin(const description *described);

/* Takes these steps, up to the first that fails. */
bool scene_run(scene *played, json_t *steps, size_t count);

/* Waits for the other processes. False if one failed. */
bool scene_end(scene *played);

/* Removes the blocks that a scene of this process left, because it was cut off. */
void scene_remove_blocks(pid_t process);

#endif
