/* Holders of the lock that are stopped: they are alive, and nobody takes the lock from them.
 *
 * First a holder is stopped that certainly has the lock, and others want it, in C and as agents in other languages (agents.h).
 * Then one of several writers is stopped, many times, at random instants. */
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "agents.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "values.h"

#define NAME test_name(0)

/* Seconds that a waiter waits for a stopped holder, in vain. */
static const double PATIENCE = 0.1;

enum { PAUSE_MAX_US = 3000, WRITERS = 3 };

static uint64_t stops = 200;

static polyshm_list *attach(uint32_t flags)
{
    polyshm_list *list;
    CHECK(polyshm_list_attach(NAME, flags, 10, &list) == POLYSHM_OK);
    return list;
}

static void stop(pid_t child)
{
    int status;
    kill(child, SIGSTOP);
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
}

/* Stops itself with the lock in its hand and an item written; gives the lock back when it goes on. */
static void hold(void *argument)
{
    (void)argument;
    const polyshm_value value = v_int(checked_int(NUMBERS, 7));
    polyshm_list *list = attach(0);
    CHECK(polyshm_list_lock(list, 10) == POLYSHM_OK);
    CHECK(polyshm_list_set(list, NUMBERS, &value) == POLYSHM_OK);
    raise(SIGSTOP);
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    polyshm_list_unref(list);
}

static void check_timed_out(int32_t status)
{
    CHECK(status == POLYSHM_ETIMEDOUT);
    CHECK(strstr(polyshm_error_message(), NAME) && strstr(polyshm_error_message(), "kept the lock"));
}

/* Others wait in vain, and are told; readers go on. */
static void check_kept(polyshm_list *list)
{
    const polyshm_value value = v_int(checked_int(NUMBERS, 8));
    polyshm_value found;
    int32_t exchanged;
    check_timed_out(polyshm_list_lock(list, 0));
    check_timed_out(polyshm_list_lock(list, PATIENCE));
    CHECK(polyshm_list_set_timeout(list, PATIENCE) == POLYSHM_OK);
    check_timed_out(polyshm_list_set(list, NUMBERS, &value));
    check_timed_out(polyshm_list_write(list, NUMBERS, &value, 1));
    check_timed_out(polyshm_list_add(list, COUNTERS, 1, NULL));
    check_timed_out(polyshm_list_compare_exchange(list, NUMBERS, &value, &value, &exchanged));
    CHECK(polyshm_list_set_timeout(list, 10) == POLYSHM_OK);
    CHECK(polyshm_list_get(list, NUMBERS, NULL, 0, &found) == POLYSHM_OK);
    CHECK(found.integer == checked_int(NUMBERS, 7));
}

static void check_agent(const char *command)
{
    struct agent agent = {.command = command};
    agent_start(&agent, "wait", NAME, 0);
    CHECK(child_wait(agent.process) == 0);
    char *said = agent_text(&agent);
    if (strcmp(said, "timed out") != 0)
        fprintf(stderr, "%s did not say that it timed out, but '%s'\n", command, said);
    CHECK(strcmp(said, "timed out") == 0);
    free(said);
    agent_close(&agent);
}

/* Stopped, and then let go on, or killed. */
static void stop_holder(polyshm_list *list, bool kills, char **agents)
{
    int status;
    pid_t child = child_start(hold, NULL);
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    check_kept(list);
    for (; *agents; agents++)
        check_agent(*agents);
    kill(child, kills ? SIGKILL : SIGCONT);
    status = child_wait(child);
    CHECK(kills ? WIFSIGNALED(status) : status == 0);
    CHECK(polyshm_list_lock(list, 10) == (kills ? POLYSHM_OWNER_DIED : POLYSHM_OK));
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

/* What the writers have done. */
struct board {
    _Atomic uint64_t started, adds;
};

static void write_on(void *argument)
{
    struct board *board = argument;
    uint64_t dice = atomic_fetch_add(&board->started, 1);
    polyshm_list *list = attach(0);
    CHECK(polyshm_list_set_timeout(list, 60) == POLYSHM_OK);
    for (;;)
        if (act_write(list, &dice, NULL))
            atomic_fetch_add(&board->adds, 1);
}

/* Each item can be read while its writer stands still, be it in the middle of it. */
static void check_items(const polyshm_list *list)
{
    polyshm_value values[ITEMS];
    char buffer[BUFFER_SIZE];
    CHECK(polyshm_list_read(list, 0, ITEMS, buffer, sizeof buffer, values) == POLYSHM_OK);
    for (uint64_t i = 0; i < ITEMS; i++)
        CHECK(checked_is(i, &values[i]));
}

typedef struct {
    uint64_t kept, taken; /* the lock could not be had, while one was stopped; or was taken from the living */
} figures;

static void stop_one(polyshm_list *list, const polyshm_list *peek, pid_t writer, figures *found)
{
    stop(writer);
    check_items(peek);
    int32_t status = polyshm_list_lock(list, 0.02);
    CHECK(status == POLYSHM_OK || status == POLYSHM_OWNER_DIED || status == POLYSHM_ETIMEDOUT);
    found->kept += status == POLYSHM_ETIMEDOUT;
    found->taken += status == POLYSHM_OWNER_DIED;
    if (status != POLYSHM_ETIMEDOUT)
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    kill(writer, SIGCONT);
    status = polyshm_list_lock(list, 10);
    CHECK(status == POLYSHM_OK || status == POLYSHM_OWNER_DIED);
    found->taken += status == POLYSHM_OWNER_DIED;
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

/* After the stops every writer goes on. */
static void check_going(struct board *board)
{
    uint64_t before = atomic_load(&board->adds);
    for (double end = program_now() + 10; atomic_load(&board->adds) < before + WRITERS; program_sleep(0.001))
        CHECK(program_now() < end);
}

static figures stop_writers(polyshm_list *list, struct board *board)
{
    uint64_t dice = (uint64_t)getpid();
    figures found = {0};
    polyshm_list *peek = attach(POLYSHM_SEGMENT_READONLY);
    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        writers[i] = child_start(write_on, board);
    for (uint64_t i = 0; i < stops; i++) {
        program_sleep((double)dice_below(&dice, PAUSE_MAX_US) / 1e6);
        stop_one(list, peek, writers[dice_below(&dice, WRITERS)], &found);
    }
    check_going(board);
    for (int i = 0; i < WRITERS; i++)
        child_kill(writers[i]);
    polyshm_list_unref(peek);
    return found;
}

int main(int count, char **arguments)
{
    const program_usage usage = {"Stops holders of a list's lock: nobody takes it from them.",
                                 "[AGENT-COMMAND...]",
                                 {{"stops", "how many", &stops}}};
    char **agents = arguments + program_begin(count, arguments, &usage);
    polyshm_list *list = checked_list(NAME);
    struct board *board = shared_memory(sizeof *board);
    stop_holder(list, false, agents);
    stop_holder(list, true, agents);
    figures found = stop_writers(list, board);
    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("stops, of them with the lock", "%" PRIu64 ", %" PRIu64, stops, found.kept);
    program_figure("locks taken from a stopped holder", "%" PRIu64, found.taken);
    program_figure("adds acknowledged, made", "%" PRIu64 ", %" PRIu64, board->adds, sum);
    CHECK(found.taken == 0);
    CHECK(board->adds <= sum && sum <= board->adds + WRITERS); /* which were killed in the end */
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return program_end();
}
