/* Child processes, and gates that order them. Every wait here ends after half a minute, as a failure. */
#ifndef TEST_CHILDREN_H
#define TEST_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Starts a child that runs the function and then ends with success. It is killed when this process ends. Criterion's
 * asserts are not for children; CHECK is. */
pid_t child_start(void (*run)(void *argument), void *argument);

/* Waits for the child's end, and gives its wait(2) status. A child that does not end is killed. */
int child_wait(pid_t child);

/* Kills the child, and waits for its end. */
void child_kill(pid_t child);

/* Whether the function, run in a child, came to its end. */
bool child_runs(void (*run)(void *argument), void *argument);

/* Makes this process, a child, one of a user who owns nothing. Only root can. */
void become_nobody(void);

/* Waits until the child sleeps in the kernel, in a call that waits for something. */
bool child_sleeps(pid_t child);

/* Ends this process as a failure, with the place and the last message, unless the condition holds. For what children
 * run; in the test itself it is a failure, too. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
_Noreturn void check_failed(const char *file, int line, const char *condition);

/* Sleeps for a moment; false when that has been going on for half a minute. patience is 0 at first. */
bool be_patient(long *patience);

/* A gate is closed until somebody opens it, for all who wait, now and later. It is a descriptor, to be closed. */
int gate_make(void);
void gate_open(int gate);
bool gate_wait(int gate);

/* Zeroed memory that children share with this process. It is there until the process ends. */
void *shared_memory(size_t size);

#endif
