/* A runtime folder of one's own, looked at without polyshm (runtimes.h). */
#include "runtimes.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"

static char folder[256];

const char *runtime_make(void)
{
    const char *given = getenv("POLYSHM_TEST_RUNTIME");
    snprintf(folder, sizeof folder, "%s/XXXXXX", given ? given : "/tmp");
    if (!mkdtemp(folder) || setenv("XDG_RUNTIME_DIR", folder, 1) != 0)
        abort();
    return folder;
}

const char *runtime_path(const char *file)
{
    static _Thread_local char paths[2][1024];
    static _Thread_local unsigned calls;
    char *path = paths[calls++ % 2];
    snprintf(path, sizeof paths[0], "%s/polyshm%s%s", getenv("XDG_RUNTIME_DIR"), *file ? "/" : "", file);
    return path;
}

/* A process id may be another process's by now. */
static bool is_helper(int process)
{
    char path[64], name[32] = "", state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*d (%31[^)]) %c", name, &state) != 2)
        state = 'Z';
    if (file)
        fclose(file);
    return strcmp(name, "polyshm") == 0 && state != 'Z' && state != 'X';
}

pid_t runtime_helper(void)
{
    int process = 0;
    FILE *file = fopen(runtime_path("helper"), "re");
    if (file && fscanf(file, "%d", &process) != 1)
        process = 0;
    if (file)
        fclose(file);
    return process && is_helper(process) ? process : 0;
}

/* The last one's name goes to `last`, unless that is NULL. */
static size_t visit_books(char last[256])
{
    size_t count = 0;
    DIR *books = opendir(runtime_path(""));
    for (struct dirent *entry; books && (entry = readdir(books));) {
        if (entry->d_type != DT_REG || strcmp(entry->d_name, "helper") == 0)
            continue;
        if (last)
            snprintf(last, 256, "%s", entry->d_name);
        count++;
    }
    if (books)
        closedir(books);
    return count;
}

size_t runtime_books(void)
{
    return visit_books(NULL);
}

const char *runtime_book(void)
{
    static char name[256];
    name[0] = '\0';
    visit_books(name);
    return name;
}

void runtime_kill_helper(void)
{
    pid_t helper = runtime_helper();
    long patience = 0;
    if (helper)
        kill(helper, SIGKILL);
    while (helper && is_helper(helper) && be_patient(&patience))
        ;
}

bool runtime_is_quiet(void)
{
    return runtime_books() == 0 && runtime_helper() == 0;
}
