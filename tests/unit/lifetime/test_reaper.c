/* Cleaning up after owners that are gone. */
#include "reaper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "idle.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"
#include "system.h"

#define NAME test_name(0)

static char told[1024];

static void tell(void *unused, const char *name, const char *book)
{
    (void)unused, (void)book;
    strcat(strcat(told, name), ";");
}

static pshmi_reaper_rest pass(bool dry)
{
    pshmi_reaper_rest rest;
    const pshmi_reaper reaper = {.folder = runtime_path(""), .dry = dry, .found = tell};
    told[0] = '\0';
    EXPECT_OK(pshmi_reaper_pass(&reaper, &rest));
    return rest;
}

static void add_book(pshmi_book_kind kind, pshmi_book *book)
{
    uint64_t number;
    EXPECT_OK(pshmi_book_create(kind, "book", NULL, 0, book));
    block_make(NAME, "x", 1);
    struct stat status = block_status(NAME);
    EXPECT_OK(pshmi_book_begin(book, NAME, (pshmi_identity){status.st_dev, status.st_ino}, &number));
    pshmi_book_end(book);
}

/* Makes a book that has NAME's block in it. The helper is this test. */
static void make_book(pshmi_book_kind kind, pshmi_book *book)
{
    runtime_make();
    runtime_be_idle();
    add_book(kind, book);
}

/* The same of an owner that is gone. */
static void leave_book(pshmi_book_kind kind)
{
    pshmi_book book;
    make_book(kind, &book);
    pshmi_book_close(&book);
}

static void expect_all_gone(void)
{
    pshmi_reaper_rest rest = pass(false);
    cr_assert_not(pshmi_reaper_is_needed(&rest));
    cr_assert_not(block_exists(NAME));
    cr_assert_eq(runtime_books(), 0);
}

TEST(reaper, leaves_everything_to_an_owner_that_lives)
{
    for (pshmi_book_kind kind = PSHMI_BOOK_TRACKED; kind <= PSHMI_BOOK_MANAGED; kind++) {
        pshmi_book book;
        make_book(kind, &book);
        pshmi_reaper_rest rest = pass(false);
        cr_assert(rest.living == 1 && !rest.waiting && !rest.busy);
        cr_assert(block_exists(NAME) && runtime_books() == 1);
        pshmi_book_close(&book);
        rest = pass(true);
        cr_assert(!rest.living && rest.waiting == 1, "a book to be cleaned up");
        cr_assert(block_exists(NAME) && strncmp(told, NAME, strlen(NAME)) == 0);
        expect_all_gone();
        cr_assert(strncmp(told, NAME, strlen(NAME)) == 0);
    }
}

TEST(reaper, keeps_a_tracked_block_as_long_as_somebody_has_it_open)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_TRACKED, &book);
    int stock = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    pshmi_book_close(&book);
    pshmi_reaper_rest rest = pass(false);
    cr_assert(rest.waiting == 1 && block_exists(NAME) && runtime_books() == 1 && !*told);
    pass(true);
    cr_assert(!*told);
    close(stock);
    expect_all_gone();
}

TEST(reaper, unlinks_a_managers_block_whoever_has_it_open)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_MANAGED, &book);
    int stock = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    pshmi_book_close(&book);
    expect_all_gone();
    close(stock);
}

TEST(reaper, keeps_a_managers_book_while_somebody_names_a_block)
{
    pshmi_book book, client;
    uint64_t number;
    make_book(PSHMI_BOOK_MANAGED, &book);
    EXPECT_OK(pshmi_book_open("book", NULL, 0, &client));
    EXPECT_OK(pshmi_book_begin(&client, test_name(1), (pshmi_identity){1, 2}, &number));
    pshmi_fork_let();
    pshmi_book_close(&book);
    pshmi_reaper_rest rest = pass(false);
    cr_assert(rest.busy == 1 && runtime_books() == 1 && !block_exists(NAME));
    rest = pass(false);
    cr_assert_eq(rest.busy, 1);
    pshmi_fork_hold();
    pshmi_book_end(&client);
    expect_all_gone();
    pshmi_book_close(&client);
}

TEST(reaper, keeps_a_managers_book_while_somebody_keeps_the_name_locked)
{
    pshmi_book book;
    uint64_t left = 0;
    make_book(PSHMI_BOOK_MANAGED, &book);
    int locker = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(flock(locker, LOCK_EX), 0);
    EXPECT_OK(pshmi_reaper_empty(&book, &left));
    cr_assert_eq(left, 1);
    pshmi_book_close(&book);
    pshmi_reaper_rest rest = pass(false);
    cr_assert(rest.waiting == 1 && block_exists(NAME) && runtime_books() == 1);
    close(locker);
    expect_all_gone();
}

TEST(reaper, comes_back_to_a_book_that_another_process_looks_after)
{
    leave_book(PSHMI_BOOK_TRACKED);
    int other = open(runtime_path("book"), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(flock(other, LOCK_EX), 0);
    for (int dry = 0; dry < 2; dry++) {
        pshmi_reaper_rest rest = pass(dry);
        cr_assert(rest.locked == 1 && pshmi_reaper_is_needed(&rest) && !*told && block_exists(NAME));
    }
    close(other);
    expect_all_gone();
}

static void look_on(void *unused)
{
    pshmi_reaper_rest rest;
    const pshmi_reaper looking = {.folder = runtime_path(""), .dry = true};
    (void)unused;
    for (double end = pshmi_clock_now() + 0.5; pshmi_clock_now() < end;)
        CHECK(pshmi_reaper_pass(&looking, &rest) == POLYSHM_OK);
}

TEST(reaper, takes_nobody_who_only_looks_for_one_who_is_attached)
{
    int status;
    pshmi_book book;
    leave_book(PSHMI_BOOK_TRACKED);
    expect_all_gone();
    pid_t child = child_start(look_on, NULL);
    while (waitpid(child, &status, WNOHANG) == 0) {
        add_book(PSHMI_BOOK_TRACKED, &book);
        pshmi_book_close(&book);
        expect_all_gone();
    }
    cr_assert_eq(status, 0);
}

TEST(reaper, leaves_another_block_of_that_name_alone)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_MANAGED, &book);
    int old = open(block_path(NAME), O_RDONLY | O_CLOEXEC); /* so that the new one has another inode */
    block_remove(NAME);
    block_make(NAME, "another", 7);
    pshmi_book_close(&book);
    pass(false);
    cr_assert(block_exists(NAME) && runtime_books() == 0 && !*told);
    close(old);
    block_remove(NAME);
}

static void change_title(const pshmi_book *book, size_t at)
{
    char record[PSHMI_RECORD_SIZE];
    bool there;
    EXPECT_OK(pshmi_records_read(&book->records, 0, record, &there));
    record[at] ^= 1;
    EXPECT_OK(pshmi_records_write(&book->records, 0, record));
}

TEST(reaper, of_another_boot_only_the_book_goes)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_MANAGED, &book);
    change_title(&book, 32);
    pshmi_book_close(&book);
    pass(false);
    cr_assert(block_exists(NAME) && runtime_books() == 0 && !*told);
    block_remove(NAME);
}

TEST(reaper, leaves_the_book_of_another_folder_of_blocks_alone)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_MANAGED, &book);
    change_title(&book, 24);
    pshmi_reaper_rest rest = pass(false);
    cr_assert(!rest.living, "whose owner another helper waits for");
    pshmi_book_close(&book);
    rest = pass(false);
    cr_assert(!rest.living && !rest.waiting && block_exists(NAME) && runtime_books() == 1 && !*told);
    unlink(runtime_path("book"));
    block_remove(NAME);
}

TEST(reaper, removes_books_without_a_first_record_and_leaves_other_files)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_TRACKED, &book);
    fclose(fopen(runtime_path("empty"), "we"));
    cr_assert_eq(mkdir(runtime_path("folder"), 0700), 0);
    cr_assert_eq(mkfifo(runtime_path("fifo"), 0600), 0);
    cr_assert_eq(symlink("nowhere", runtime_path("link")), 0);
    FILE *file = fopen(runtime_path("garbage"), "we");
    for (int i = 0; i < 5000; i++)
        fputc(i * 7, file);
    fclose(file);
    pshmi_book_close(&book);
    pshmi_reaper_rest rest = pass(false);
    cr_assert_not(pshmi_reaper_is_needed(&rest));
    cr_assert(!block_exists(NAME) && access(runtime_path("empty"), F_OK) != 0);
    cr_assert_eq(unlink(runtime_path("garbage")) + unlink(runtime_path("fifo")) + unlink(runtime_path("link")), 0);
    cr_assert_eq(rmdir(runtime_path("folder")), 0);
    cr_assert_str_eq(polyshm_error_message(), "");
}

static int (*real_lock)(int descriptor, int command, struct flock *lock);
static int filling_command;
static char filled[4 * PSHMI_RECORD_SIZE];
static size_t filled_size;

/* The owner of a book that was empty so far gives it a first record, creates a block and ends, before this call. */
static int lock_after_a_short_life(int descriptor, int command, struct flock *lock)
{
    if (command == filling_command) {
        FILE *file = fopen(runtime_path("book"), "we");
        pshmi_system.lock = real_lock;
        CHECK(file && fwrite(filled, 1, filled_size, file) == filled_size && fclose(file) == 0);
    }
    return real_lock(descriptor, command, lock);
}

/* When the reaper asks for the owner's lease, and when it takes that to remove the book. */
TEST(reaper, keeps_a_book_that_was_empty_when_it_was_opened)
{
    const int commands[] = {F_OFD_GETLK, F_OFD_SETLK};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        leave_book(PSHMI_BOOK_TRACKED);
        FILE *file = fopen(runtime_path("book"), "r+e");
        filled_size = fread(filled, 1, sizeof filled, file);
        cr_assert(filled_size && ftruncate(fileno(file), 0) == 0);
        fclose(file);
        real_lock = pshmi_system.lock;
        filling_command = commands[i];
        pshmi_system.lock = lock_after_a_short_life;
        pshmi_reaper_rest rest = pass(false);
        cr_assert_eq(pshmi_system.lock, real_lock);
        cr_assert(block_exists(NAME) && runtime_books() == 1 && pshmi_reaper_is_needed(&rest));
        expect_all_gone();
    }
}

TEST(reaper, whose_folder_is_gone_says_so)
{
    pshmi_reaper_rest rest;
    runtime_make();
    const pshmi_reaper reaper = {.folder = runtime_path("")};
    EXPECT_STATUS(POLYSHM_ENOENT, pshmi_reaper_pass(&reaper, &rest));
}

static void run(void *unused)
{
    pshmi_helper helper;
    bool taken;
    (void)unused;
    CHECK(pshmi_helper_become(runtime_path(""), &helper, &taken) == POLYSHM_OK && taken);
    CHECK(pshmi_reaper_run(runtime_path(""), &helper) == POLYSHM_OK);
}

TEST(reaper, runs_until_there_is_nothing_to_wait_for)
{
    pshmi_book book;
    make_book(PSHMI_BOOK_TRACKED, &book);
    pid_t child = child_start(run, NULL);
    cr_assert(child_sleeps(child));
    int stock = open(block_path(NAME), O_RDONLY | O_CLOEXEC); /* not the child's */
    pshmi_book_close(&book);
    cr_assert(child_sleeps(child) && block_exists(NAME));
    close(stock);
    cr_assert_eq(child_wait(child), 0);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}

/* So long that the helper, if it waited to be told, would sleep by then. Nobody tells it that a file was only read. */
TEST(reaper, does_not_forget_a_book_that_another_process_looked_after)
{
    leave_book(PSHMI_BOOK_TRACKED);
    int other = open(runtime_path("book"), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(flock(other, LOCK_EX), 0);
    pid_t child = child_start(run, NULL);
    sleep(12);
    cr_assert(block_exists(NAME));
    flock(other, LOCK_UN);
    close(other);
    cr_assert_eq(child_wait(child), 0);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}

static pid_t start_helper(pshmi_book *book)
{
    make_book(PSHMI_BOOK_TRACKED, book);
    pid_t child = child_start(run, NULL);
    cr_assert(child_sleeps(child));
    return child;
}

static void end_helper(pid_t child, pshmi_book *book)
{
    cr_assert_eq(child_wait(child), 0);
    pshmi_book_close(book);
    block_remove(NAME);
}

TEST(reaper, ends_when_its_folder_is_removed)
{
    pshmi_book book;
    pid_t child = start_helper(&book);
    cr_assert_eq(unlink(runtime_path("book")) + unlink(runtime_path("helper")) + rmdir(runtime_path("")), 0);
    end_helper(child, &book);
}

TEST(reaper, ends_when_another_folder_is_in_the_place_of_its_own)
{
    pshmi_book book;
    char moved[PSHMI_PATH_SIZE];
    pid_t child = start_helper(&book);
    snprintf(moved, sizeof moved, "%s.moved", runtime_path(""));
    cr_assert_eq(rename(runtime_path(""), moved), 0);
    cr_assert_eq(mkdir(runtime_path(""), 0700), 0);
    end_helper(child, &book);
    cr_assert_eq(rmdir(runtime_path("")) + rename(moved, runtime_path("")), 0);
    unlink(runtime_path("book"));
}

static uint32_t find_helper(void)
{
    bool taken = false;
    uint32_t process = 0;
    EXPECT_OK(pshmi_helper_find(runtime_path(""), &taken, &process));
    return process;
}

/* Whoever creates something does not find it any more, and would start another. */
TEST(reaper, whose_file_was_removed_goes_on_with_a_new_one)
{
    pshmi_book book;
    pid_t child = start_helper(&book);
    cr_assert_eq(unlink(runtime_path("helper")), 0);
    EXPECT_SOON(find_helper() == (uint32_t)child);
    pshmi_book_close(&book);
    cr_assert_eq(child_wait(child), 0);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}

TEST(reaper, whose_place_another_has_taken_ends)
{
    pshmi_book book;
    pshmi_helper other;
    bool taken = false;
    pid_t child = start_helper(&book);
    cr_assert_eq(rename(runtime_path("helper"), runtime_path("old")), 0);
    do { /* it may have been quicker */
        unlink(runtime_path("helper"));
        EXPECT_OK(pshmi_helper_become(runtime_path(""), &other, &taken));
    } while (!taken);
    end_helper(child, &book);
    pshmi_helper_resign(&other);
    unlink(runtime_path("old"));
    unlink(runtime_path("book"));
}

static int (*real_close)(int descriptor);
static pshmi_book late;

/* Another process makes a book, a block and its end at the moment in which the helper gives up. */
static int close_beside_a_short_life(int descriptor)
{
    pshmi_system.close = real_close;
    CHECK(pshmi_book_create(PSHMI_BOOK_TRACKED, "late", NULL, 0, &late) == POLYSHM_OK);
    block_make(NAME, "x", 1);
    struct stat status = block_status(NAME);
    uint64_t number;
    CHECK(pshmi_book_begin(&late, NAME, (pshmi_identity){status.st_dev, status.st_ino}, &number) == POLYSHM_OK);
    pshmi_book_end(&late);
    pshmi_book_close(&late);
    return real_close(descriptor);
}

static void run_with_a_late_book(void *unused)
{
    pshmi_helper helper;
    bool taken;
    (void)unused;
    CHECK(pshmi_helper_become(runtime_path(""), &helper, &taken) == POLYSHM_OK && taken);
    real_close = pshmi_system.close;
    pshmi_system.close =
        close_beside_a_short_life; /* no book is there: the first close is that of the helper's lease */
    CHECK(pshmi_reaper_run(runtime_path(""), &helper) == POLYSHM_OK);
}

TEST(reaper, sees_what_came_and_ended_when_it_was_about_to_go)
{
    char path[PSHMI_PATH_SIZE];
    runtime_make();
    runtime_be_idle();
    EXPECT_OK(pshmi_folder_path(path));
    EXPECT_CHILD(run_with_a_late_book, NULL);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}

static int (*real_unlink)(const char *path);

/* Makes the next of many books when one goes, if there is a helper. The pass that is under way may see it or not. */
static int unlink_beside_a_short_life(const char *path)
{
    enum { LIVES = 24 };
    static int lives;
    char name[PSHMI_NAME_SIZE];
    uint32_t process;
    bool taken = false;
    int result = real_unlink(path);
    snprintf(name, sizeof name, "late-%d", lives);
    CHECK(pshmi_helper_find(runtime_path(""), &taken, &process) == POLYSHM_OK);
    if (taken && lives++ < LIVES) {
        CHECK(pshmi_book_create(PSHMI_BOOK_TRACKED, name, NULL, 0, &late) == POLYSHM_OK);
        pshmi_book_close(&late);
    }
    return result;
}

static void run_beside_short_lives(void *argument)
{
    real_unlink = pshmi_system.unlink;
    pshmi_system.unlink = unlink_beside_a_short_life;
    run(argument);
}

/* Owners that come at once, whose books have no blocks left, are no reason to go. */
TEST(reaper, looks_again_however_often_it_was_about_to_go)
{
    leave_book(PSHMI_BOOK_TRACKED);
    EXPECT_CHILD(run_beside_short_lives, NULL);
    cr_assert(!block_exists(NAME) && runtime_books() == 0);
}

static int refuse_unlink(const char *path)
{
    (void)path;
    errno = EROFS;
    return -1;
}

static void run_in_vain(void *argument)
{
    pshmi_system.unlink = refuse_unlink;
    run(argument);
}

TEST(reaper, that_can_unlink_nothing_does_not_go_on_for_ever)
{
    leave_book(PSHMI_BOOK_MANAGED);
    EXPECT_CHILD(run_in_vain, NULL);
    expect_all_gone();
}

static int (*real_open)(const char *path, int flags, mode_t mode);

static bool is_book(const char *path)
{
    return strcmp(strrchr(path, '/'), "/book") == 0;
}

static int open_no_book(const char *path, int flags, mode_t mode)
{
    errno = EMFILE;
    return is_book(path) ? -1 : real_open(path, flags, mode);
}

static int open_for_reading(const char *path, int flags, mode_t mode)
{
    errno = EROFS;
    return is_book(path) && flags & (O_WRONLY | O_RDWR) ? -1 : real_open(path, flags, mode);
}

static void run_readonly(void *argument)
{
    real_open = pshmi_system.open;
    pshmi_system.open = open_for_reading;
    run(argument);
}

TEST(reaper, whose_books_became_readonly_does_not_go_on_for_ever)
{
    leave_book(PSHMI_BOOK_MANAGED);
    EXPECT_CHILD(run_readonly, NULL);
    expect_all_gone();
}

static void run_blind(void *argument)
{
    real_open = pshmi_system.open;
    pshmi_system.open = open_no_book;
    run(argument);
}

TEST(reaper, ends_when_all_that_is_left_is_a_book_that_nobody_can_read)
{
    leave_book(PSHMI_BOOK_MANAGED);
    EXPECT_CHILD(run_blind, NULL);
    cr_assert(block_exists(NAME) && runtime_books() == 1);
    expect_all_gone();
}

TEST(reaper, comes_back_to_a_book_that_it_could_not_open)
{
    leave_book(PSHMI_BOOK_TRACKED);
    real_open = pshmi_system.open;
    pshmi_system.open = open_no_book;
    pshmi_reaper_rest rest = pass(false);
    pshmi_system.open = real_open;
    cr_assert(rest.unread == 1 && !rest.waiting && block_exists(NAME));
    expect_all_gone();
}
