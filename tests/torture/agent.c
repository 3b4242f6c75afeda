/* A writer or reader of a checked list, for whoever kills it.
 *
 *     agent write NAME SEED    writes without end; puts a '+' on its output for each add that came back
 *     agent read NAME SEED     reads until SIGTERM; shows then how much it read
 *     agent peek NAME SEED     the same, attached read-only
 *
 * The writers in Python, Ruby and Lua (agent.*) take the same words. */
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "children.h"

/* SIGTERM stays blocked, so that it interrupts no call. */
static void block_end(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool is_ended(void)
{
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, SIGTERM) == 1;
}

_Noreturn static void write_on(polyshm_list *list, uint64_t dice)
{
    for (;;)
        if (act_write(list, &dice))
            CHECK(write(STDOUT_FILENO, "+", 1) == 1);
}

static void read_on(const polyshm_list *list)
{
    sight seen = {0};
    uint64_t version = 0;
    block_end();
    while (!is_ended()) {
        act_read(list, &seen);
        int32_t status = polyshm_list_wait(list, version, 0.01, &version);
        CHECK(status == POLYSHM_OK || status == POLYSHM_ETIMEDOUT);
    }
    printf("%" PRIu64 " %" PRIu64 "\n", seen.reads, seen.starved);
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: agent write|read|peek NAME SEED\n");
        return 2;
    }
    bool peeks = strcmp(arguments[1], "peek") == 0;
    polyshm_list *list;
    CHECK(polyshm_list_attach(arguments[2], peeks ? POLYSHM_SEGMENT_READONLY : 0, 10, &list) == POLYSHM_OK);
    if (strcmp(arguments[1], "write") == 0)
        write_on(list, strtoull(arguments[3], NULL, 10));
    read_on(list);
    polyshm_list_unref(list);
    return 0;
}
