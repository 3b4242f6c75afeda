/* Starting the helper. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"
#include "leaks.h"
#include "platform.h"
#include "runtimes.h"
#include "system.h"

static void make_folder(void)
{
    char path[PSHMI_PATH_SIZE];
    runtime_make();
    EXPECT_OK(pshmi_folder_path(path));
}

TEST(spawn, a_program_that_is_missing_is_named)
{
    make_folder();
    setenv("POLYSHM_COMMAND", "/nowhere/polyshm", 1);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "POLYSHM_COMMAND", pshmi_helper_start(runtime_path("")));
    setenv("POLYSHM_COMMAND", "", 1); /* as if it were not set: beside this program there is none */
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "do without tracking", pshmi_helper_start(runtime_path("")));
}

TEST(spawn, a_folder_of_the_programs_name_is_none)
{
    char path[PSHMI_PATH_SIZE] = "";
    make_folder();
    setenv("POLYSHM_COMMAND", "", 1);
    cr_assert(readlink("/proc/self/exe", path, sizeof path - sizeof "polyshm") > 0);
    strcpy(strrchr(path, '/') + 1, "polyshm");
    cr_assert_eq(mkdir(path, 0700), 0);
    int32_t status = pshmi_helper_start(runtime_path(""));
    rmdir(path);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "beside the library", status);
}

TEST(spawn, a_program_that_does_not_work_is_an_error)
{
    make_folder();
    setenv("POLYSHM_COMMAND", "/bin/false", 1);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "/bin/false", pshmi_helper_start(runtime_path("")));
    SKIP_IF_EMULATED("the emulator does not tell posix_spawn of a program that cannot be started");
    setenv("POLYSHM_COMMAND", "/etc", 1);
    EXPECT_FAILURE(POLYSHM_EACCES, "/etc", pshmi_helper_start(runtime_path("")));
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "no child is left to wait for");
}

/* Writes a program that tells what it was given. */
static void make_program(const char *text)
{
    static char path[300];
    snprintf(path, sizeof path, "%s", runtime_path("program"));
    FILE *file = fopen(path, "we");
    cr_assert(file && fprintf(file, "#!/bin/sh\n%s\n", text) > 0);
    fclose(file);
    cr_assert_eq(chmod(path, 0700), 0);
    setenv("POLYSHM_COMMAND", path, 1);
}

static void read_answer(char *text, size_t size)
{
    FILE *file = fopen(runtime_path("answer"), "re");
    cr_assert(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void remove_program(void)
{
    unlink(runtime_path("program"));
    unlink(runtime_path("answer"));
}

TEST(spawn, the_program_is_told_the_folder_and_inherits_nothing)
{
    char answer[4096], expected[1400];
    make_folder();
    make_program(
        "cd \"$3\"; { echo \"$@\"; ls -l /proc/self/fd/0 /proc/self/fd/2; ps -o sid= -p $$; echo $$; } >answer");
    EXPECT_OK(pshmi_helper_start(runtime_path("")));
    read_answer(answer, sizeof answer);
    snprintf(expected, sizeof expected, "manager --detach %s\n", runtime_path(""));
    cr_assert_eq(strncmp(answer, expected, strlen(expected)), 0, "%s", answer);
    cr_assert(strstr(answer, "/proc/self/fd/0 -> /dev/null") && strstr(answer, "/proc/self/fd/2 -> /dev/null"));
    int session, process;
    cr_assert_eq(sscanf(strrchr(strstr(answer, "2 ->"), 'l') + 1, "%d %d", &session, &process), 2, "%s", answer);
    cr_assert_eq(session, process, "a session of its own");
    remove_program();
}

TEST(spawn, the_program_gets_no_signal_mask_and_no_ignored_signals)
{
    char answer[4096];
    unsigned long long ignored;
    sigset_t all, before;
    sigfillset(&all);
    make_folder();
    make_program("sed -n 's/^SigBlk:[[:space:]]*0*$/none blocked/p; s/^SigIgn://p' /proc/self/status >\"$3/answer\"");
    sigprocmask(SIG_SETMASK, &all, &before);
    signal(SIGTERM, SIG_IGN);
    EXPECT_OK(pshmi_helper_start(runtime_path("")));
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    read_answer(answer, sizeof answer);
    cr_assert_eq(sscanf(answer, "none blocked %llx", &ignored), 1, "%s", answer);
    cr_assert_eq(ignored & 0x7FFFFFFF, 0, "%llx", ignored); /* above are those of the C library */
    remove_program();
}

TEST(spawn, works_where_nobody_waits_for_children)
{
    make_folder();
    make_program("exit 0");
    signal(SIGCHLD, SIG_IGN);
    EXPECT_OK(pshmi_helper_start(runtime_path("")));
    signal(SIGCHLD, SIG_DFL);
    remove_program();
}

static int open_nothing(const char *path, int flags, mode_t mode)
{
    (void)path, (void)flags, (void)mode;
    errno = ENOENT;
    return -1;
}

static int open_too_much(const char *path, int flags, mode_t mode)
{
    (void)path, (void)flags, (void)mode;
    errno = EMFILE;
    return -1;
}

TEST(spawn, the_boot_has_an_id_that_stays)
{
    char one[37], other[37];
    EXPECT_OK(pshmi_boot_id(one));
    EXPECT_OK(pshmi_boot_id(other));
    cr_assert_eq(strlen(one), 36);
    cr_assert_str_eq(one, other);
    pshmi_system.open = open_nothing;
    EXPECT_OK(pshmi_boot_id(other));
    cr_assert_str_eq(other, "");
    pshmi_system.open = open_too_much;
    EXPECT_STATUS(POLYSHM_EMFILE, pshmi_boot_id(other));
}
