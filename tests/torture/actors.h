/* Programs that do with blocks and managers what they are told, and can be killed at any time: actor.c, and those of other
 * languages. They read commands from stdin, a line each, and answer each with "ok", "ok NUMBER" or "no WORDS".
 *
 *     create NAME | track NAME    makes a block of 8 bytes, and stays attached to it
 *     attach NAME | detach NAME   detach: what was attached to, not what was made
 *     start ADDRESS               starts a manager, which ends with the actor
 *     manage ADDRESS NAME         makes a block through the manager there, and stays attached to it
 *     fork                        leaves a child that does nothing; NUMBER is its process id
 *     quit                        ends, with everything open
 *
 * To a command that it does not know an actor answers "can't": it may be one that only attaches. What is no command at
 * all is answered, too, with whatever. */
#ifndef TORTURE_ACTORS_H
#define TORTURE_ACTORS_H

#include <stdbool.h>
#include <sys/types.h>

struct actor {
    const char *command; /* a path, or a line for a shell */
    pid_t process;       /* 0: it has ended */
    int in, out;
};

/* Starts the actor's command. It is killed when this process ends. */
void actor_start(struct actor *actor);

/* Sends a command. */
__attribute__((format(printf, 2, 3))) void actor_tell(const struct actor *actor, const char *format, ...);

/* Reads the answer, which has at most 255 bytes; ends this program, as a failure, if none comes. */
const char *actor_hear(const struct actor *actor);

/* Ends it by a signal (or, for 0, by "quit"), and waits for that; it is a failure of this program if it does not end. */
void actor_end(struct actor *actor, int signal);

#endif
