/* What the torture programs share: their options, their clock, and the figures that they print. */
#ifndef TORTURE_PROGRAM_H
#define TORTURE_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

/* The number behind this option ("--kills"), or otherwise. A word that is no option of the program is for the caller to
 * find. */
uint64_t program_option(int count, char **arguments, const char *option, uint64_t otherwise);

/* Seconds of a clock that never goes back. */
double program_now(void);

void program_sleep(double seconds);

/* Prints a line of the table that run.sh makes: FIGURE what: text */
__attribute__((format(printf, 2, 3))) void program_figure(const char *what, const char *format, ...);

/* Ends with the status of a skipped test, and prints why. */
_Noreturn void program_skip(const char *why);

#endif
