/* Options, time and figures (program.h). */
#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_SKIPPED = 77 };

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

void program_skip(const char *why)
{
    printf("skipped: %s\n", why);
    exit(EXIT_SKIPPED);
}
