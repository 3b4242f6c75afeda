/* Writers that are killed at random instants, and what is left of their list.
 *
 * Writers (agent.c, or commands of other languages, in turn) write values that can be checked; readers check every value.
 * This program kills a writer that has begun to write, measures how long it takes until a survivor has the lock, and
 * starts the writer anew. It is itself one of the survivors. At the end each add that was acknowledged is in the counters,
 * and for each kill at most one that was not. */
#include <inttypes.h>
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "acts.h"
#include "agents.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "ledger.h"
#include "names.h"
#include "program.h"
#include "watch.h"

enum { WRITERS = 4, AGENTS_MAX = 64, READERS_MIN = 2, STUCK = 10, PAUSE_MAX_US = 4000 };

#define NAME test_name(0)

/* A survivor has the lock within so many seconds. */
static const double WANTED = 0.1;

/* How long the others have the first chance. */
static const double FIRST_CHANCE = 0.02;

static struct agent writers[AGENTS_MAX], readers[AGENTS_MAX];
static uint64_t kills = 200, writing, seed, dice;

typedef struct {
    polyshm_list *list;
    struct watch *watch;
    struct ledger ledger;
    uint64_t kills, inside, late;
    double longest, longest_own;                     /* until any survivor had the lock; until this one had */
    double longest_dying, longest_delay;             /* until a victim had ended; for longest: see kill_writer */
    uint64_t looks[UINT8_MAX + 1], halves, readings; /* what the readers said; the most halves that one of them did */
} figures;

static void start(struct agent *agent, const char *job)
{
    agent_start(agent, job, NAME, (uint32_t)dice_throw(&dice));
}

static void keep_longest(double *longest, double took)
{
    if (took > *longest)
        *longest = took;
}

/* How long a process was ready to run in all, and not let, in seconds. Of a thread: none of the survivors has several. */
static double delay_of(pid_t process)
{
    char path[64];
    unsigned long long nanoseconds = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)process);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*u %llu", &nanoseconds) != 1)
        nanoseconds = 0;
    if (file)
        fclose(file);
    return (double)nanoseconds / 1e9;
}

/* The longest that a survivor was not let run since the times in before; a survivor may hold the lock meanwhile. */
static double longest_delay(const struct agent *victim, const double before[])
{
    double longest = delay_of(getpid()) - before[writing];
    for (uint64_t i = 0; i < writing; i++)
        if (&writers[i] != victim && writers[i].output >= 0)
            keep_longest(&longest, delay_of(writers[i].process) - before[i]);
    return longest;
}

/* Whether another writer has begun, and was not killed. */
static bool has_rival(const struct agent *victim)
{
    for (uint64_t i = 0; i < writing; i++)
        if (&writers[i] != victim && writers[i].output >= 0 && agent_said(&writers[i]))
            return true;
    return false;
}

/* Gives how long it took from a writer's end until a survivor had the lock. A list is stuck until somebody has it again, be it another survivor:
 * then its version moves. The lock is fair to nobody, so this program's own wait may be longer. */
static double measure(figures *found, const struct agent *victim, double died)
{
    uint64_t version;
    CHECK(polyshm_list_version(found->list, &version) == POLYSHM_OK);
    watch_aim(found->watch, version);
    /* Every other time the others have the first chance: this program does not wait, and so takes from the dead at once. */
    bool waits = found->kills % 2 && has_rival(victim);
    int32_t status = waits ? POLYSHM_ETIMEDOUT : polyshm_list_lock(found->list, 0);
    while (waits && atomic_load(&found->watch->moved) == 0 && program_now() < died + FIRST_CHANCE)
        program_sleep(0.0001);
    double asked = waits ? program_now() : died;
    if (status == POLYSHM_ETIMEDOUT)
        status = polyshm_list_lock(found->list, STUCK);
    double had = program_now(), moved = atomic_load(&found->watch->moved);
    CHECK(status == POLYSHM_OK || status == POLYSHM_OWNER_DIED);
    CHECK(polyshm_list_unlock(found->list) == POLYSHM_OK);
    found->inside += status == POLYSHM_OWNER_DIED;
    keep_longest(&found->longest_own, had - asked);
    return (moved > 0 && moved < had ? moved : had) - died;
}

static void note_lines(struct ledger *ledger, struct agent *victim)
{
    char *lines = agent_text(victim);
    ledger_note(ledger, lines);
    free(lines);
    agent_close(victim);
}

/* Until the kernel has ended the victim, which on a busy machine waits for a processor to die on, that is alive and keeps
 * its lock: the survivors' time begins behind it. They may have to wait for a processor, too. */
static void kill_writer(figures *found, struct agent *victim)
{
    double delays[AGENTS_MAX + 1];
    agent_await(victim);
    program_sleep((double)dice_below(&dice, PAUSE_MAX_US) / 1e6);
    for (uint64_t i = 0; i < writing; i++)
        delays[i] = delay_of(writers[i].process);
    delays[writing] = delay_of(getpid());
    double begin = program_now();
    agent_kill(victim);
    double died = program_now(), stuck = measure(found, victim, died);
    found->kills++;
    found->late += stuck > WANTED;
    keep_longest(&found->longest_dying, died - begin);
    if (stuck > found->longest) {
        found->longest = stuck;
        found->longest_delay = longest_delay(victim, delays);
    }
    note_lines(&found->ledger, victim);
}

/* Each language has a reader besides the two in C. */
static uint64_t start_readers(char **commands, uint64_t count)
{
    uint64_t reading = READERS_MIN + count;
    for (uint64_t i = 0; i < reading; i++) {
        readers[i].command = i < READERS_MIN ? AGENT : commands[i - READERS_MIN];
        start(&readers[i], i == 0 ? "peek" : "read");
    }
    for (uint64_t i = 0; i < reading; i++)
        agent_await(&readers[i]);
    return reading;
}

static void end_reader(figures *found, struct agent *reader)
{
    static const char letters[] = {AGENT_LOOKED, AGENT_TORN, AGENT_HALF, AGENT_STARVED};
    agent_check(reader);
    agent_kill(reader);
    for (size_t i = 0; i < sizeof letters; i++)
        found->looks[(uint8_t)letters[i]] += agent_count(reader, letters[i]);
    uint64_t halves = agent_count(reader, AGENT_HALF);
    found->halves = halves > found->halves ? halves : found->halves;
    agent_close(reader);
}

static void torture(figures *found, char **commands, uint64_t count)
{
    for (uint64_t i = 0; i < writing; i++) {
        writers[i].command = count ? commands[i % count] : AGENT;
        start(&writers[i], "write");
    }
    uint64_t reading = start_readers(commands, count);
    while (found->kills + writing < kills) {
        struct agent *victim = &writers[dice_below(&dice, writing)];
        kill_writer(found, victim);
        start(victim, "write");
        for (uint64_t i = 0; i < reading; i++)
            agent_check(&readers[i]);
    }
    for (uint64_t i = 0; i < writing; i++)
        kill_writer(found, &writers[i]);
    for (uint64_t i = 0; i < reading; i++)
        end_reader(found, &readers[i]);
}

static void report(const figures *found)
{
    uint64_t torn = found->looks[AGENT_TORN];
    program_figure("kills", "%" PRIu64 ", of them %" PRIu64 " left their lock to this program", found->kills,
                   found->inside);
    program_figure("values read and checked, torn", "%" PRIu64 ", %" PRIu64, found->looks[AGENT_LOOKED] * 3 * ITEMS,
                   torn);
    program_figure("sections that a kill cut in two, in a reader's sight", "%" PRIu64, found->halves);
    program_figure("snapshots without a gap between writers", "%" PRIu64, found->looks[AGENT_STARVED]);
    program_at_most("longest until a survivor had the lock", found->longest * 1e3, " ms", WANTED * 1e3);
    program_figure("  a survivor was ready, but not let run, meanwhile", "%.1f ms", found->longest_delay * 1e3);
    program_at_most("stuck longer than that", (double)found->late, "", 0);
    program_figure("longest until the kernel had ended a killed one", "%.1f ms", found->longest_dying * 1e3);
    program_figure("longest wait of one survivor among the others", "%.1f ms", found->longest_own * 1e3);
    program_figure("longest that a bystander was not let run", "%.1f ms", found->watch->longest * 1e3);
    program_figure("adds acknowledged, lost", "%" PRIu64 ", %" PRIu64, found->ledger.acknowledged, found->ledger.lost);
    program_figure("adds made, but not acknowledged before a kill", "%" PRIu64, found->ledger.silent);
    CHECK(torn == 0);
    CHECK(found->halves <= found->kills);
    CHECK(found->ledger.lost == 0);
    CHECK(found->ledger.silent <= found->kills);
}

int main(int count, char **arguments)
{
    const program_usage usage = {"Kills writers of a list at random instants, and checks what is left of it.",
                                 "[AGENT-COMMAND...]",
                                 {{"kills", "how many", &kills},
                                  {"writers", "how many at a time; 0: one of each command, or 4", &writing},
                                  {"seed", "of the dice", &seed}}};
    seed = (uint64_t)getpid();
    int first = program_begin(count, arguments, &usage);
    dice = seed;
    uint64_t commands = (uint64_t)(count - first);
    if (!writing)
        writing = commands ? commands : WRITERS;
    CHECK(writing <= AGENTS_MAX && kills >= writing && commands <= AGENTS_MAX - READERS_MIN);

    figures found = {.list = checked_list(NAME), .watch = watch_start(NAME)};
    torture(&found, arguments + first, commands);
    watch_stop(found.watch);
    act_sum(found.list);
    ledger_close(&found.ledger, found.list);
    report(&found);
    CHECK(polyshm_list_unlink(found.list) == POLYSHM_OK);
    polyshm_list_unref(found.list);
    return program_end();
}
