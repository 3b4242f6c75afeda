/* Starting actors, talking to them and ending them (actors.h). */
#include "actors.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"

enum { DEADLINE_MS = 60000 };

_Noreturn static void become(const char *command, int in, int out)
{
    char line[1024];
    snprintf(line, sizeof line, "exec %s", command);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", line, NULL);
    _exit(127);
}

void actor_start(struct actor *actor)
{
    int in[2], out[2];
    pid_t parent = getpid();
    CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    actor->process = fork();
    CHECK(actor->process >= 0);
    if (actor->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            become(actor->command, in[0], out[1]);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    actor->in = in[1];
    actor->out = out[0];
}

void actor_tell(const struct actor *actor, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[size++] = '\n';
    CHECK(write(actor->in, line, (size_t)size) == size);
}

const char *actor_hear(const struct actor *actor)
{
    static char line[256];
    struct pollfd wanted = {.fd = actor->out, .events = POLLIN};
    size_t size = 0;
    do {
        CHECK(poll(&wanted, 1, DEADLINE_MS) == 1);
        CHECK(read(actor->out, line + size, 1) == 1);
    } while (line[size] != '\n' && ++size < sizeof line - 1);
    line[size] = '\0';
    return line;
}

/* Ruby loses a SIGTERM that comes while it starts: so whoever gets one has answered before. */
static void ask_to_end(const struct actor *actor, int signal)
{
    if (signal == SIGTERM) {
        actor_tell(actor, "answer");
        actor_hear(actor);
    }
    if (signal)
        kill(actor->process, signal);
    else
        actor_tell(actor, "quit");
}

void actor_end(struct actor *actor, int signal)
{
    ask_to_end(actor, signal);
    int status = child_wait(actor->process);
    bool stuck = signal != SIGKILL && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (stuck)
        fprintf(stderr, "%s did not end when it was told to, by signal %d\n", actor->command, signal);
    CHECK(!stuck);
    close(actor->in);
    close(actor->out);
    actor->process = 0;
}
