/* The folder for helpers and books, and files of records. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"
#include "leaks.h"
#include "platform.h"
#include "runtimes.h"
#include "system.h"

#define BOOK runtime_path("book")

static void expect_folder(const char *expected)
{
    char path[PSHMI_PATH_SIZE];
    EXPECT_OK(pshmi_folder_path(path));
    cr_assert_str_eq(path, expected);
}

static void expect_no_folder(int32_t expected, const char *words)
{
    char path[PSHMI_PATH_SIZE];
    EXPECT_FAILURE(expected, words, pshmi_folder_path(path));
}

TEST(folder, is_made_for_this_user_alone)
{
    struct stat status;
    runtime_make();
    umask(0);
    expect_folder(runtime_path(""));
    cr_assert_eq(lstat(runtime_path(""), &status), 0);
    cr_assert_eq(status.st_mode, S_IFDIR | 0700);
    expect_folder(runtime_path(""));
}

TEST(folder, is_not_made_by_who_only_looks)
{
    char path[PSHMI_PATH_SIZE];
    struct stat status;
    bool there = true;
    runtime_make();
    EXPECT_OK(pshmi_folder_find(path, &there));
    cr_assert_not(there);
    cr_assert_eq(lstat(runtime_path(""), &status), -1);
    expect_folder(path);
    EXPECT_OK(pshmi_folder_find(path, &there));
    cr_assert(there);
}

static int pretend_folder(const char *path, struct stat *status)
{
    (void)path;
    *status = (struct stat){.st_mode = S_IFDIR | 0700, .st_uid = geteuid()};
    return 0;
}

TEST(folder, is_in_tmp_unless_the_variable_has_an_absolute_path)
{
    char expected[64];
    snprintf(expected, sizeof expected, "/tmp/polyshm-%u", geteuid());
    pshmi_system.lstat = pretend_folder;
    setenv("XDG_RUNTIME_DIR", "/somewhere", 1);
    expect_folder("/somewhere/polyshm");
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    expect_folder(expected);
    setenv("XDG_RUNTIME_DIR", "", 1);
    expect_folder(expected);
    unsetenv("XDG_RUNTIME_DIR");
    expect_folder(expected);
}

TEST(folder, whose_path_is_too_long_for_what_is_to_be_in_it_is_refused)
{
    char path[2 * PSHMI_PATH_SIZE];
    pshmi_system.lstat = pretend_folder;
    memset(path, '/', sizeof path);
    path[sizeof path - 1] = '\0';
    setenv("XDG_RUNTIME_DIR", path, 1);
    expect_no_folder(POLYSHM_ENAME, "longer than");
    path[PSHMI_PATH_SIZE - PSHMI_NAME_SIZE - 1 - sizeof "/polyshm"] = '\0';
    setenv("XDG_RUNTIME_DIR", path, 1);
    char found[PSHMI_PATH_SIZE];
    EXPECT_OK(pshmi_folder_path(found));
    path[strlen(path)] = '/';
    setenv("XDG_RUNTIME_DIR", path, 1);
    expect_no_folder(POLYSHM_ENAME, "longer than");
}

TEST(folder, that_cannot_be_made_is_an_error_that_names_the_way_out)
{
    char missing[300];
    snprintf(missing, sizeof missing, "%s/missing", runtime_make());
    setenv("XDG_RUNTIME_DIR", missing, 1);
    expect_no_folder(POLYSHM_ESYSTEM, "unset XDG_RUNTIME_DIR");
}

static int pretend_nothing(const char *path, struct stat *status)
{
    if (strlen(path) > 2 && strcmp(path + strlen(path) - 2, "/.") == 0) /* a parent */
        return pretend_folder(path, status);
    errno = ENOENT;
    return -1;
}

static int fail_read_only(const char *path, mode_t mode)
{
    (void)path, (void)mode;
    errno = EROFS;
    return -1;
}

TEST(folder, in_a_read_only_place_is_refused)
{
    runtime_make();
    pshmi_system.mkdir = fail_read_only;
    expect_no_folder(POLYSHM_EACCES, "Read-only file system; mend or unset XDG_RUNTIME_DIR,");
    unsetenv("XDG_RUNTIME_DIR");
    pshmi_system.lstat = pretend_nothing;
    expect_no_folder(POLYSHM_EACCES, "Read-only file system; set XDG_RUNTIME_DIR to a folder of this user's,");
}

TEST(folder, that_others_can_enter_is_refused)
{
    static const mode_t modes[] = {0701, 0710, 0770, 0777, 0704};
    runtime_make();
    cr_assert_eq(mkdir(runtime_path(""), 0700), 0);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        cr_assert_eq(chmod(runtime_path(""), modes[i]), 0);
        expect_no_folder(POLYSHM_EACCES, "chmod 700");
    }
    cr_assert_eq(chmod(runtime_path(""), 0700), 0);
    expect_folder(runtime_path(""));
}

TEST(folder, of_another_user_is_refused)
{
    if (geteuid() != 0)
        SKIP("only root can give a folder away");
    runtime_make();
    cr_assert_eq(mkdir(runtime_path(""), 0700), 0);
    cr_assert_eq(chown(runtime_path(""), 65534, 65534), 0);
    expect_no_folder(POLYSHM_EACCES, "belongs to user 65534");
}

TEST(folder, that_is_a_file_or_a_link_is_refused)
{
    char path[300];
    snprintf(path, sizeof path, "%s/elsewhere", runtime_make());
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(symlink(path, runtime_path("")), 0);
    expect_no_folder(POLYSHM_EACCES, "is no folder");
    cr_assert_eq(unlink(runtime_path("")), 0);
    fclose(fopen(runtime_path(""), "we"));
    expect_no_folder(POLYSHM_EACCES, "is no folder");
    cr_assert_eq(unlink(runtime_path("")), 0);
}

static char *record(char letter)
{
    static char bytes[PSHMI_RECORD_SIZE];
    return memset(bytes, letter, sizeof bytes);
}

static bool has_record(const pshmi_records *records, uint64_t number, char letter)
{
    char found[PSHMI_RECORD_SIZE];
    bool there = false;
    EXPECT_OK(pshmi_records_read(records, number, found, &there));
    return there && memcmp(found, record(letter), sizeof found) == 0;
}

static pshmi_records create(void)
{
    pshmi_records records;
    char path[PSHMI_PATH_SIZE];
    runtime_make();
    EXPECT_OK(pshmi_folder_path(path));
    EXPECT_OK(pshmi_records_create(BOOK, record('f'), &records));
    return records;
}

static void drop(pshmi_records *records)
{
    pshmi_records_unlink(BOOK);
    pshmi_records_close(records);
}

TEST(folder, records_are_made_with_their_first_and_a_lease)
{
    struct stat status;
    pshmi_records records, other, none;
    bool taken = false;
    umask(0);
    records = create();
    cr_assert_eq(lstat(BOOK, &status), 0);
    cr_assert_eq(status.st_mode, S_IFREG | 0600);
    cr_assert(has_record(&records, 0, 'f'));
    EXPECT_STATUS(POLYSHM_EEXIST, pshmi_records_create(BOOK, record('g'), &none));
    EXPECT_OK(pshmi_records_open(BOOK, true, &other));
    cr_assert(has_record(&other, 0, 'f'));
    EXPECT_OK(pshmi_lease_is_taken(&other.file, "book", 0, &taken));
    cr_assert(taken);
    pshmi_records_close(&other);
    drop(&records);
}

TEST(folder, records_are_added_changed_and_read)
{
    uint64_t number = 0;
    bool there = true;
    char found[PSHMI_RECORD_SIZE];
    pshmi_records records = create(), other;
    EXPECT_OK(pshmi_records_open(BOOK, false, &other));
    EXPECT_OK(pshmi_records_append(&records, record('a'), &number));
    cr_assert_eq(number, 1);
    EXPECT_OK(pshmi_records_append(&other, record('b'), &number));
    cr_assert_eq(number, 2);
    EXPECT_OK(pshmi_records_append(&records, record('c'), &number));
    cr_assert_eq(number, 3);
    EXPECT_OK(pshmi_records_write(&other, 1, record('d')));
    cr_assert(has_record(&records, 1, 'd') && has_record(&records, 2, 'b') && has_record(&other, 3, 'c'));
    EXPECT_OK(pshmi_records_read(&records, 4, found, &there));
    cr_assert_not(there);
    pshmi_records_close(&other);
    drop(&records);
}

TEST(folder, half_a_record_is_none)
{
    bool there = true;
    char found[PSHMI_RECORD_SIZE];
    pshmi_records records = create();
    cr_assert_eq(truncate(BOOK, PSHMI_RECORD_SIZE + 100), 0);
    EXPECT_OK(pshmi_records_read(&records, 1, found, &there));
    cr_assert_not(there);
    drop(&records);
}

TEST(folder, a_record_behind_a_damaged_end_is_refused)
{
    uint64_t number = 4711;
    pshmi_records records = create();
    cr_assert_eq(truncate(BOOK, PSHMI_RECORD_SIZE + 100), 0);
    EXPECT_FAILURE(POLYSHM_ECORRUPT, "damaged", pshmi_records_append(&records, record('a'), &number));
    cr_assert_eq(number, 4711);
    drop(&records);
}

enum { APPENDERS = 8, APPENDS = 200 };

static void append_many(void *letter)
{
    pshmi_records records;
    char own[PSHMI_RECORD_SIZE], found[PSHMI_RECORD_SIZE];
    uint64_t number;
    bool there;
    memset(own, *(char *)letter, sizeof own);
    CHECK(pshmi_records_open(BOOK, false, &records) == POLYSHM_OK);
    for (int i = 0; i < APPENDS; i++) {
        CHECK(pshmi_records_append(&records, own, &number) == POLYSHM_OK);
        CHECK(pshmi_records_read(&records, number, found, &there) == POLYSHM_OK);
        CHECK(there && memcmp(own, found, sizeof own) == 0);
    }
}

TEST(folder, records_that_many_add_at_once_are_all_there)
{
    pid_t children[APPENDERS];
    char letters[APPENDERS];
    struct stat status;
    pshmi_records records = create();
    for (int i = 0; i < APPENDERS; i++) {
        letters[i] = (char)('a' + i);
        children[i] = child_start(append_many, &letters[i]);
    }
    for (int i = 0; i < APPENDERS; i++)
        cr_assert_eq(child_wait(children[i]), 0);
    cr_assert_eq(lstat(BOOK, &status), 0);
    cr_assert_eq(status.st_size, (1 + APPENDERS * APPENDS) * PSHMI_RECORD_SIZE);
    drop(&records);
}

static void expect_not_opened(int32_t expected)
{
    pshmi_records records;
    for (int readonly = 0; readonly <= 1; readonly++)
        EXPECT_STATUS(expected, pshmi_records_open(BOOK, readonly, &records));
}

TEST(folder, records_are_in_regular_files_of_this_user_only)
{
    pshmi_records records = create();
    pshmi_records_unlink(BOOK);
    cr_assert(pshmi_records_is_unlinked(&records));
    expect_not_opened(POLYSHM_ENOENT);
    cr_assert_eq(symlink("helper", BOOK), 0);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    unlink(BOOK);
    cr_assert_eq(mkfifo(BOOK, 0600), 0);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    unlink(BOOK);
    cr_assert_eq(mkdir(BOOK, 0700), 0);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    rmdir(BOOK);
    pshmi_records_close(&records);
    if (geteuid() != 0)
        SKIP("only root can give a file away");
    fclose(fopen(BOOK, "we"));
    cr_assert_eq(chown(BOOK, 65534, 65534), 0);
    expect_not_opened(POLYSHM_EACCES);
    unlink(BOOK);
}

static int (*real_lock)(int descriptor, int command, struct flock *lock);

/* Somebody takes the file for a dead one's, at the last moment before its owner has the lease. */
static int unlink_and_lock(int descriptor, int command, struct flock *range)
{
    pshmi_system.lock = real_lock;
    pshmi_records_unlink(BOOK);
    return real_lock(descriptor, command, range);
}

TEST(folder, records_that_are_removed_while_they_are_made_are_made_again)
{
    pshmi_records records, fresh;
    records = create();
    drop(&records);
    real_lock = pshmi_system.lock;
    pshmi_system.lock = unlink_and_lock;
    EXPECT_OK(pshmi_records_create(BOOK, record('f'), &fresh));
    cr_assert_not(pshmi_records_is_unlinked(&fresh));
    cr_assert_eq(access(BOOK, F_OK), 0);
    drop(&fresh);
}

static int (*real_open)(const char *path, int flags, mode_t mode);

/* The same, before there is a lease to be had. */
static int unlink_and_open(const char *path, int flags, mode_t mode)
{
    if (flags & O_APPEND) {
        pshmi_system.open = real_open;
        pshmi_records_unlink(path);
    }
    return real_open(path, flags, mode);
}

TEST(folder, records_that_are_removed_as_soon_as_they_can_be_seen_are_made_again)
{
    pshmi_error_record none = pshmi_error_save();
    pshmi_records records = create(), fresh;
    drop(&records);
    real_open = pshmi_system.open;
    pshmi_system.open = unlink_and_open;
    EXPECT_OK(pshmi_records_create(BOOK, record('f'), &fresh));
    cr_assert_eq(access(BOOK, F_OK), 0);
    cr_assert_str_eq(polyshm_error_message(), none.message);
    drop(&fresh);
}

static int open_no_second(const char *path, int flags, mode_t mode)
{
    errno = EMFILE;
    return flags & O_APPEND ? -1 : real_open(path, flags, mode);
}

TEST(folder, records_that_want_for_a_descriptor_leave_nothing)
{
    pshmi_records records = create(), none;
    drop(&records);
    real_open = pshmi_system.open;
    pshmi_system.open = open_no_second;
    EXPECT_STATUS(POLYSHM_EMFILE, pshmi_records_create(BOOK, record('f'), &none));
    cr_assert_eq(access(BOOK, F_OK), -1);
}

static ssize_t write_half(int descriptor, const void *data, size_t size, off_t offset)
{
    return pwrite(descriptor, data, size / 2, offset);
}

TEST(folder, a_record_that_does_not_fit_is_a_lack_of_space)
{
    pshmi_records records = create(), none;
    pshmi_system.pwrite = write_half;
    EXPECT_FAILURE(POLYSHM_ENOSPC, "No space", pshmi_records_write(&records, 1, record('a')));
    drop(&records);
    EXPECT_STATUS(POLYSHM_ENOSPC, pshmi_records_create(BOOK, record('f'), &none));
    cr_assert_eq(access(BOOK, F_OK), -1, "and nothing stays");
}

static void exceed_limit(void *unused)
{
    const struct rlimit limit = {.rlim_cur = 2 * PSHMI_RECORD_SIZE, .rlim_max = 2 * PSHMI_RECORD_SIZE};
    uint64_t number = 0;
    (void)unused;
    pshmi_records records = create();
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(pshmi_records_append(&records, record('a'), &number) == POLYSHM_OK);
    CHECK(pshmi_records_append(&records, record('b'), &number) == POLYSHM_ENOSPC);
    CHECK(pshmi_records_write(&records, 2, record('b')) == POLYSHM_ENOSPC);
    CHECK(strstr(polyshm_error_message(), "ulimit -f") && number == 1);
    drop(&records);
}

/* SIGXFSZ would end the program. */
TEST(folder, a_record_beyond_the_limit_of_file_sizes_is_refused)
{
    EXPECT_CHILD(exceed_limit, NULL);
}

static int names;

static void count(void *expected, const char *name)
{
    names += strcmp(name, expected) == 0 ? 1 : 100;
}

TEST(folder, all_its_files_are_visited)
{
    pshmi_records records = create();
    EXPECT_OK(pshmi_folder_visit(runtime_path(""), count, (void *)(uintptr_t) "book"));
    cr_assert_eq(names, 1);
    EXPECT_FAILURE(POLYSHM_ENOENT, "missing", pshmi_folder_visit(runtime_path("missing"), count, NULL));
    drop(&records);
}
