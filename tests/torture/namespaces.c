/* Participants in different pid namespaces: none sees another's process id, and each is number 1 in its own.
 *
 *     namespaces [--kills N]
 *
 * Each round a new namespace's process takes the lock, writes, and is killed in the middle; the next one, in a namespace of
 * its own, or the one outside takes over. */
#include <inttypes.h>
#include <polyshm.h>
#include <sched.h>
#include <signal.h>
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
#include "values.h"

#define NAME test_name(0)

struct task {
    int32_t expected; /* of lock */
    pid_t inside;     /* the holder, as it is called out here */
    int named, held;  /* gates: inside is known; it has the lock */
};

static bool new_namespace(void)
{
    return unshare(CLONE_NEWPID) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0;
}

/* Takes the lock, writes without end, and never gives it back. */
_Noreturn static void hold(const struct task *task)
{
    uint64_t dice = (uint64_t)task->held;
    const char *name = NAME;
    polyshm_list *list;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    CHECK(getpid() == 1);
    CHECK(polyshm_list_attach(name, 0, 10, &list) == POLYSHM_OK);
    CHECK(polyshm_list_lock(list, 10) == task->expected);
    gate_open(task->held);
    for (;;)
        act_write(list, &dice, NULL);
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

/* Kills a holder in the middle of a write. */
static void kill_inside(struct task *task, int32_t expected, uint64_t *dice)
{
    *task = (struct task){.expected = expected, .named = gate_make(), .held = gate_make()};
    pid_t keeper = child_start(keep_namespace, task);
    CHECK(gate_wait(task->named) && gate_wait(task->held) && task->inside > 0);
    program_sleep((double)dice_below(dice, 1000) / 1e6);
    kill(task->inside, SIGKILL);
    CHECK(child_wait(keeper) == 0);
    close(task->named);
    close(task->held);
}

int main(int count, char **arguments)
{
    uint64_t kills = program_option(count, arguments, "--kills", 100);
    uint64_t dice = (uint64_t)getpid(), insiders = 0;
    if (!child_runs(try_namespace, NULL))
        program_skip("this machine permits no new pid namespace");
    polyshm_list *list = checked_list(NAME);
    struct task *task = shared_memory(sizeof *task);
    int32_t expected = POLYSHM_OK;
    for (uint64_t i = 0; i < kills; i++) {
        kill_inside(task, expected, &dice);
        bool next = i + 1 < kills && dice_below(&dice, 2);
        insiders += next;
        expected = next ? POLYSHM_OWNER_DIED : POLYSHM_OK;
        if (next)
            continue; /* the next one takes over from inside */
        CHECK(polyshm_list_lock(list, 10) == POLYSHM_OWNER_DIED);
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    }
    act_sum(list);
    program_figure("holders killed in another pid namespace", "%" PRIu64, kills);
    program_figure("taken over from outside, from a third namespace", "%" PRIu64 ", %" PRIu64, kills - insiders,
                   insiders);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return 0;
}
