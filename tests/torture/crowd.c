/* Many processes on one list.
 *
 *     crowd [--processes N] [--seconds N]
 *
 * Three of four write, the others read, until time is up. None is killed, so the counters hold every add. */
#include <inttypes.h>
#include <polyshm.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "acts.h"
#include "checked.h"
#include "children.h"
#include "names.h"
#include "program.h"

enum { PROCESSES_MAX = 512 };

#define NAME test_name(0)

/* What all see. */
struct board {
    _Atomic bool ended;
    _Atomic uint64_t adds, writes, reads;
};

struct task {
    struct board *board;
    uint64_t number;
};

static void take_part(void *argument)
{
    const struct task *task = argument;
    bool reads = task->number % 4 == 3, peeks = task->number % 8 == 7;
    uint64_t dice = task->number, adds = 0, writes = 0;
    sight seen = {0};
    polyshm_list *list;
    CHECK(polyshm_list_attach(NAME, peeks ? POLYSHM_SEGMENT_READONLY : 0, 10, &list) == POLYSHM_OK);
    CHECK(polyshm_list_set_timeout(list, 60) == POLYSHM_OK);
    while (!atomic_load_explicit(&task->board->ended, memory_order_relaxed)) {
        if (reads)
            act_read(list, &seen);
        else
            adds += act_write(list, &dice, NULL);
        writes += !reads;
    }
    atomic_fetch_add(&task->board->adds, adds);
    atomic_fetch_add(&task->board->writes, writes);
    atomic_fetch_add(&task->board->reads, seen.reads);
    polyshm_list_unref(list);
}

int main(int count, char **arguments)
{
    uint64_t processes = program_option(count, arguments, "--processes", 64);
    double seconds = (double)program_option(count, arguments, "--seconds", 3);
    pid_t children[PROCESSES_MAX];
    CHECK(processes <= PROCESSES_MAX);
    struct board *board = shared_memory(sizeof *board);
    polyshm_list *list = checked_list(NAME);
    for (uint64_t i = 0; i < processes; i++)
        children[i] = child_start(take_part, &(struct task){board, i});
    program_sleep(seconds);
    atomic_store(&board->ended, true);
    for (uint64_t i = 0; i < processes; i++)
        CHECK(child_wait(children[i]) == 0);

    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("processes", "%" PRIu64, processes);
    program_figure("writes, readings of everything", "%" PRIu64 ", %" PRIu64, board->writes, board->reads);
    program_figure("adds that came back, found", "%" PRIu64 ", %" PRIu64, board->adds, sum);
    CHECK(sum == board->adds);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return 0;
}
