/* A process that forks, again and again, while its threads write, open and close.
 *
 * Every child writes through the handle that it inherited; those that are not killed fork once more. A third of them ends
 * well, a third without closing anything, a third is killed. A child holds nothing that its parent does, also when the
 * parent forks in a section of its own; and can itself open what it likes. */
#include <inttypes.h>
#include <polyshm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "values.h"

enum { WRITERS = 2, OPENERS = 2, CHILDREN = 4, CHILD_WRITES = 20, TIMEOUT = 30 };

/* How a child ends. */
enum { WELL, AT_ONCE, KILLED, ENDINGS };

#define NAME test_name(0)

static uint64_t forks = 200;

/* What all see. */
struct board {
    _Atomic bool ended;
    _Atomic uint64_t adds, children, opened;
};

struct task {
    uint64_t dice;
    uint64_t ending;
    bool inside;      /* its parent has the lock */
    int looked, done; /* gates */
};

static struct board *all;
static polyshm_list *list;

static void write_some(polyshm_list *target, uint64_t *dice, uint64_t count)
{
    while (count--)
        if (act_write(target, dice, NULL))
            atomic_fetch_add(&all->adds, 1);
}

/* Opens the list once more, writes and closes it; and makes a list of its own, which goes with it. */
static void open_some(uint64_t *dice)
{
    char name[64];
    polyshm_list *again, *own;
    const polyshm_value value = v_int(1);
    snprintf(name, sizeof name, "%sown_%d", test_prefix(), (int)gettid());
    CHECK(polyshm_list_attach(NAME, 0, 10, &again) == POLYSHM_OK);
    CHECK(polyshm_list_set_timeout(again, TIMEOUT) == POLYSHM_OK);
    write_some(again, dice, 1);
    CHECK(polyshm_list_create(name, &value, 1, 0, 0, 0, &own) == POLYSHM_OK);
    CHECK(polyshm_list_unlink(own) == POLYSHM_OK);
    CHECK(polyshm_list_add(own, 0, 1, NULL) == POLYSHM_OK);
    polyshm_list_unref(own);
    polyshm_list_unref(again);
    atomic_fetch_add(&all->opened, 1);
}

static void be_grandchild(void *dice)
{
    atomic_fetch_add(&all->children, 1);
    write_some(list, dice, CHILD_WRITES);
    open_some(dice);
}

static void be_child(void *argument)
{
    struct task *task = argument;
    atomic_fetch_add(&all->children, 1);
    CHECK(polyshm_list_unlock(list) == POLYSHM_ENOTOWNER);
    if (task->inside)
        CHECK(polyshm_list_lock(list, 0) == POLYSHM_ETIMEDOUT);
    gate_open(task->looked);
    write_some(list, &task->dice, CHILD_WRITES);
    open_some(&task->dice);
    gate_open(task->done);
    while (task->ending == KILLED)
        write_some(list, &task->dice, 1);
    CHECK(child_runs(be_grandchild, &task->dice));
    if (task->ending == WELL)
        polyshm_list_unref(list);
}

static void *be_thread(void *argument)
{
    uint64_t number = (uintptr_t)argument, dice = number;
    while (!atomic_load(&all->ended))
        if (number < WRITERS)
            write_some(list, &dice, 1);
        else
            open_some(&dice);
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
        CHECK(polyshm_list_lock(list, TIMEOUT) >= 0); /* or POLYSHM_OWNER_DIED: after a child that was killed */
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
static uint64_t storm(void)
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
    const program_usage usage = {
        "Forks, while threads write to a list, and kills some of the children.", NULL, {{"forks", "how many", &forks}}};
    program_begin(count, arguments, &usage);
    pthread_t threads[WRITERS + OPENERS];
    all = shared_memory(sizeof *all);
    list = checked_list(NAME);
    CHECK(polyshm_list_set_timeout(list, TIMEOUT) == POLYSHM_OK);
    for (uintptr_t i = 0; i < WRITERS + OPENERS; i++)
        CHECK(pthread_create(&threads[i], NULL, be_thread, (void *)i) == 0);
    uint64_t killed = storm();
    atomic_store(&all->ended, true);
    for (int i = 0; i < WRITERS + OPENERS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);

    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("children, of them killed", "%" PRIu64 ", %" PRIu64, all->children, killed);
    program_figure("attached and closed meanwhile", "%" PRIu64, all->opened);
    program_figure("adds acknowledged, made", "%" PRIu64 ", %" PRIu64, all->adds, sum);
    CHECK(all->adds <= sum && sum <= all->adds + killed);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return program_end();
}
