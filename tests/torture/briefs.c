/* Processes that live for a millisecond or two, each with a tracked block or a manager's, so that a helper meets books at
 * every stage of their making, and is about to end as the next one comes. Some unlink their block, some close it, some are
 * killed; in every other round somebody calls polyshm_reap all the time. At the end of a round no helper, no book and no
 * block may be there. */
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "runtimes.h"

enum { LINES = 3, LIVES_MAX = 300, NAMES_MAX = 1 << 16 };

/* How a process ends. */
enum { UNLINKING, CLOSING, AT_ONCE, KILLED, ENDINGS };

/* Processes, one after the other. */
struct line {
    uint64_t dice;
    uint64_t lives;
    uint64_t number;
};

static uint64_t rounds = 8, seed = 1;

static void live(const struct line *self, uint64_t number, bool manages, uint64_t ending)
{
    char name[128];
    polyshm_segment *segment;
    polyshm_manager *manager = NULL;
    snprintf(name, sizeof name, "%s%" PRIu64 "_%" PRIu64, test_prefix(), self->number, number);
    if (manages)
        CHECK(polyshm_manager_start(NULL, NULL, 0, &manager) == POLYSHM_OK &&
              polyshm_manager_create_segment(manager, name, 1, 0, 0, &segment) == POLYSHM_OK);
    else
        CHECK(polyshm_segment_create(name, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_OK);
    if (ending == UNLINKING)
        CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
    if (ending == CLOSING)
        polyshm_segment_unref(segment);
    if (ending == CLOSING && manager)
        CHECK(polyshm_manager_shutdown(manager) == POLYSHM_OK);
    if (ending == KILLED)
        raise(SIGKILL);
    _exit(EXIT_SUCCESS);
}

static void run_line(void *argument)
{
    struct line *self = argument;
    for (uint64_t number = 0; number < self->lives; number++) {
        int status = -1;
        uint64_t ending = dice_below(&self->dice, ENDINGS);
        bool manages = dice_below(&self->dice, 3) == 0;
        pid_t process = fork();
        if (process == 0)
            live(self, number, manages, ending);
        CHECK(waitpid(process, &status, 0) == process && status == (ending == KILLED ? SIGKILL : 0));
        if (dice_below(&self->dice, 8) == 0) /* long enough for the helper to go */
            usleep((useconds_t)dice_below(&self->dice, 30000));
    }
}

/* Is not killed: nobody comes for those who relied on it then, until the next one creates something. While blocks keep
 * coming a helper at work may never seem to be done. */
static void reap(void *argument)
{
    const _Atomic bool *over = argument;
    static char names[NAMES_MAX];
    uint64_t size;
    for (; !atomic_load(over); usleep(3000)) {
        int32_t status = polyshm_reap(0, names, sizeof names, &size);
        CHECK(status == POLYSHM_OK || status == POLYSHM_ETIMEDOUT);
    }
}

static uint64_t run_round(uint64_t *dice, bool reaps, _Atomic bool *over)
{
    struct line lines[LINES];
    pid_t processes[LINES], reaper = 0;
    uint64_t lives = 0;
    long patience = 0;
    atomic_store(over, false);
    if (reaps)
        reaper = child_start(reap, over);
    for (uint64_t i = 0; i < LINES; i++) {
        lines[i] = (struct line){dice_throw(dice), 1 + dice_below(dice, LIVES_MAX), i};
        processes[i] = child_start(run_line, &lines[i]);
        lives += lines[i].lives;
    }
    for (int i = 0; i < LINES; i++)
        CHECK(child_wait(processes[i]) == 0);
    atomic_store(over, true);
    if (reaps)
        CHECK(child_wait(reaper) == 0);
    while (!runtime_is_quiet()) /* a helper gives its lease back before it looks for the last time */
        CHECK(be_patient(&patience));
    CHECK(blocks_count(test_prefix()) == 0);
    return lives;
}

int main(int count, char **arguments)
{
    const program_usage usage = {"Has processes that live for a moment create a tracked block, or a manager's, each.",
                                 NULL,
                                 {{"rounds", "how many", &rounds}, {"seed", "of the random numbers", &seed}}};
    uint64_t lives = 0, dice;
    program_begin(count, arguments, &usage);
    dice = seed;
    runtime_make();
    _Atomic bool *over = shared_memory(sizeof *over);
    for (uint64_t i = 0; i < rounds; i++)
        lives += run_round(&dice, i % 2, over);
    program_figure("processes, each with a block", "%" PRIu64, lives);
    program_figure("blocks, books and helpers left", "0");
    return program_end();
}
