/* Many processes on one list, and then as many attachments as it takes, and one more.
 *
 * Three of four processes write, the others read, until time is up. None is killed, so the counters hold every add. */
#include <inttypes.h>
#include <polyshm.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "acts.h"
#include "checked.h"
#include "children.h"
#include "names.h"
#include "program.h"

/* PARTICIPANTS: the attachments that may write to a list (abi/LAYOUT.md). DESCRIPTORS: each has one. */
enum { PROCESSES_MAX = 512, PARTICIPANTS = 1024, DESCRIPTORS = PARTICIPANTS + 64 };

#define NAME test_name(0)

static uint64_t processes = 64, seconds = 3;

/* What all see. */
struct board {
    _Atomic bool ended;
    _Atomic uint64_t adds, writes, reads, torn;
};

struct task {
    struct board *board;
    uint64_t number;
};

static polyshm_list *attach(uint32_t flags)
{
    polyshm_list *list;
    CHECK(polyshm_list_attach(NAME, flags, 10, &list) == POLYSHM_OK);
    return list;
}

static void take_part(void *argument)
{
    const struct task *task = argument;
    bool reads = task->number % 4 == 3, peeks = task->number % 8 == 7;
    uint64_t dice = task->number, adds = 0, writes = 0;
    sight seen = {0};
    polyshm_list *list = attach(peeks ? POLYSHM_SEGMENT_READONLY : 0);
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
    atomic_fetch_add(&task->board->torn, seen.torn + seen.halves); /* nobody dies in a section */
    polyshm_list_unref(list);
}

static void crowd(struct board *board)
{
    pid_t children[PROCESSES_MAX];
    for (uint64_t i = 0; i < processes; i++)
        children[i] = child_start(take_part, &(struct task){board, i});
    program_sleep((double)seconds);
    atomic_store(&board->ended, true);
    for (uint64_t i = 0; i < processes; i++)
        CHECK(child_wait(children[i]) == 0);
}

static bool allow_descriptors(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= DESCRIPTORS)
        return true;
    limit.rlim_cur = DESCRIPTORS;
    return limit.rlim_max >= DESCRIPTORS && setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* As many attachments write as there may be. The next one is told so, may read, and writes when there is room. */
static void fill_up(void)
{
    static polyshm_list *lists[PARTICIPANTS];
    for (int i = 0; i < PARTICIPANTS; i++) {
        lists[i] = attach(0);
        CHECK(polyshm_list_add(lists[i], COUNTERS, 1, NULL) == POLYSHM_OK);
    }
    polyshm_list *next = attach(0);
    CHECK(polyshm_list_add(next, COUNTERS, 1, NULL) == POLYSHM_EMFILE);
    CHECK(strstr(polyshm_error_message(), NAME) && strstr(polyshm_error_message(), "1024 participants"));
    CHECK(polyshm_list_lock(next, 1) == POLYSHM_EMFILE);
    act_sum(next);
    polyshm_list_unref(lists[PARTICIPANTS / 2]);
    lists[PARTICIPANTS / 2] = next;
    CHECK(polyshm_list_add(next, COUNTERS, 1, NULL) == POLYSHM_OK);
    for (int i = 0; i < PARTICIPANTS; i++)
        polyshm_list_unref(lists[i]);
}

int main(int count, char **arguments)
{
    const program_usage usage = {"Many processes write and read one list.",
                                 NULL,
                                 {{"processes", "how many", &processes}, {"seconds", "how long", &seconds}}};
    program_begin(count, arguments, &usage);
    CHECK(processes <= PROCESSES_MAX);
    struct board *board = shared_memory(sizeof *board);
    polyshm_list *list = checked_list(NAME);
    crowd(board);
    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("processes", "%" PRIu64, processes);
    program_figure("writes, readings of everything", "%" PRIu64 ", %" PRIu64, board->writes, board->reads);
    program_figure("values torn", "%" PRIu64, board->torn);
    program_figure("adds that came back, lost", "%" PRIu64 ", %" PRId64, board->adds, (int64_t)(board->adds - sum));
    CHECK(sum == board->adds);
    CHECK(board->torn == 0);

    bool allowed = allow_descriptors();
    if (allowed)
        fill_up();
    program_figure("attachments that write, before one is refused",
                   allowed ? "%d" : "not tried: it takes %d descriptors", allowed ? PARTICIPANTS : DESCRIPTORS);
    CHECK(!allowed || act_sum(list) == (int64_t)sum + PARTICIPANTS + 1);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return program_end();
}
