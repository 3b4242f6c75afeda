/* Starting agents, listening to them and killing them (agents.h). */
#include "agents.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "program.h"

enum { START_SECONDS = 60 };

_Noreturn static void become(const struct agent *agent, char *const words[3])
{
    char line[1024];
    snprintf(line, sizeof line, "exec %s \"$@\"", agent->command);
    dup2(agent->output, STDOUT_FILENO);
    execv("/bin/sh", (char *const[]){"sh", "-c", line, "sh", words[0], words[1], words[2], NULL});
    _exit(127);
}

void agent_start(struct agent *agent, const char *job, const char *list, uint32_t seed)
{
    char text[16];
    pid_t parent = getpid();
    snprintf(text, sizeof text, "%" PRIu32, seed);
    agent->output = memfd_create("output", MFD_CLOEXEC);
    CHECK(agent->output >= 0 && fcntl(agent->output, F_SETFL, O_APPEND) == 0);
    agent->process = fork();
    CHECK(agent->process >= 0);
    if (agent->process > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        become(agent, (char *const[]){(char *)(uintptr_t)job, (char *)(uintptr_t)list, text});
    _exit(127);
}

uint64_t agent_said(const struct agent *agent)
{
    struct stat status;
    CHECK(fstat(agent->output, &status) == 0);
    return (uint64_t)status.st_size;
}

void agent_check(const struct agent *agent)
{
    int status;
    if (waitpid(agent->process, &status, WNOHANG) == 0)
        return;
    fprintf(stderr, "%s ended by itself: status 0x%x\n", agent->command, (unsigned)status);
    _exit(EXIT_FAILURE);
}

void agent_await(const struct agent *agent)
{
    for (double end = program_now() + START_SECONDS; agent_said(agent) == 0; program_sleep(0.0002)) {
        agent_check(agent);
        CHECK(program_now() < end);
    }
    agent_check(agent);
}

void agent_kill(const struct agent *agent)
{
    int status;
    kill(agent->process, SIGKILL);
    CHECK(waitpid(agent->process, &status, 0) == agent->process);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

char *agent_text(const struct agent *agent)
{
    uint64_t size = agent_said(agent);
    char *text = malloc(size + 1);
    CHECK(text && pread(agent->output, text, size, 0) == (ssize_t)size);
    text[size] = '\0';
    return text;
}

uint64_t agent_count(const struct agent *agent, char letter)
{
    uint64_t count = 0;
    char *text = agent_text(agent);
    for (const char *next = text; *next; next++)
        count += *next == letter;
    free(text);
    return count;
}

void agent_close(struct agent *agent)
{
    close(agent->output);
    agent->output = -1;
}
