/* A process that forks, again and again, while its threads write.
 *
 *     forks [--forks N]
 *
 * Every child writes through the handle that it inherited; those that are not killed fork once more. A third of them ends
 * well, a third without closing anything, a third is killed. A child holds nothing that its parent does, also when the
 * parent forks in a section of its own. */
#include <inttypes.h>
#include <polyshm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"

enum { THREADS = 2, CHILDREN = 4, CHILD_WRITES = 20 };

/* How a child ends. */
enum { WELL, AT_ONCE, KILLED, ENDINGS };

#define NAME test_name(0)

/* What all see. */
struct board {
    _Atomic bool ended;
    _Atomic uint64_t adds, children;
};

struct task {
    uint64_t dice;
    uint64_t ending;
    bool inside;      /* its parent has the lock */
    int looked, done; /* gates */
};

static struct board *all;
static polyshm_list *list;

static void write_some(uint64_t *dice, uint64_t count)
{
    while (count--)
        if (act_write(list, dice, NULL))
            atomic_fetch_add(&all->adds, 1);
}

static void be_grandchild(void *dice)
{
    atomic_fetch_add(&all->children, 1);
    write_some(dice, CHILD_WRITES);
}

static void be_child(void *argument)
{
    struct task *task = argument;
    atomic_fetch_add(&all->children, 1);
    CHECK(polyshm_list_unlock(list) == POLYSHM_ENOTOWNER);
    if (task->inside)
        CHECK(polyshm_list_lock(list, 0) == POLYSHM_ETIMEDOUT);
    gate_open(task->looked);
    write_some(&task->dice, CHILD_WRITES);
    gate_open(task->done);
    while (task->ending == KILLED)
        write_some(&task->dice, 1);
    CHECK(child_runs(be_grandchild, &task->dice));
    if (task->ending == WELL)
        polyshm_list_unref(list);
}

static void *be_thread(void *argument)
{
    uint64_t dice = (uintptr_t)argument;
    while (!atomic_load(&all->ended))
        write_some(&dice, 1);
    return NULL;
}

struct child {
    pid_t process;
    struct task task;
};

static void start(struct child *child, uint64_t *dice)
{
    child->task = (struct task){.dice = dice_throw(dice),
                                .ending = dice_below(dice, ENDINGS),
                                .inside = dice_below(dice, 2),
                                .looked = gate_make(),
                                .done = gate_make()};
    if (child->task.inside)
        CHECK(polyshm_list_lock(list, 10) == POLYSHM_OK);
    child->process = child_start(be_child, &child->task);
    if (child->task.inside) {
        CHECK(gate_wait(child->task.looked));
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    }
}

static void end(const struct child *child)
{
    CHECK(gate_wait(child->task.done));
    if (child->task.ending == KILLED)
        child_kill(child->process);
    else
        CHECK(child_wait(child->process) == 0);
    close(child->task.looked);
    close(child->task.done);
}

/* Starts and ends children, CHILDREN of them at a time; gives how many were killed. */
static uint64_t storm(uint64_t forks)
{
    struct child children[CHILDREN];
    uint64_t dice = (uint64_t)getpid(), killed = 0;
    for (uint64_t i = 0; i < forks + CHILDREN; i++) {
        struct child *child = &children[i % CHILDREN];
        if (i >= CHILDREN)
            end(child);
        if (i < forks)
            start(child, &dice);
        killed += i < forks && child->task.ending == KILLED;
    }
    return killed;
}

int main(int count, char **arguments)
{
    uint64_t forks = program_option(count, arguments, "--forks", 200);
    pthread_t threads[THREADS];
    all = shared_memory(sizeof *all);
    list = checked_list(NAME);
    CHECK(polyshm_list_set_timeout(list, 30) == POLYSHM_OK);
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, be_thread, (void *)(i + 1)) == 0);
    uint64_t killed = storm(forks);
    atomic_store(&all->ended, true);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);

    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("children, of them killed", "%" PRIu64 ", %" PRIu64, all->children, killed);
    program_figure("adds acknowledged, found", "%" PRIu64 ", %" PRIu64, all->adds, sum);
    CHECK(all->adds <= sum && sum <= all->adds + killed);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return 0;
}
