/* How much several writers write together, against one alone: each in a process of its own, on an item of its own.
 *
 * They take turns, and each side keeps its best round, so that what else the machine does falls on both alike. */
#include <polyshm.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "children.h"
#include "names.h"
#include "program.h"
#include "values.h"

enum { WRITERS = 4, BATCH = 64 };

#define NAME test_name(0)

struct board {
    _Atomic uint32_t ready;
    _Atomic bool begun, ended;
    _Atomic uint64_t writes;
};

struct task {
    struct board *board;
    int64_t item;
};

static void write_on(void *argument)
{
    const struct task *task = argument;
    struct board *board = task->board;
    uint64_t writes = 0;
    polyshm_list *list;
    CHECK(polyshm_list_attach(NAME, 0, 10, &list) == POLYSHM_OK);
    polyshm_value value = v_int(0);
    CHECK(polyshm_list_set(list, task->item, &value) == POLYSHM_OK);
    atomic_fetch_add(&board->ready, 1);
    while (!atomic_load(&board->begun))
        program_sleep(0.0001);
    for (; !atomic_load_explicit(&board->ended, memory_order_relaxed); writes += BATCH)
        for (int i = 0; i < BATCH; i++) {
            value.integer++;
            CHECK(polyshm_list_set(list, task->item, &value) == POLYSHM_OK);
        }
    atomic_fetch_add(&board->writes, writes);
    polyshm_list_unref(list);
}

/* Writes a second. */
static double measure(struct board *board, int writers, double seconds)
{
    pid_t children[WRITERS];
    atomic_store(&board->ready, 0);
    atomic_store(&board->begun, false);
    atomic_store(&board->ended, false);
    atomic_store(&board->writes, 0);
    for (int i = 0; i < writers; i++)
        children[i] = child_start(write_on, &(struct task){board, i});
    double deadline = program_now() + 30;
    while (atomic_load(&board->ready) < (uint32_t)writers) {
        CHECK(program_now() < deadline);
        program_sleep(0.0001);
    }
    double begin = program_now();
    atomic_store(&board->begun, true);
    program_sleep(seconds);
    atomic_store(&board->ended, true);
    double took = program_now() - begin;
    for (int i = 0; i < writers; i++)
        CHECK(child_wait(children[i]) == 0);
    return (double)board->writes / took;
}

int main(int count, char **arguments)
{
    uint64_t rounds = 5, milliseconds = 200;
    const program_usage usage = {"Compares what four writers write together with what one does.",
                                 NULL,
                                 {{"rounds", "how many", &rounds}, {"milliseconds", "of each side", &milliseconds}}};
    program_begin(count, arguments, &usage);
    double seconds = (double)milliseconds / 1e3;
    polyshm_value values[WRITERS] = {v_int(0), v_int(0), v_int(0), v_int(0)};
    polyshm_list *list;
    CHECK(polyshm_list_create(NAME, values, WRITERS, 0, 0, 0, &list) == POLYSHM_OK);
    struct board *board = shared_memory(sizeof *board);
    double alone = 0, together = 0;
    for (uint64_t i = 0; i < rounds; i++) {
        double one = measure(board, 1, seconds), all = measure(board, WRITERS, seconds);
        alone = one > alone ? one : alone;
        together = all > together ? all : together;
    }
    program_figure("writes a second, one writer", "%.1f million", alone / 1e6);
    program_figure("writes a second, four writers", "%.1f million", together / 1e6);
    program_at_least("four writers against one", together / alone, "", 0.5);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return program_end();
}
