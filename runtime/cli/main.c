/* polyshm(1): the commands, and what they have in common. */
#include <polyshm.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static const pshmi_command commands[] = {
    {"manager", "[--detach] [FOLDER]", "clean up after tracked blocks and managers; started by the library",
     pshmi_command_manager},
};

enum { COUNT = sizeof commands / sizeof *commands };

int pshmi_command_fail(void)
{
    fprintf(stderr, "polyshm: %s\n", polyshm_error_message());
    return PSHMI_COMMAND_FAILED;
}

int pshmi_command_misuse(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    fputs("polyshm: ", stderr);
    vfprintf(stderr, format, words);
    fputs("; see polyshm --help\n", stderr);
    va_end(words);
    return PSHMI_COMMAND_MISUSED;
}

static int help(void)
{
    puts("usage: polyshm COMMAND [ARGUMENT...]\n\nShared memory by name: what is there, and whose.\n");
    for (int i = 0; i < COUNT; i++)
        printf("  %-8s %-24s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    return 0;
}

int main(int count, char **arguments)
{
    if (count < 2)
        return pshmi_command_misuse("a command is missing");
    if (strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0)
        return help();
    if (strcmp(arguments[1], "--version") == 0) {
        printf("polyshm %s\n", polyshm_version());
        return 0;
    }
    for (int i = 0; i < COUNT; i++)
        if (strcmp(arguments[1], commands[i].name) == 0)
            return commands[i].run(count - 1, arguments + 1);
    return pshmi_command_misuse("there is no command '%s'", arguments[1]);
}
