/* Options, time and figures (program.h). */
#include "program.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "blocks.h"
#include "children.h"
#include "names.h"

enum { EXIT_USAGE = 2, EXIT_SKIPPED = 77 };

static bool checks, missed;

static void show_usage(FILE *file, const char *program, const program_usage *usage)
{
    fprintf(file, "usage: %s [OPTION...]%s%s\n%s\n\n", program, usage->operands ? " " : "",
            usage->operands ? usage->operands : "", usage->about);
    for (const program_number *number = usage->numbers; number->name; number++)
        fprintf(file, "  --%-14s %s (%llu)\n", number->name, number->help, (unsigned long long)*number->number);
    fprintf(file, "  --%-14s %s\n", "check", "a figure that is not as wanted is an error");
    fprintf(file, "  --%-14s %s\n", "help", "this text");
}

_Noreturn static void refuse(const char *program)
{
    fprintf(stderr, "%s --help tells what is possible\n", program);
    exit(EXIT_USAGE);
}

static void read_number(const char *program, const program_number *number)
{
    char *end;
    errno = 0;
    *number->number = strtoull(optarg, &end, 10);
    if (errno == 0 && end != optarg && *end == '\0' && *optarg != '-')
        return;
    fprintf(stderr, "%s: --%s takes a whole number, not '%s'\n", program, number->name, optarg);
    refuse(program);
}

static void read_options(int count, char **arguments, const program_usage *usage)
{
    enum { CHECK_OPTION = PROGRAM_NUMBERS_MAX, HELP_OPTION };
    struct option options[PROGRAM_NUMBERS_MAX + 3] = {{"check", no_argument, NULL, CHECK_OPTION},
                                                      {"help", no_argument, NULL, HELP_OPTION}};
    for (int i = 0; usage->numbers[i].name; i++)
        options[2 + i] = (struct option){usage->numbers[i].name, required_argument, NULL, i};
    /* '+': an operand may be a command, whose options are not ours. */
    for (int option; (option = getopt_long(count, arguments, "+", options, NULL)) != -1;) {
        if (option == HELP_OPTION) {
            show_usage(stdout, arguments[0], usage);
            exit(EXIT_SUCCESS);
        }
        if (option == '?')
            refuse(arguments[0]);
        if (option == CHECK_OPTION)
            checks = true;
        else
            read_number(arguments[0], &usage->numbers[option]);
    }
    if (optind == count || usage->operands)
        return;
    fprintf(stderr, "%s: what is '%s' for?\n", arguments[0], arguments[optind]);
    refuse(arguments[0]);
}

/* Starts a child that no signal but the one of its parent's end wakes. A handler in the parent would not run when that
 * is killed. */
static void start_warden(void)
{
    sigset_t every, end;
    pid_t program = getpid(), warden;
    const char *prefix = test_prefix();
    sigfillset(&every);
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    warden = fork();
    CHECK(warden >= 0);
    if (warden > 0)
        return;
    sigprocmask(SIG_SETMASK, &every, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int signal; getppid() == program;)
        sigwait(&end, &signal);
    blocks_remove(prefix);
    _exit(EXIT_SUCCESS);
}

int program_begin(int count, char **arguments, const program_usage *usage)
{
    read_options(count, arguments, usage);
    start_warden();
    return optind;
}

uint64_t program_option(int count, char **arguments, const char *option, uint64_t otherwise)
{
    for (int i = 1; i + 1 < count; i++)
        if (strcmp(arguments[i], option) == 0)
            return strtoull(arguments[i + 1], NULL, 10);
    return otherwise;
}

double program_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void program_sleep(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

void program_figure(const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("FIGURE %s: ", what);
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    va_end(arguments);
}

static void compare(const char *what, double found, const char *unit, const char *relation, double wanted, bool well)
{
    program_figure(what, "%.4g%s, wanted %s %g%s", found, unit, relation, wanted, well ? "" : ": NOT SO");
    missed |= !well;
}

void program_at_most(const char *what, double found, const char *unit, double wanted)
{
    compare(what, found, unit, "<=", wanted, found <= wanted);
}

void program_at_least(const char *what, double found, const char *unit, double wanted)
{
    compare(what, found, unit, ">=", wanted, found >= wanted);
}

int program_end(void)
{
    return checks && missed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void program_skip(const char *why)
{
    printf("skipped: %s\n", why);
    exit(EXIT_SKIPPED);
}
