/* Child processes, and gates that order them. */
#include "children.h"

#include <errno.h>
#include <poll.h>
#include <polyshm/base.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE_MS = 30000 };

_Noreturn void check_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: not so: %s; last failure: %s\n", file, line, condition, polyshm_error_message());
    _exit(EXIT_FAILURE);
}

pid_t child_start(void (*run)(void *argument), void *argument)
{
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        abort();
    if (child > 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    run(argument);
    _exit(EXIT_SUCCESS);
}

static bool is_readable(int descriptor)
{
    struct pollfd poller = {.fd = descriptor, .events = POLLIN};
    int ready;
    do
        ready = poll(&poller, 1, DEADLINE_MS);
    while (ready < 0 && errno == EINTR);
    return ready == 1;
}

int child_wait(pid_t child)
{
    int status = 0;
    int descriptor = (int)syscall(SYS_pidfd_open, child, 0);
    if (!is_readable(descriptor)) {
        fprintf(stderr, "child %d did not end in time\n", (int)child);
        kill(child, SIGKILL);
    }
    close(descriptor);
    waitpid(child, &status, 0);
    return status;
}

void child_kill(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

bool child_runs(void (*run)(void *argument), void *argument)
{
    int status = child_wait(child_start(run, argument));
    if (WIFSIGNALED(status))
        fprintf(stderr, "a child died: %s\n", strsignal(WTERMSIG(status)));
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* The letter in /proc/PID/stat; 0 if there is no such process. */
static char state_of(pid_t child)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (file)
        fclose(file);
    return state;
}

void become_nobody(void)
{
    const unsigned nobody = 65534;
    CHECK(setresgid(nobody, nobody, nobody) == 0 && setresuid(nobody, nobody, nobody) == 0);
}

bool child_sleeps(pid_t child)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += DEADLINE_MS / 1000;
    do {
        if (state_of(child) == 'S')
            return true;
        sched_yield();
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec);
    return false;
}

bool be_patient(long *patience)
{
    static const struct timespec moment = {.tv_nsec = 1000000};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long milliseconds = (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (*patience == 0)
        *patience = milliseconds;
    nanosleep(&moment, NULL);
    return milliseconds - *patience < DEADLINE_MS;
}

int gate_make(void)
{
    int gate = eventfd(0, EFD_CLOEXEC);
    if (gate < 0)
        abort();
    return gate;
}

void gate_open(int gate)
{
    eventfd_write(gate, 1);
}

bool gate_wait(int gate)
{
    return is_readable(gate);
}

void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    return memory;
}
