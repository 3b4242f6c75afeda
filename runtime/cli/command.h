/* The commands of polyshm(1). Each is a function of its own arguments, the first of which is its name, and gives the exit
 * status: 0, 1 when what was asked for failed (its words are on stderr), 2 for a wrong call. */
#ifndef PSHMI_COMMAND_H
#define PSHMI_COMMAND_H

enum { PSHMI_COMMAND_FAILED = 1, PSHMI_COMMAND_MISUSED = 2 };

typedef struct {
    const char *name;
    const char *arguments; /* behind the name, for the usage */
    const char *summary;
    int (*run)(int count, char **arguments);
} pshmi_command;

/* Ends a command that failed, with the words of the last failure. */
int pshmi_command_fail(void);

/* Ends one that was called wrongly, with words of its own. */
int pshmi_command_misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

int pshmi_command_manager(int count, char **arguments);

#endif
