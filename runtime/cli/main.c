/* polyshm(1): finds the command, parses the call, and shows help. */
#include <getopt.h>
#include <polyshm.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "screen.h"

static const pshmi_command *const commands[] = {
    &pshmi_ls_command,    &pshmi_stat_command, &pshmi_show_command, &pshmi_get_command,    &pshmi_set_command,
    &pshmi_watch_command, &pshmi_rm_command,   &pshmi_gc_command,   &pshmi_doctor_command, &pshmi_manager_command,
};

/* All options that any command takes. */
static const struct {
    char letter;
    const char *name, *argument, *summary;
} options[] = {
    {'j', "json", NULL, "print JSON"},
    {'a', "all", NULL, "leave nothing out"},
    {'n', "dry-run", NULL, "only say what would go"},
    {'t', "type", "TYPE", "none, bool, int, float, str or bytes; if not given, the type that the item has"},
    {'c', "count", "N", "end after N changes"},
    {'s', "timeout", "S", "end after S seconds"},
    {'d', "detach", NULL, "go on in the background"},
    {'h', "help", NULL, "show this"},
};

enum { COMMANDS = sizeof commands / sizeof *commands, OPTIONS = sizeof options / sizeof *options };

static bool takes(const pshmi_command *command, char letter)
{
    return letter == 'h' || strchr(command->options, letter);
}

static int help(void)
{
    puts("usage: polyshm COMMAND [OPTION...] [ARGUMENT...]\n\nShared memory by name: what is there, and whose.\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-8s %-22s %s\n", commands[i]->name, commands[i]->arguments, commands[i]->summary);
    puts("\n  --help     show this; polyshm COMMAND --help shows more\n"
         "  --version  show the version\n\n"
         "Exit status: 0; 1 if what was asked for failed; 2 if the call was wrong. See polyshm(1).");
    return PSHMI_COMMAND_DONE;
}

static int help_on(const pshmi_command *command)
{
    printf("usage: polyshm %s [OPTION...]%s%s\n\n%s\n\n", command->name, command->arguments[0] ? " " : "",
           command->arguments, command->help);
    for (int i = 0; i < OPTIONS; i++)
        if (takes(command, options[i].letter)) {
            char option[32];
            snprintf(option, sizeof option, "--%s %s", options[i].name, options[i].argument ? options[i].argument : "");
            printf("  %-12s  %s\n", option, options[i].summary);
        }
    return PSHMI_COMMAND_DONE;
}

/* Notes an option; false if it is none. */
static bool note(pshmi_call *call, int letter)
{
    switch (letter) {
    case 'j':
        return call->json = true;
    case 'a':
        return call->all = true;
    case 'n':
        return call->dry_run = true;
    case 'd':
        return call->detach = true;
    case 't':
        return (call->type = optarg);
    case 'c':
        return (call->count = optarg);
    case 's':
        return (call->timeout = optarg);
    default:
        return false;
    }
}

static int check_operands(const pshmi_command *command, const pshmi_call *call)
{
    if (call->operand_count >= command->least && call->operand_count <= command->most)
        return PSHMI_COMMAND_DONE;
    if (!command->arguments[0])
        return pshmi_command_misuse(call, "it takes no argument");
    return pshmi_command_misuse(call, "it takes %s", command->arguments);
}

/* In the middle of a word of several letters, optind is not past it yet: then the letter is all that is known. */
static int misuse_option(const pshmi_call *call, const char *word)
{
    if (optopt && !strchr(word, '='))
        return pshmi_command_misuse(call, "it has no option -%c", optopt);
    return pshmi_command_misuse(call, "it has no option %s", word);
}

static int run(const pshmi_command *command, int count, char **arguments)
{
    struct option known[OPTIONS + 1] = {{0}};
    pshmi_call call = {.command = command->name};
    for (int i = 0, at = 0; i < OPTIONS; i++)
        if (takes(command, options[i].letter))
            known[at++] = (struct option){options[i].name, options[i].argument != NULL, NULL, options[i].letter};
    opterr = 0;
    const char *order = command->options[0] == '+' ? "+:" : ":";
    for (int letter; (letter = getopt_long(count, arguments, order, known, NULL)) != -1;) {
        if (letter == 'h')
            return help_on(command);
        if (letter == ':')
            return pshmi_command_misuse(&call, "%s needs an argument", arguments[optind - 1]);
        if (!note(&call, letter))
            return misuse_option(&call, arguments[optind - 1]);
    }
    call.operands = arguments + optind;
    call.operand_count = count - optind;
    int wrong = check_operands(command, &call);
    return wrong ? wrong : command->run(&call);
}

static int run_named(int count, char **arguments)
{
    const pshmi_call none = {0};
    if (count < 2)
        return pshmi_command_misuse(&none, "a command is missing");
    if (strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0)
        return help();
    if (strcmp(arguments[1], "--version") == 0) {
        printf("polyshm %s\n", polyshm_version());
        return PSHMI_COMMAND_DONE;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(arguments[1], commands[i]->name) == 0)
            return run(commands[i], count - 1, arguments + 1);
    return pshmi_command_misuse(&none, "there is no command '%s'", arguments[1]);
}

int main(int count, char **arguments)
{
    int status = run_named(count, arguments);
    return pshmi_screen_end() ? status : PSHMI_COMMAND_FAILED;
}
