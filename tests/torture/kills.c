/* Writers that are killed at random instants, and what is left of their list.
 *
 *     kills [--kills N] [--writers N] [--seed N] [AGENT-COMMAND...]
 *
 * Writers (agent.c, or commands of other languages, in turn) write values that can be checked; readers check every value.
 * This program kills a writer that has begun to write, measures how long it takes until a survivor has the lock, and
 * starts the writer anew. At the end each add that was acknowledged is in the counters, and for each kill at most one that
 * was not.
 *
 * A writer's output is a file in memory that it only appends to: what it acknowledged outlives it. */
#include <fcntl.h>
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"

enum { WRITERS_MAX = 64, READERS = 2, STUCK = 10, START_SECONDS = 60, PAUSE_MAX_US = 4000 };

#define NAME test_name(0)

/* How long it waits for the lock until it looks whether somebody else has had it: twice what a waiter gives a holder
 * before it asks whether that is dead (runtime/sync/lock.c). */
static const double SLICE = 0.01;

typedef struct {
    pid_t process;
    int output; /* its bytes are the adds it acknowledged */
    const char *command;
} worker;

static worker writers[WRITERS_MAX], readers[READERS];
static uint64_t dice, acknowledged;

static void start(worker *agent, const char *job)
{
    char seed[24], line[1024];
    pid_t parent = getpid();
    agent->output = memfd_create("output", MFD_CLOEXEC);
    CHECK(agent->output >= 0 && fcntl(agent->output, F_SETFL, O_APPEND) == 0);
    snprintf(seed, sizeof seed, "%" PRIu32, (uint32_t)dice_throw(&dice));
    snprintf(line, sizeof line, "exec %s \"$@\"", agent->command);
    char *const direct[] = {(char *)(uintptr_t)agent->command, (char *)(uintptr_t)job, (char *)(uintptr_t)NAME, seed,
                            NULL};
    char *const shell[] = {"/bin/sh", "-c", line, "sh", direct[1], direct[2], direct[3], NULL};
    bool is_path = !strchr(agent->command, ' ');
    agent->process = fork();
    CHECK(agent->process >= 0);
    if (agent->process > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(agent->output, STDOUT_FILENO);
    if (getppid() == parent)
        execv(is_path ? direct[0] : shell[0], is_path ? direct : shell);
    _exit(127);
}

static uint64_t output_size(const worker *agent)
{
    struct stat status;
    CHECK(fstat(agent->output, &status) == 0);
    return (uint64_t)status.st_size;
}

static void check_alive(const worker *agent)
{
    int status;
    if (waitpid(agent->process, &status, WNOHANG) == 0)
        return;
    fprintf(stderr, "%s ended by itself: status 0x%x\n", agent->command, (unsigned)status);
    exit(EXIT_FAILURE);
}

/* A writer chosen at random, when it has written: some languages take their time to start. */
static worker *choose(uint64_t count)
{
    double end = program_now() + START_SECONDS;
    worker *chosen = &writers[dice_below(&dice, count)];
    while (output_size(chosen) == 0) {
        check_alive(chosen);
        CHECK(program_now() < end);
        program_sleep(0.0002);
    }
    check_alive(chosen);
    return chosen;
}

static void end_killed(worker *killed)
{
    int status;
    CHECK(waitpid(killed->process, &status, 0) == killed->process);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    acknowledged += output_size(killed);
    close(killed->output);
}

typedef struct {
    uint64_t kills, inside, late;
    double longest, longest_own;
} figures;

static uint64_t version_of(const polyshm_list *list)
{
    uint64_t version;
    CHECK(polyshm_list_version(list, &version) == POLYSHM_OK);
    return version;
}

/* Takes the lock and gives it back. A list is stuck until somebody has the lock again, be it another survivor: then its
 * version moves. The lock is fair to nobody, so this program's own wait may be longer. */
static void measure(polyshm_list *list, double begin, figures *found)
{
    uint64_t before = version_of(list);
    double stuck = 0;
    /* Every other time the writers have the first chance: this program would take the lock at once. */
    int32_t status = found->kills % 2 ? polyshm_list_lock(list, 0) : POLYSHM_ETIMEDOUT;
    for (; status == POLYSHM_ETIMEDOUT; status = polyshm_list_lock(list, SLICE)) {
        if (!stuck && version_of(list) != before)
            stuck = program_now() - begin;
        CHECK(program_now() - begin < STUCK);
    }
    CHECK(status == POLYSHM_OK || status == POLYSHM_OWNER_DIED);
    double own = program_now() - begin;
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    stuck = stuck ? stuck : own;
    found->inside += status == POLYSHM_OWNER_DIED;
    found->late += stuck > 0.1;
    found->longest = stuck > found->longest ? stuck : found->longest;
    found->longest_own = own > found->longest_own ? own : found->longest_own;
}

static void kill_one(polyshm_list *list, worker *victim, figures *found)
{
    double begin = program_now();
    kill(victim->process, SIGKILL);
    end_killed(victim);
    measure(list, begin, found);
    found->kills++;
}

static void end_reader(worker *reader, uint64_t *reads, uint64_t *starved)
{
    char text[64] = "";
    kill(reader->process, SIGTERM);
    int status = child_wait(reader->process);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(pread(reader->output, text, sizeof text - 1, 0) > 0);
    uint64_t more_reads, more_starved;
    CHECK(sscanf(text, "%" SCNu64 " %" SCNu64, &more_reads, &more_starved) == 2);
    *reads += more_reads;
    *starved += more_starved;
    close(reader->output);
}

static void torture(polyshm_list *list, uint64_t kills, uint64_t count, figures *found)
{
    for (uint64_t i = 0; i < count; i++)
        start(&writers[i], "write");
    for (int i = 0; i < READERS; i++) {
        readers[i].command = AGENT;
        start(&readers[i], i % 2 ? "read" : "peek");
    }
    while (found->kills < kills) {
        program_sleep((double)dice_below(&dice, PAUSE_MAX_US) / 1e6);
        worker *victim = choose(count);
        kill_one(list, victim, found);
        start(victim, "write");
        for (int i = 0; i < READERS; i++)
            check_alive(&readers[i]);
    }
    for (uint64_t i = 0; i < count; i++)
        kill_one(list, &writers[i], found);
}

int main(int count, char **arguments)
{
    uint64_t kills = program_option(count, arguments, "--kills", 200);
    uint64_t writing = program_option(count, arguments, "--writers", 4);
    dice = program_option(count, arguments, "--seed", (uint64_t)getpid());
    CHECK(writing <= WRITERS_MAX);
    int first = 1;
    while (first + 1 < count && strncmp(arguments[first], "--", 2) == 0)
        first += 2;
    for (uint64_t i = 0; i < writing; i++)
        writers[i].command = first < count ? arguments[first + (int)i % (count - first)] : AGENT;

    polyshm_list *list = checked_list(NAME);
    figures found = {0};
    uint64_t reads = 0, starved = 0;
    torture(list, kills, writing, &found);
    for (int i = 0; i < READERS; i++)
        end_reader(&readers[i], &reads, &starved);

    uint64_t sum = (uint64_t)act_sum(list);
    program_figure("kills", "%" PRIu64 ", of them %" PRIu64 " left their lock to this program", found.kills,
                   found.inside);
    program_figure("values read and checked, torn", "%" PRIu64 ", 0", reads * 3 * ITEMS);
    program_figure("snapshots without a gap between writers", "%" PRIu64 " of %" PRIu64, starved, reads);
    program_figure("longest until a survivor had the lock", "%.1f ms", found.longest * 1e3);
    program_figure("stuck longer than 100 ms", "%" PRIu64, found.late);
    program_figure("longest wait of one survivor among others", "%.1f ms", found.longest_own * 1e3);
    program_figure("adds acknowledged, found", "%" PRIu64 ", %" PRIu64, acknowledged, sum);
    CHECK(acknowledged <= sum && sum <= acknowledged + found.kills);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return 0;
}
