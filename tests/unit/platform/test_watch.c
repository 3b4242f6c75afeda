/* Waiting until somebody closes a file. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "names.h"
#include "platform.h"
#include "runtimes.h"

#define NAME test_name(0)

static const double LONG = 30; /* for what is to come at once */

static pshmi_watch watch_folder(void)
{
    pshmi_watch watch;
    char path[PSHMI_PATH_SIZE];
    runtime_make();
    EXPECT_OK(pshmi_folder_path(path));
    fclose(fopen(runtime_path("kept"), "we"));
    pshmi_watch_open(&watch, path, runtime_path("kept"));
    pshmi_watch_reset(&watch);
    cr_assert_not(watch.blind);
    return watch;
}

/* Opens the file; whatever is there. */
static int open_file(int flags)
{
    int file = open(runtime_path("file"), flags | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(file >= 0);
    return file;
}

static void end_watch(pshmi_watch *watch)
{
    pshmi_watch_close(watch);
    unlink(runtime_path("file"));
    unlink(runtime_path("kept"));
}

static void be_killed(void *gate)
{
    open_file(O_RDWR);
    gate_open(*(int *)gate);
    for (;;)
        pause();
}

TEST(watch, a_file_that_is_closed_by_a_kill_wakes)
{
    pshmi_watch watch = watch_folder();
    int gate = gate_make();
    pid_t child = child_start(be_killed, &gate);
    cr_assert(gate_wait(gate));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_watch_wait(&watch, 0));
    child_kill(child);
    EXPECT_OK(pshmi_watch_wait(&watch, LONG));
    close(gate);
    end_watch(&watch);
}

TEST(watch, who_only_reads_in_the_folder_wakes_nobody)
{
    pshmi_watch watch = watch_folder();
    close(open_file(O_RDWR));
    pshmi_watch_reset(&watch);
    close(open_file(O_RDONLY));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_watch_wait(&watch, 0.01));
    end_watch(&watch);
}

TEST(watch, a_block_wakes_whoever_closes_it_until_the_next_reset)
{
    pshmi_watch watch = watch_folder();
    block_make(NAME, "x", 1);
    int reader = open(block_path(NAME), O_RDONLY | O_CLOEXEC), other = dup(reader);
    pshmi_watch_add(&watch, NAME);
    cr_assert_not(watch.blind);
    close(reader);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_watch_wait(&watch, 0));
    close(other);
    EXPECT_OK(pshmi_watch_wait(&watch, LONG));
    pshmi_watch_reset(&watch);
    close(open(block_path(NAME), O_RDONLY | O_CLOEXEC));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_watch_wait(&watch, 0));
    block_remove(NAME);
    pshmi_watch_add(&watch, NAME);
    cr_assert_not(watch.blind, "a block that is gone needs no watch");
    end_watch(&watch);
}

TEST(watch, wakes_when_its_file_or_its_folder_is_gone)
{
    char moved[PSHMI_PATH_SIZE];
    pshmi_watch watch = watch_folder();
    int file = open(runtime_path("kept"), O_RDWR | O_CLOEXEC); /* as the helper has it */
    unlink(runtime_path("kept"));
    EXPECT_OK(pshmi_watch_wait(&watch, LONG));
    close(file);
    pshmi_watch_close(&watch);
    fclose(fopen(runtime_path("kept"), "we"));
    pshmi_watch_open(&watch, runtime_path(""), runtime_path("kept"));
    snprintf(moved, sizeof moved, "%s.moved", runtime_path(""));
    cr_assert_eq(rename(runtime_path(""), moved), 0);
    EXPECT_OK(pshmi_watch_wait(&watch, LONG));
    cr_assert_eq(rename(moved, runtime_path("")), 0);
    end_watch(&watch);
}

TEST(watch, of_a_folder_without_its_file_is_blind)
{
    pshmi_watch watch = watch_folder();
    end_watch(&watch);
    pshmi_watch_open(&watch, runtime_path(""), runtime_path("kept"));
    cr_assert(watch.blind);
    pshmi_watch_close(&watch);
}

static void expect_blind(const pshmi_watch *watch)
{
    double before = pshmi_clock_now();
    cr_assert(watch->blind);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_watch_wait(watch, INFINITY));
    cr_assert(pshmi_clock_now() - before < LONG, "one that cannot see looks again soon");
}

TEST(watch, without_a_descriptor_it_wakes_all_the_same)
{
    struct rlimit limit = {.rlim_cur = 3, .rlim_max = RLIM_INFINITY}, before;
    pshmi_watch watch;
    runtime_make();
    getrlimit(RLIMIT_NOFILE, &before);
    limit.rlim_max = before.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    pshmi_watch_open(&watch, runtime_path(""), runtime_path("kept"));
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    pshmi_watch_reset(&watch);
    pshmi_watch_add(&watch, NAME);
    expect_blind(&watch);
    pshmi_watch_reset(&watch);
    expect_blind(&watch);
    pshmi_watch_close(&watch);
}

TEST(watch, that_does_not_see_its_folder_stays_blind_whatever_blocks_it_sees)
{
    pshmi_watch watch;
    runtime_make();
    pshmi_watch_open(&watch, runtime_path("missing"), runtime_path("missing/kept"));
    expect_blind(&watch);
    block_make(NAME, "x", 1);
    pshmi_watch_add(&watch, NAME);
    expect_blind(&watch);
    pshmi_watch_reset(&watch);
    pshmi_watch_reset(&watch);
    expect_blind(&watch);
    pshmi_watch_close(&watch);
    block_remove(NAME);
}

TEST(watch, a_signal_interrupts_it)
{
    pshmi_watch watch = watch_folder();
    interrupts_start();
    int32_t status = pshmi_watch_wait(&watch, LONG);
    interrupts_stop();
    EXPECT_STATUS(POLYSHM_EINTR, status);
    end_watch(&watch);
}
