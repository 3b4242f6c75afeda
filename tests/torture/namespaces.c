/* Participants in different pid namespaces: none sees another's process id, and each is number 1 in its own.
 *
 * Each round a new namespace's process takes the lock, writes, and is killed in the middle; the next one, in a namespace of
 * its own, or the one outside takes over. Now and then it is stopped first: then nobody takes over. */
#include <inttypes.h>
#include <polyshm.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"

/* STOPS: every so many rounds. */
enum { PAUSE_MAX_US = 1000, STOPS = 5 };

#define NAME test_name(0)

/* Seconds that a waiter waits for a stopped holder, in vain: long enough to ask whether that is dead. */
static const double PATIENCE = 0.02;

static uint64_t kills = 100;

struct task {
    uint64_t seed;
    int32_t expected;      /* of lock */
    pid_t inside;          /* the holder, as it is called out here */
    int named, held;       /* gates: inside is known; it has the lock */
    _Atomic uint64_t adds; /* of all holders */
};

static bool new_namespace(void)
{
    return unshare(CLONE_NEWPID) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0;
}

/* Takes the lock, writes without end, and never gives it back. */
_Noreturn static void hold(struct task *task)
{
    const char *name = NAME;
    polyshm_list *list;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    CHECK(getpid() == 1);
    CHECK(polyshm_list_attach(name, 0, 10, &list) == POLYSHM_OK);
    CHECK(polyshm_list_lock(list, 10) == task->expected);
    gate_open(task->held);
    for (uint64_t dice = task->seed;;)
        if (act_write(list, &dice, NULL))
            atomic_fetch_add(&task->adds, 1);
}

/* Whose next child is the first process of a namespace. Waits for its end. */
static void keep_namespace(void *argument)
{
    struct task *task = argument;
    CHECK(new_namespace());
    pid_t inside = fork();
    CHECK(inside >= 0);
    if (inside == 0)
        hold(task);
    task->inside = inside;
    gate_open(task->named);
    waitpid(inside, NULL, 0);
}

static void try_namespace(void *argument)
{
    (void)argument;
    CHECK(new_namespace());
}

/* Whether a lock whose holder is stopped was taken over. */
static bool is_taken_over(polyshm_list *list)
{
    int32_t status = polyshm_list_lock(list, PATIENCE);
    if (status >= 0)
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    return status != POLYSHM_ETIMEDOUT;
}

/* Starts a holder, and kills it in the middle of a write; whether it was stopped before, and its lock taken over. */
static bool kill_inside(polyshm_list *list, struct task *task, int32_t expected, uint64_t *dice, bool stops)
{
    task->seed = dice_throw(dice);
    task->expected = expected;
    task->named = gate_make();
    task->held = gate_make();
    pid_t keeper = child_start(keep_namespace, task);
    CHECK(gate_wait(task->named) && gate_wait(task->held));
    program_sleep((double)dice_below(dice, PAUSE_MAX_US) / 1e6);
    if (stops)
        kill(task->inside, SIGSTOP);
    bool taken = stops && is_taken_over(list);
    kill(task->inside, SIGKILL);
    CHECK(child_wait(keeper) == 0);
    close(task->named);
    close(task->held);
    return taken;
}

int main(int count, char **arguments)
{
    const program_usage usage = {
        "Kills holders of a list's lock in pid namespaces of their own.", NULL, {{"kills", "how many", &kills}}};
    program_begin(count, arguments, &usage);
    if (!child_runs(try_namespace, NULL))
        program_skip("this machine permits no new pid namespace");
    uint64_t dice = (uint64_t)getpid(), insiders = 0, stopped = 0, taken = 0;
    polyshm_list *list = checked_list(NAME);
    struct task *task = shared_memory(sizeof *task);
    int32_t expected = POLYSHM_OK;
    sight seen = {0};
    for (uint64_t i = 0; i < kills; i++) {
        bool stops = i % STOPS == 0, next = i + 1 < kills && dice_below(&dice, 2);
        taken += kill_inside(list, task, expected, &dice, stops);
        stopped += stops;
        insiders += next;
        expected = next ? POLYSHM_OWNER_DIED : POLYSHM_OK;
        act_read(list, &seen);
        if (next || taken)
            continue; /* the next one takes over from inside */
        CHECK(polyshm_list_lock(list, 10) == POLYSHM_OWNER_DIED);
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    }
    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("holders killed in another pid namespace", "%" PRIu64, kills);
    program_figure("taken over from outside, from a third namespace", "%" PRIu64 ", %" PRIu64, kills - insiders,
                   insiders);
    program_figure("stopped in another pid namespace, taken over", "%" PRIu64 ", %" PRIu64, stopped, taken);
    program_figure("values torn", "%" PRIu64, seen.torn);
    program_figure("adds acknowledged, made", "%" PRIu64 ", %" PRIu64, task->adds, sum);
    CHECK(seen.torn == 0 && seen.starved == 0 && taken == 0);
    CHECK(task->adds <= sum && sum <= task->adds + kills);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return program_end();
}
