/* Names of blocks that no other test uses. The guard (guard.c) hands down how they begin, so that it knows which
 * blocks are its program's. */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *test_prefix(void)
{
    static char prefix[64];
    const char *given = getenv("POLYSHM_TEST_PREFIX");
    if (!prefix[0])
        snprintf(prefix, sizeof prefix, "%s%d_", given ? given : "t_", (int)getpid());
    return prefix;
}

const char *test_name(int number)
{
    static char names[TEST_NAMES][80];
    snprintf(names[number], sizeof names[number], "%s%d", test_prefix(), number);
    return names[number];
}
