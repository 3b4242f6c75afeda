/* Names of blocks that no other test uses. The guard (guard.c) hands down how they begin, so that it knows which
 * blocks are its program's. All are made by the first call, before there are threads. */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char prefix[64];
static char names[TEST_NAMES][sizeof prefix + 12];

const char *test_prefix(void)
{
    const char *given = getenv("POLYSHM_TEST_PREFIX");
    if (prefix[0])
        return prefix;
    snprintf(prefix, sizeof prefix, "%s%d_", given ? given : "t_", (int)getpid());
    for (int i = 0; i < TEST_NAMES; i++)
        snprintf(names[i], sizeof names[i], "%s%d", prefix, i);
    return prefix;
}

const char *test_name(int number)
{
    test_prefix();
    return names[number];
}
