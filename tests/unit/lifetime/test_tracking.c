/* This process's own book. */
#include "tracking.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "expect.h"
#include "idle.h"
#include "leaks.h"
#include "runtimes.h"
#include "system.h"

static void make_runtime(void)
{
    runtime_make();
    runtime_be_idle();
}

static pshmi_book *track(void)
{
    pshmi_book *book = NULL;
    CHECK(pshmi_tracking_book(&book) == POLYSHM_OK);
    CHECK(book && book->owner);
    return book;
}

/* The book stays open until its process ends, as does its file: it is for a child. */
static void look_at_own(void *unused)
{
    char path[PSHMI_PATH_SIZE];
    (void)unused;
    pshmi_book *book = track();
    strcpy(path, book->path);
    CHECK(track() == book && strcmp(book->path, path) == 0 && runtime_books() == 1);
    unlink(path);
}

TEST(tracking, there_is_one_book_a_process)
{
    make_runtime();
    EXPECT_CHILD(look_at_own, NULL);
}

static void look_from_child(void *parents)
{
    pshmi_book *book = track();
    CHECK(strcmp(book->path, parents) != 0 && runtime_books() == 2);
    pshmi_book_unlink(book);
}

static void track_and_fork(void *unused)
{
    char path[PSHMI_PATH_SIZE];
    (void)unused;
    strcpy(path, track()->path);
    CHECK(child_runs(look_from_child, path));
    CHECK(strcmp(track()->path, path) == 0);
    unlink(path);
}

TEST(tracking, a_child_has_a_book_of_its_own)
{
    make_runtime();
    EXPECT_CHILD(track_and_fork, NULL);
}

static void fail_then_track(void *unused)
{
    pshmi_book *book;
    (void)unused;
    setenv("POLYSHM_COMMAND", "/bin/false", 1);
    CHECK(pshmi_tracking_book(&book) == POLYSHM_ESYSTEM && runtime_books() == 0);
    runtime_be_idle();
    unlink(track()->path);
}

TEST(tracking, can_be_tried_again)
{
    make_runtime();
    EXPECT_CHILD(fail_then_track, NULL);
}

static int gates[2];
static int (*real_mkdir)(const char *path, mode_t mode);

/* Keeps the thread that makes the book in the middle of that. */
static int mkdir_later(const char *path, mode_t mode)
{
    pshmi_system.mkdir = real_mkdir;
    gate_open(gates[0]);
    CHECK(gate_wait(gates[1]));
    return real_mkdir(path, mode);
}

static void *track_in_thread(void *unused)
{
    (void)unused;
    return track();
}

static void track_in_child(void *unused)
{
    (void)unused;
    pshmi_book_unlink(track());
}

static void fork_beside_a_thread(void *unused)
{
    pthread_t thread;
    (void)unused;
    gates[0] = gate_make();
    gates[1] = gate_make();
    real_mkdir = pshmi_system.mkdir;
    pshmi_system.mkdir = mkdir_later;
    CHECK(pthread_create(&thread, NULL, track_in_thread, NULL) == 0);
    CHECK(gate_wait(gates[0]));
    CHECK(child_runs(track_in_child, NULL));
    gate_open(gates[1]);
    CHECK(pthread_join(thread, NULL) == 0);
    unlink(track()->path);
}

TEST(tracking, a_child_does_not_wait_for_a_thread_of_its_parent)
{
    make_runtime();
    EXPECT_CHILD(fork_beside_a_thread, NULL);
}

static uint64_t enter(pshmi_book *book, const char *name, pshmi_identity identity)
{
    uint64_t number = 0;
    CHECK(pshmi_book_begin(book, name, identity, &number) == POLYSHM_OK);
    pshmi_book_end(book);
    return number;
}

static void forget(void *unused)
{
    const pshmi_identity one = {1, 2}, other = {1, 3};
    (void)unused;
    pshmi_book *book = track();
    uint64_t number = enter(book, "one", one);
    pshmi_tracking_forget(book->serial + 1, number, "one", one);
    pshmi_tracking_forget(book->serial, number, "one", other);
    pshmi_tracking_forget(book->serial, number, "other", one);
    CHECK(enter(book, "other", other) != number);
    pshmi_tracking_forget(book->serial, number, "one", one);
    CHECK(enter(book, "other", other) == number);
    pshmi_tracking_forget(book->serial, number, "one", one);
    CHECK(enter(book, "one", one) != number);
    unlink(book->path);
}

TEST(tracking, the_record_of_a_block_that_was_unlinked_is_for_the_next_one_and_no_other_is)
{
    make_runtime();
    EXPECT_CHILD(forget, NULL);
}
