/* The leak guards, from outside and from inside, find what programs leave behind. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "expect.h"
#include "leaks.h"

/* Runs a shell command; its status, and what it printed. */
static int run(const char *command, char *output, size_t capacity)
{
    FILE *pipe = popen(command, "re");
    cr_assert(pipe, "no pipe");
    size_t size = fread(output, 1, capacity - 1, pipe);
    output[size] = '\0';
    return WEXITSTATUS(pclose(pipe));
}

static void expect_guarded(const char *what, int expected, const char *words)
{
    char command[1024], output[8192];
    snprintf(command, sizeof command, "'%s' '%s' %s 2>&1", GUARD, LEAKY, what);
    int status = run(command, output, sizeof output);
    cr_expect(status == expected, "%s: status %d; output: %s", what, status, output);
    cr_expect(strstr(output, words), "%s: \"%s\" is not in the output: %s", what, words, output);
}

TEST(guard, a_clean_program_passes)
{
    expect_guarded("nothing", 0, "");
}

TEST(guard, a_failure_keeps_its_status)
{
    expect_guarded("failure", 7, "");
}

TEST(guard, a_block_fails_the_program)
{
    expect_guarded("block", 1, "left behind: block t_");
}

TEST(guard, a_killed_program_and_its_block_fail)
{
    expect_guarded("killed", 1, "left behind: block t_");
}

TEST(guard, a_process_fails_the_program)
{
    expect_guarded("process", 1, "left behind: process");
}

TEST(guard, a_book_fails_the_program)
{
    expect_guarded("book", 1, "left behind: book");
}

TEST(guard, a_program_that_does_not_end_is_killed)
{
    setenv("POLYSHM_GUARD_SECONDS", "1", 1);
    expect_guarded("late", 124, "did not end");
}

TEST(guard, a_leak_of_memory_fails_the_program)
{
#ifdef __SANITIZE_ADDRESS__
    expect_guarded("report", 1, "left behind: a sanitizer's report");
#else
    SKIP("without AddressSanitizer nobody reports leaks of memory");
#endif
}

static void expect_test(const char *test, int expected, const char *words)
{
    char command[1024], output[8192];
    /* BXFI_MAP tells a process that it is one of Criterion's workers; this one shall be a runner. */
    snprintf(command, sizeof command, "env -u BXFI_MAP '%s' --filter leaky/%s 2>&1", LEAKY_TESTS, test);
    int status = run(command, output, sizeof output);
    cr_expect(status == expected, "%s: status %d; output: %s", test, status, output);
    cr_expect(strstr(output, words), "%s: \"%s\" is not in the output: %s", test, words, output);
}

TEST(guard, a_clean_test_passes)
{
    expect_test("nothing", 0, "Passing: 1");
}

TEST(guard, a_descriptor_fails_its_test)
{
    expect_test("descriptor", 1, "left behind: descriptor");
}

TEST(guard, a_block_fails_its_test)
{
    expect_test("block", 1, "left behind: block");
}

TEST(guard, a_check_faileds_its_test)
{
    expect_test("child", 1, "left behind: a child process");
}

TEST(guard, a_check_that_does_not_hold_fails_its_test)
{
    expect_test("check", 1, "not so: 1 + 1 == 3");
}
