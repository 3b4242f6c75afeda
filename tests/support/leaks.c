/* What a test leaves behind, seen from inside. A test that is killed never comes here: guard.c looks from outside. */
#include "leaks.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "names.h"

enum { DESCRIPTORS = 4096 };

static bool were_open[DESCRIPTORS];

/* Marks the descriptors that are open, but for the one that looks; gives how many. */
static int list_descriptors(bool open[DESCRIPTORS])
{
    int count = 0;
    memset(open, 0, DESCRIPTORS);
    DIR *folder = opendir("/proc/self/fd");
    cr_assert(folder, "no /proc/self/fd: %s", strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder));) {
        int descriptor = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || descriptor == dirfd(folder) || descriptor >= DESCRIPTORS)
            continue;
        open[descriptor] = true;
        count++;
    }
    closedir(folder);
    return count;
}

int descriptors_count(void)
{
    static bool open[DESCRIPTORS];
    return list_descriptors(open);
}

void leaks_watch(void)
{
    test_prefix(); /* children and threads shall have the names that are made here */
    list_descriptors(were_open);
}

static void check_descriptors(void)
{
    static bool open[DESCRIPTORS];
    list_descriptors(open);
    for (int i = 0; i < DESCRIPTORS; i++) {
        char link[64], target[256] = "";
        snprintf(link, sizeof link, "/proc/self/fd/%d", i);
        if (open[i] && !were_open[i] && readlink(link, target, sizeof target - 1) >= 0)
            cr_expect(0, "left behind: descriptor %d, %s", i, target);
    }
}

void leaks_check(void)
{
    check_descriptors();
    cr_expect(blocks_remove(test_prefix()) == 0);
    pid_t child = waitpid(-1, NULL, WNOHANG);
    cr_expect(child < 0 && errno == ECHILD, "left behind: a child process");
}
