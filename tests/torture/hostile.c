/* A process that scribbles over a list while others use every function on it.
 *
 *     hostile [--seconds N] [--seed N] [COMMAND...]
 *
 * Errors and wrong values are what they may get. A crash, an access outside the block (guarded.c), a report of a
 * sanitizer (build with POLYSHM_SANITIZE), or a call that takes longer than its timeout is a failure.
 *
 * The others are processes of one thread or several, of which one may only read. Or these commands: each is run with
 * the list's name and the seconds, and has to end by itself, soon after they are over, with success. */
#include <getopt.h>
#include <inttypes.h>
#include <polyshm.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callers.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "scribbler.h"

enum { PROCESSES = 3, NOTES = 6, COMMANDS_MAX = 16, EXIT_USAGE = 2 };

/* Beyond its timeout a call may take so many seconds, and ten times what this program itself was late at the most: the
 * machine may be busy. A command may take some seconds to start and a reader's ten to end. */
static const double SLACK = 2, LATE_FACTOR = 10, LOOK = 0.01, COMMAND_SLACK = 30;

static double late;

#define NAME test_name(0)

/* Waits until it is time to look again. */
static void rest(void)
{
    double due = program_now() + LOOK;
    program_sleep(LOOK);
    double now = program_now();
    if (now - due > late)
        late = now - due;
}

static bool is_alive(pid_t child, const char *what)
{
    int status;
    if (waitpid(child, &status, WNOHANG) == 0)
        return true;
    fprintf(stderr, "%s ended with status 0x%x\n", what, (unsigned)status);
    return false;
}

/* Whether the call that the caller is in may still take its time. */
static bool is_in_time(const struct note *note)
{
    const char *call = note->call;
    double begun = note->begun, allowed = note->allowed, took = program_now() - begun;
    if (begun == 0 || begun != note->begun || took < allowed + SLACK + LATE_FACTOR * late)
        return true;
    fprintf(stderr, "not back after %.1f seconds, with %g allowed: %s\n", took, allowed, call);
    return false;
}

static void report(const struct note notes[NOTES])
{
    uint64_t calls = 0, lists = 0, failures = 0, statuses[STATUSES] = {0};
    double longest = 0, longest_read = 0;
    const char *call = "none";
    char text[1024] = "";
    for (int i = 0; i < NOTES; i++) {
        calls += notes[i].calls;
        lists += notes[i].lists;
        if (notes[i].longest > longest) {
            longest = notes[i].longest;
            call = notes[i].longest_call;
        }
        longest_read = notes[i].longest_read > longest_read ? notes[i].longest_read : longest_read;
        for (int k = 0; k < STATUSES; k++)
            statuses[k] += notes[i].statuses[k];
    }
    for (int k = 0; k < STATUSES; k++)
        if (statuses[k]) {
            failures += statuses[k];
            snprintf(text + strlen(text), sizeof text - strlen(text), " %s %" PRIu64,
                     polyshm_status_name(-k) + strlen("POLYSHM_"), statuses[k]);
        }
    program_figure("calls beside a scribbler, of them failed", "%" PRIu64 ", %" PRIu64, calls, failures);
    program_figure("attached to scribbled lists", "%" PRIu64, lists);
    program_figure("the errors", "%s", text);
    program_figure("longest beyond a timeout", "%.1f ms, %s", longest * 1e3, call);
    program_figure("longest read, of 10 s", "%.1f ms", longest_read * 1e3);
    program_figure("how late the machine was", "%.1f ms", late * 1e3);
}

static void scribble_on(void *argument)
{
    scribbler_run(argument, (uint64_t)getpid());
}

/* Starts all callers, then the scribbler: the lists that the callers keep are well at first. */
static bool watch_callers(struct scribbler *target, double seconds, uint64_t dice)
{
    static const unsigned threads[PROCESSES] = {3, 2, 1};
    pid_t processes[PROCESSES];
    struct note *notes = shared_memory(NOTES * sizeof *notes), *next = notes;
    bool well = true;
    for (int i = 0; i < PROCESSES; next += threads[i++]) {
        struct callers callers = {next, threads[i], i == 1, NAME, dice_throw(&dice), gate_make()};
        processes[i] = child_start(callers_run, &callers);
        CHECK(gate_wait(callers.begun));
        close(callers.begun);
    }
    pid_t scribbling = child_start(scribble_on, target);
    for (double over = program_now() + seconds; well && program_now() < over; rest()) {
        for (int i = 0; well && i < NOTES; i++)
            well = is_in_time(&notes[i]);
        for (int i = 0; well && i < PROCESSES; i++)
            well = is_alive(processes[i], "a process of callers");
    }
    child_kill(scribbling);
    for (int i = 0; i < PROCESSES; i++)
        child_kill(processes[i]);
    report(notes);
    return well;
}

static pid_t start_command(const char *command, const char *seconds)
{
    char line[1024];
    snprintf(line, sizeof line, "exec %s \"$@\"", command);
    pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        execl("/bin/sh", "/bin/sh", "-c", line, "sh", NAME, seconds, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    return process;
}

/* Waits for the end of a command. */
static bool ends_well(pid_t process, const char *command, double deadline)
{
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(process, &status, WNOHANG)) == 0 && program_now() < deadline)
        rest();
    if (ended == 0)
        fprintf(stderr, "%s has not ended\n", command);
    else if (status != 0)
        fprintf(stderr, "%s ended with status 0x%x\n", command, (unsigned)status);
    if (ended == 0)
        child_kill(process);
    return ended == process && status == 0;
}

static bool watch_commands(struct scribbler *target, double seconds, char **commands)
{
    pid_t processes[COMMANDS_MAX];
    char words[32];
    int count = 0;
    bool well = true;
    snprintf(words, sizeof words, "%g", seconds);
    for (; commands[count]; count++) {
        CHECK(count < COMMANDS_MAX);
        processes[count] = start_command(commands[count], words);
    }
    pid_t scribbling = child_start(scribble_on, target);
    double deadline = program_now() + seconds + COMMAND_SLACK;
    for (int i = 0; i < count; i++)
        well = ends_well(processes[i], commands[i], deadline) && well;
    child_kill(scribbling);
    program_figure("commands beside a scribbler", "%d", count);
    return well;
}

static void read_options(int count, char **arguments, double *seconds, uint64_t *seed)
{
    static const struct option options[] = {
        {"seconds", required_argument, NULL, 's'}, {"seed", required_argument, NULL, 'd'}, {0}};
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        char *end = optarg;
        if (option == 's')
            *seconds = strtod(optarg, &end);
        else if (option == 'd')
            *seed = strtoull(optarg, &end, 10);
        if (!end || end == optarg || *end) {
            fprintf(stderr, "usage: hostile [--seconds N] [--seed N] [COMMAND...]\n");
            exit(EXIT_USAGE);
        }
    }
}

int main(int count, char **arguments)
{
    double seconds = 10;
    uint64_t seed = (uint64_t)getpid();
    read_options(count, arguments, &seconds, &seed);
    polyshm_list *list = checked_list(NAME);
    struct scribbler target = scribbler_open(NAME);
    bool well = arguments[optind] ? watch_commands(&target, seconds, arguments + optind)
                                  : watch_callers(&target, seconds, seed);
    scribbler_close(&target);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
