/* Programs that write to a checked list, or read it, until they are killed: agent.c, and agent.* in the other languages.
 *
 *     agent write NAME SEED   writes without end; says "COUNTER SUM" in a line for each add that came back
 *     agent read NAME SEED    looks at everything without end, and says a letter for each thing that it found
 *     agent peek NAME SEED    the same, attached read-only
 *     agent wait NAME SEED    wants the lock, in vain, and says "timed out" when that is what it was told
 *
 * What an agent says goes to a file in memory that it only appends to, and so outlives it. */
#ifndef TORTURE_AGENTS_H
#define TORTURE_AGENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a reader says. */
enum {
    AGENT_LOOKED = '.',
    AGENT_TORN = 'x',   /* a value that nobody wrote; it is described on stderr */
    AGENT_HALF = 'h',   /* another section that its writer did not end */
    AGENT_STARVED = 's' /* a snapshot that found no gap between writers */
};

struct agent {
    const char *command; /* a path, or a line for a shell */
    pid_t process;
    int output;
};

/* Starts the agent's command. It is killed when this process ends. */
void agent_start(struct agent *agent, const char *job, const char *list, uint32_t seed);

/* How many bytes it has said. */
uint64_t agent_said(const struct agent *agent);

/* Waits until it has said something: some languages take their time to start. */
void agent_await(const struct agent *agent);

/* Ends this program, as a failure, if the agent has ended. */
void agent_check(const struct agent *agent);

void agent_kill(const struct agent *agent);

/* How often this letter is in what it said. */
uint64_t agent_count(const struct agent *agent, char letter);

/* What it said, to be freed, with a NUL behind it. */
char *agent_text(const struct agent *agent);

/* Forgets what it said. */
void agent_close(struct agent *agent);

#endif
