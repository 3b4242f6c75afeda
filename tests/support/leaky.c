/* Leaves behind what it is told to, so that the guard has something to find. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"
#include "names.h"

static void leave_process(void)
{
    if (fork() == 0)
        for (;;)
            pause();
}

static void leave_book(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s/book", getenv("XDG_RUNTIME_DIR"));
    FILE *file = fopen(path, "we");
    if (file)
        fclose(file);
}

int main(int count, char **arguments)
{
    const char *what = count == 2 ? arguments[1] : "";
    if (strcmp(what, "block") == 0)
        block_make(test_name(0), "left", 4);
    else if (strcmp(what, "killed") == 0)
        block_make(test_name(0), "left", 4), raise(SIGKILL);
    else if (strcmp(what, "process") == 0)
        leave_process();
    else if (strcmp(what, "book") == 0)
        leave_book();
    else if (strcmp(what, "report") == 0)
        memset(malloc(64), 1, 64);
    else if (strcmp(what, "late") == 0)
        pause();
    else if (strcmp(what, "failure") == 0)
        return 7;
    return EXIT_SUCCESS;
}
