/* The commands of polyshm(1). Each stands in a file of its own, with its words, and is a function of a call, which
 * main.c has parsed. It gives the exit status: 0, 1 when what was asked for failed (its words are on stderr), 2 for a
 * wrong call. */
#ifndef PSHMI_COMMAND_H
#define PSHMI_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum { PSHMI_COMMAND_DONE = 0, PSHMI_COMMAND_FAILED = 1, PSHMI_COMMAND_MISUSED = 2 };

/* The options that were given, and what stands behind them. */
typedef struct {
    const char *command;
    bool json, all, dry_run, detach;
    const char *type, *count, *timeout; /* NULL: not given */
    char **operands;
    int operand_count;
} pshmi_call;

typedef struct {
    const char *name;
    const char *arguments; /* behind the name, for the usage */
    const char *summary;
    const char *help;    /* sentences for its --help */
    const char *options; /* the letters of those that it takes (main.c); a "+" first: they stand before the operands */
    int least, most;     /* operands */
    int (*run)(const pshmi_call *call);
} pshmi_command;

extern const pshmi_command pshmi_ls_command, pshmi_stat_command, pshmi_show_command, pshmi_get_command,
    pshmi_set_command, pshmi_watch_command, pshmi_rm_command, pshmi_gc_command, pshmi_doctor_command,
    pshmi_manager_command;

/* Ends a command that failed, with the words of the library's last failure. */
int pshmi_command_fail(void);

/* Ends one that was called wrongly, with words of its own. */
int pshmi_command_misuse(const pshmi_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads an operand or an option's argument, or ends the command: false, and words. */
bool pshmi_command_index(const pshmi_call *call, const char *text, int64_t *index);
bool pshmi_command_seconds(const pshmi_call *call, double *seconds);
bool pshmi_command_count(const pshmi_call *call, uint64_t *count);

#endif
