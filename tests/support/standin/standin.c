/* Runs tests as Criterion does: each in a process of its own. `--filter SUITE/TEST` runs that one; other arguments are
 * Criterion's and mean nothing here. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"

static standin_test *first, **end = &first;
static bool failed;

void standin_add(standin_test *test)
{
    *end = test;
    end = &test->next;
}

void standin_fail(bool fatal, const char *file, int line, const char *condition, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: not so: %s;", file, line, condition);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    failed = true;
    if (fatal)
        _exit(EXIT_FAILURE);
}

_Noreturn void standin_skip(void)
{
    _exit(EXIT_SUCCESS);
}

static void *idle(void *argument)
{
    for (;;)
        pause();
    return argument;
}

/* Beside a second thread, as Criterion's tests are: a process that is alone unmaps at once. (qemu 7.2 fails in children
 * of a process with threads that start some themselves.) */
static void run(void *test)
{
    pthread_t other;
    if (!EMULATED && pthread_create(&other, NULL, idle, NULL) != 0)
        abort();
    ((standin_test *)test)->run();
    if (failed)
        _exit(EXIT_FAILURE);
}

/* A program that has a main of its own does without tests. */
__attribute__((weak)) int main(int count, char **arguments)
{
    const char *filter = count == 3 && strcmp(arguments[1], "--filter") == 0 ? arguments[2] : NULL;
    unsigned tested = 0, failing = 0, crashing = 0;
    for (standin_test *test = first; test; test = test->next) {
        if (filter && strcmp(filter, test->name) != 0)
            continue;
        int status = child_wait(child_start(run, test));
        tested++;
        failing += WIFEXITED(status) && WEXITSTATUS(status) != EXIT_SUCCESS;
        crashing += WIFSIGNALED(status) != 0;
        if (WIFSIGNALED(status))
            fprintf(stderr, "[CRASH] %s: %s\n", test->name, strsignal(WTERMSIG(status)));
        else if (status)
            fprintf(stderr, "[FAIL] %s\n", test->name);
    }
    fprintf(stderr, "[====] Synthesis: Tested: %u | Passing: %u | Failing: %u | Crashing: %u\n", tested,
            tested - failing - crashing, failing, crashing);
    return failing || crashing ? EXIT_FAILURE : EXIT_SUCCESS;
}
