/* What the torture programs share: their options, their clock, the figures that they print, and how they end. */
#ifndef TORTURE_PROGRAM_H
#define TORTURE_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

/* An option that takes a number: --NAME N. */
typedef struct {
    const char *name, *help;
    uint64_t *number; /* holds its default until the option is given */
} program_number;

enum { PROGRAM_NUMBERS_MAX = 8 };

typedef struct {
    const char *about;
    const char *operands; /* what may stand behind the options, in words; NULL: nothing */
    program_number numbers[PROGRAM_NUMBERS_MAX];
} program_usage;

/* Reads the options, --help and --check among them, and gives the first argument that is none. From here on the blocks
 * that have this program's names (test_name) go with it, however it ends: a child waits for that. */
int program_begin(int count, char **arguments, const program_usage *usage);

/* The number behind this option ("--kills"), or otherwise: for programs that do without program_begin. */
uint64_t program_option(int count, char **arguments, const char *option, uint64_t otherwise);

/* Seconds of a clock that never goes back. */
double program_now(void);

void program_sleep(double seconds);

/* Prints a line of the table that run.sh makes: FIGURE what: text */
__attribute__((format(printf, 2, 3))) void program_figure(const char *what, const char *format, ...);

/* The same for a figure, and the most or the least of it that is wanted. What is not as wanted is an error only under
 * --check: how long something takes is also the machine's doing. */
void program_at_most(const char *what, double found, const char *unit, double wanted);
void program_at_least(const char *what, double found, const char *unit, double wanted);

/* The status to end with. */
int program_end(void);

/* Ends with the status of a skipped test, and prints why. */
_Noreturn void program_skip(const char *why);

#endif
