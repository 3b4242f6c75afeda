/* Tests that leave something behind, and so must fail. test_guard.c runs them. */
#include <fcntl.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

TEST(leaky, nothing)
{
}

TEST(leaky, descriptor)
{
    cr_assert(open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0);
}

TEST(leaky, block)
{
    block_make(test_name(0), "left", 4);
}

static void wait_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        pause();
}

TEST(leaky, child)
{
    child_start(wait_for_ever, NULL);
}

TEST(leaky, check)
{
    CHECK(1 + 1 == 3);
}
