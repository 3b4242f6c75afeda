/* The agent in C (agents.h). */
#include <inttypes.h>
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "agents.h"
#include "children.h"

static void say(const char *text, size_t size)
{
    CHECK(write(STDOUT_FILENO, text, size) == (ssize_t)size);
}

_Noreturn static void write_on(polyshm_list *list, uint64_t dice)
{
    char line[64];
    for (added add;;)
        if (act_write(list, &dice, &add))
            say(line, (size_t)snprintf(line, sizeof line, "%d %" PRId64 "\n", add.counter, add.sum));
}

static void tell(char letter, uint64_t before, uint64_t now)
{
    for (; before < now; before++)
        say(&letter, 1);
}

_Noreturn static void read_on(const polyshm_list *list)
{
    sight seen = {0};
    for (uint64_t version = 0;;) {
        sight before = seen;
        act_read(list, &seen);
        tell(AGENT_TORN, before.torn, seen.torn);
        tell(AGENT_HALF, before.halves, seen.halves);
        tell(AGENT_STARVED, before.starved, seen.starved);
        tell(AGENT_LOOKED, before.reads, seen.reads);
        int32_t status = polyshm_list_wait(list, version, 0.01, &version);
        CHECK(status == POLYSHM_OK || status == POLYSHM_ETIMEDOUT);
    }
}

static void wait_in_vain(polyshm_list *list)
{
    CHECK(polyshm_list_lock(list, 0.1) == POLYSHM_ETIMEDOUT);
    CHECK(strstr(polyshm_error_message(), "kept the lock"));
    say("timed out", strlen("timed out"));
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: agent write|read|peek|wait NAME SEED\n");
        return 2;
    }
    const char *job = arguments[1];
    polyshm_list *list;
    uint32_t flags = strcmp(job, "peek") == 0 ? POLYSHM_SEGMENT_READONLY : 0;
    CHECK(polyshm_list_attach(arguments[2], flags, 10, &list) == POLYSHM_OK);
    if (strcmp(job, "write") == 0)
        write_on(list, strtoull(arguments[3], NULL, 10));
    if (strcmp(job, "wait") != 0)
        read_on(list);
    wait_in_vain(list);
    polyshm_list_unref(list);
    return 0;
}
