/* polyshm manager: the helper (lifetime/helper.h). With --detach it goes on in the background when it is at work, and
 * the process that was started ends: the library waits for that. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "reaper.h"
#include "screen.h"

static void note_highest(void *highest, const char *descriptor)
{
    int number = atoi(descriptor);
    if (*(int *)highest < number)
        *(int *)highest = number;
}

/* What the starter had open is not ours: a pipe that somebody reads would never end. (musl has no closefrom.) */
static void let_go(void)
{
    int highest = STDERR_FILENO;
    if (chdir("/") != 0 || pshmi_folder_visit("/proc/self/fd", note_highest, &highest))
        return;
    while (highest > STDERR_FILENO)
        close(highest--);
}

static int work(const char *folder, pshmi_helper *helper)
{
    signal(SIGINT, SIG_IGN); /* a Ctrl-C is for those whom it waits for */
    if (pshmi_reaper_run(folder, helper))
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
        pshmi_screen_complain("fork: %s", strerror(errno));
        return PSHMI_COMMAND_FAILED;
    }
    if (child > 0) /* who started us may ask at once who the helper is */
        return pshmi_helper_sign(&helper, (uint32_t)child) ? pshmi_command_fail() : 0;
    if (!detach && pshmi_helper_sign(&helper, (uint32_t)getpid()))
        return pshmi_command_fail();
    return work(folder, &helper);
}

static int run(const pshmi_call *call)
{
    char folder[PSHMI_PATH_SIZE];
    if (call->operand_count == 1)
        return become(call->operands[0], call->detach);
    return pshmi_folder_path(folder) ? pshmi_command_fail() : become(folder, call->detach);
}

const pshmi_command pshmi_manager_command = {
    .name = "manager",
    .arguments = "[FOLDER]",
    .summary = "clean up when processes end; started by the library",
    .help =
        "Waits for processes to end that created tracked blocks or started managers, and removes what they leave. The\n"
        "library starts it when it is needed, and it ends when it is not: there is no need to call it by hand. FOLDER\n"
        "is $XDG_RUNTIME_DIR/polyshm, else /tmp/polyshm-UID.",
    .options = "d",
    .most = 1,
    .run = run,
};
