/* polyshm manager: the helper (lifetime/helper.h). With --detach it goes on in the background when it is at work, and the
 * process that was started ends: the library waits for that. */
#include <getopt.h>
#include <polyshm.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "reaper.h"

static const struct option options[] = {{"detach", no_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'}, {0}};

static int help(void)
{
    puts(
        "usage: polyshm manager [--detach] [FOLDER]\n\n"
        "Waits for processes to end that created tracked blocks or started managers, and unlinks what they leave. The\n"
        "library starts it when it is needed, and it ends when it is not: there is no need to call it by hand. FOLDER\n"
        "is $XDG_RUNTIME_DIR/polyshm, else /tmp/polyshm-UID.\n\n"
        "  --detach  go on in the background");
    return 0;
}

/* What the starter had open is not ours: a pipe that somebody reads would never end. */
static void let_go(void)
{
    if (chdir("/") != 0)
        return;
    closefrom(STDERR_FILENO + 1);
}

static int work(const char *folder, pshmi_helper *helper)
{
    signal(SIGINT, SIG_IGN); /* a Ctrl-C is for those whom it waits for */
    if (pshmi_helper_sign(helper) || pshmi_reaper_run(folder, helper))
        return pshmi_command_fail();
    return 0;
}

static int become(const char *folder, bool detach)
{
    pshmi_helper helper;
    bool taken;
    if (detach)
        let_go();
    if (pshmi_helper_become(folder, &helper, &taken))
        return pshmi_command_fail();
    if (!taken) /* there is one already */
        return 0;
    pid_t child = detach ? fork() : 0;
    if (child < 0) {
        perror("polyshm: fork");
        return PSHMI_COMMAND_FAILED;
    }
    return child > 0 ? 0 : work(folder, &helper);
}

int pshmi_command_manager(int count, char **arguments)
{
    char folder[PSHMI_PATH_SIZE];
    bool detach = false;
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;)
        if (option == 'd')
            detach = true;
        else
            return option == 'h' ? help() : PSHMI_COMMAND_MISUSED;
    if (optind < count - 1)
        return pshmi_command_misuse("'manager' takes one folder");
    if (optind == count - 1)
        return become(arguments[optind], detach);
    return pshmi_folder_path(folder) ? pshmi_command_fail() : become(folder, detach);
}
