/* Blocks as files: made without a name, named in one step, removed by identity. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "platform.h"
#include "system.h"

#define NAME  test_name(0)
#define OTHER test_name(1)

static pshmi_file create(const void *contents, uint64_t size, uint32_t mode, bool sparse)
{
    pshmi_file file;
    EXPECT_OK(pshmi_file_create(NAME, contents, size, mode, sparse, &file));
    return file;
}

static void publish(pshmi_file *file)
{
    EXPECT_OK(pshmi_file_publish(file, NAME));
}

TEST(file, a_new_block_has_no_name_until_it_is_published)
{
    pshmi_file file = create(NULL, 100, 0600, false);
    cr_assert_not(block_exists(NAME));
    cr_assert_str_eq(file.hidden, "");
    cr_assert_eq(fcntl(file.descriptor, F_GETFD), FD_CLOEXEC);
    publish(&file);
    cr_assert_eq(block_size(NAME), 100);
    cr_assert_eq(block_status(NAME).st_ino, file.identity.inode);
    cr_assert_eq(file.owner, geteuid());
    pshmi_file_close(&file);
    block_remove(NAME);
}

TEST(file, a_name_that_is_taken_stays_with_its_block)
{
    block_make(NAME, "old", 3);
    pshmi_file file = create(NULL, 100, 0600, false);
    EXPECT_FAILURE(POLYSHM_EEXIST, "attach to it", pshmi_file_publish(&file, NAME));
    pshmi_file_close(&file);
    cr_assert_eq(block_size(NAME), 3);
    block_remove(NAME);
}

TEST(file, has_the_mode_that_was_asked_for_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 077, 0277, 0777}, modes[] = {0600, 0644, 0666, 0777, 0400, 0001};
    for (size_t i = 0; i < COUNT_OF(masks); i++)
        for (size_t k = 0; k < COUNT_OF(modes); k++) {
            mode_t old = umask(masks[i]);
            pshmi_file file = create(NULL, 1, modes[k], false);
            publish(&file);
            umask(old);
            cr_expect_eq(block_status(NAME).st_mode & 07777, modes[k], "mask %o, mode %o", masks[i], modes[k]);
            pshmi_file_close(&file);
            block_remove(NAME);
        }
}

TEST(file, its_memory_is_really_there_unless_it_is_sparse)
{
    for (int sparse = 0; sparse <= 1; sparse++) {
        uint64_t size = (3 << 20) + 5;
        pshmi_file file = create(NULL, size, 0600, sparse);
        publish(&file);
        cr_expect_eq(block_size(NAME), size);
        cr_expect(sparse ? block_memory(NAME) == 0 : block_memory(NAME) >= size);
        pshmi_file_close(&file);
        block_remove(NAME);
    }
}

/* Contents with zeros at the start, in the middle and at the end, over several chunks. */
static const char *spotted_contents(size_t size)
{
    static char contents[(2 << 20) + 4097];
    cr_assert(size <= sizeof contents);
    for (size_t at = 3 * 4096; at + 3 * 4096 < size; at += 5 * 4096)
        memset(contents + at, 'c', 4097);
    return contents;
}

TEST(file, has_its_contents_when_it_gets_its_name)
{
    static char found[(2 << 20) + 4097];
    static const size_t sizes[] = {1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, sizeof found};
    for (size_t i = 0; i < 2 * COUNT_OF(sizes); i++) {
        bool sparse = i % 2;
        size_t size = sizes[i / 2];
        const char *contents = spotted_contents(size);
        pshmi_file file = create(contents, size, 0600, sparse);
        publish(&file);
        cr_assert_eq(block_read(NAME, found, sizeof found), size);
        cr_assert_eq(memcmp(found, contents, size), 0, "%zu bytes, sparse %d", size, sparse);
        cr_expect(sparse || block_memory(NAME) >= size);
        pshmi_file_close(&file);
        block_remove(NAME);
    }
}

TEST(file, a_sparse_one_leaves_its_zeros_out)
{
    static const char zeros[1 << 20];
    pshmi_file file = create(zeros, sizeof zeros, 0600, true);
    publish(&file);
    cr_assert_eq(block_memory(NAME), 0);
    pshmi_file_close(&file);
    block_remove(NAME);
}

static int (*real_open)(const char *path, int flags, mode_t mode);

static int open_without_tmpfile(const char *path, int flags, mode_t mode)
{
    if ((flags & O_TMPFILE) != O_TMPFILE)
        return real_open(path, flags, mode);
    errno = EOPNOTSUPP;
    return -1;
}

static void refuse_tmpfile(void)
{
    real_open = pshmi_system.open;
    pshmi_system.open = open_without_tmpfile;
}

TEST(file, without_nameless_files_a_hidden_name_stands_in)
{
    refuse_tmpfile();
    pshmi_file file = create("abc", 3, 0640, false);
    cr_assert_eq(strncmp(file.hidden, ".polyshm-", 9), 0);
    cr_assert_eq(fcntl(file.descriptor, F_GETFD), FD_CLOEXEC);
    char hidden[PSHMI_NAME_SIZE];
    strcpy(hidden, file.hidden);
    cr_assert(block_exists(hidden));
    cr_assert_not(block_exists(NAME));
    publish(&file);
    cr_assert_not(block_exists(hidden));
    cr_assert_eq(block_status(NAME).st_mode & 0777, 0640);
    pshmi_file_close(&file);
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

TEST(file, a_hidden_name_goes_with_a_block_that_is_not_published)
{
    refuse_tmpfile();
    pshmi_file file = create(NULL, 3, 0600, false);
    char hidden[PSHMI_NAME_SIZE];
    strcpy(hidden, file.hidden);
    block_make(NAME, "old", 3);
    EXPECT_STATUS(POLYSHM_EEXIST, pshmi_file_publish(&file, NAME));
    pshmi_file_close(&file);
    cr_assert_not(block_exists(hidden));
    block_remove(NAME);
}

TEST(file, opens_a_block_and_knows_it)
{
    pshmi_file file;
    block_make(NAME, "contents", 8);
    for (int readonly = 0; readonly <= 1; readonly++) {
        EXPECT_OK(pshmi_file_open(NAME, readonly, &file));
        cr_expect_eq(file.size, 8);
        cr_expect_eq(file.owner, geteuid());
        cr_expect_eq(file.identity.inode, block_status(NAME).st_ino);
        cr_expect_eq(file.identity.device, block_status(NAME).st_dev);
        cr_expect_eq(fcntl(file.descriptor, F_GETFD), FD_CLOEXEC);
        cr_expect_eq(fcntl(file.descriptor, F_GETFL) & O_ACCMODE, readonly ? O_RDONLY : O_RDWR);
        pshmi_file_close(&file);
    }
    block_remove(NAME);
}

static void expect_not_opened(int32_t expected)
{
    for (int readonly = 0; readonly <= 1; readonly++) {
        pshmi_file file;
        EXPECT_STATUS(expected, pshmi_file_open(NAME, readonly, &file));
    }
}

TEST(file, opens_nothing_but_regular_files)
{
    expect_not_opened(POLYSHM_ENOENT);
    cr_assert_eq(mkdir(block_path(NAME), 0700), 0);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    block_remove(NAME);
    cr_assert_eq(mkfifo(block_path(NAME), 0600), 0);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    block_remove(NAME);
    block_make(OTHER, "x", 1);
    cr_assert_eq(symlink(OTHER, block_path(NAME)), 0);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    block_remove(OTHER);
    expect_not_opened(POLYSHM_ENOTBLOCK);
    block_remove(NAME);
}

static ssize_t (*real_pread)(int descriptor, void *data, size_t size, off_t offset);

/* Every other call is interrupted, and every other gives less than there is. */
static ssize_t read_haltingly(int descriptor, void *data, size_t size, off_t offset)
{
    static int calls;
    if (++calls % 2)
        return real_pread(descriptor, data, size < 3 ? size : 3, offset);
    errno = EINTR;
    return -1;
}

static ssize_t read_nothing(int descriptor, void *data, size_t size, off_t offset)
{
    (void)descriptor, (void)data, (void)size, (void)offset;
    errno = EIO;
    return -1;
}

TEST(file, is_read_as_far_as_it_goes)
{
    char bytes[32] = "untouched";
    uint64_t got;
    pshmi_file file = create("0123456789", 10, 0600, false);
    real_pread = pshmi_system.pread;
    for (int turn = 0; turn < 2; turn++) {
        EXPECT_OK(pshmi_file_read(&file, NAME, 2, bytes, 6, &got));
        cr_expect(got == 6 && memcmp(bytes, "234567he", 8) == 0);
        EXPECT_OK(pshmi_file_read(&file, NAME, 7, bytes, sizeof bytes, &got));
        cr_expect(got == 3 && memcmp(bytes, "789567he", 8) == 0);
        EXPECT_OK(pshmi_file_read(&file, NAME, 10, bytes, 1, &got));
        cr_expect_eq(got, 0);
        pshmi_system.pread = read_haltingly;
        strcpy(bytes, "untouched");
    }
    pshmi_system.pread = read_nothing;
    EXPECT_STATUS(POLYSHM_ESYSTEM, pshmi_file_read(&file, NAME, 0, bytes, 1, &got));
    pshmi_file_close(&file);
}

TEST(file, closing_keeps_errno)
{
    refuse_tmpfile();
    pshmi_file file = create(NULL, 1, 0600, false);
    block_remove(file.hidden); /* so that removing it fails */
    errno = E2BIG;
    pshmi_file_close(&file);
    cr_assert_eq(errno, E2BIG);
    cr_assert_eq(file.descriptor, -1);
}

TEST(file, exists_only_as_a_regular_file)
{
    bool exists = true;
    EXPECT_OK(pshmi_file_exists(NAME, &exists));
    cr_assert_not(exists);
    block_make(NAME, "", 0);
    EXPECT_OK(pshmi_file_exists(NAME, &exists));
    cr_assert(exists);
    block_remove(NAME);
    cr_assert_eq(symlink("nowhere", block_path(NAME)), 0);
    EXPECT_OK(pshmi_file_exists(NAME, &exists));
    cr_assert_not(exists);
    block_remove(NAME);
}

TEST(file, is_unlinked_only_by_its_identity)
{
    pshmi_file file = create(NULL, 1, 0600, false);
    publish(&file);
    cr_assert_eq(linkat(file.descriptor, "", AT_FDCWD, block_path(OTHER), AT_EMPTY_PATH), 0);
    block_remove(NAME);
    block_make(NAME, "another", 7);
    EXPECT_FAILURE(POLYSHM_ENOENT, "another block", pshmi_file_unlink(NAME, file.identity));
    cr_assert(block_exists(NAME));
    EXPECT_OK(pshmi_file_unlink(OTHER, file.identity));
    cr_assert_not(block_exists(OTHER));
    block_remove(NAME);
    EXPECT_FAILURE(POLYSHM_ENOENT, "its name is gone", pshmi_file_unlink(NAME, file.identity));
    pshmi_file_close(&file);
}

static void unlink_as_nobody(void *file)
{
    CHECK(setresuid(65534, 65534, 65534) == 0);
    CHECK(pshmi_file_unlink(NAME, ((pshmi_file *)file)->identity) == POLYSHM_OK);
    CHECK(strcmp(polyshm_error_message(), "") == 0);
}

TEST(file, can_be_unlinked_by_whoever_may_not_read_it)
{
    if (geteuid() != 0)
        SKIP("only root can make a block that its owner cannot read");
    pshmi_file file = create(NULL, 1, 0200, false);
    publish(&file);
    cr_assert_eq(chown(block_path(NAME), 65534, 65534), 0);
    EXPECT_CHILD(unlink_as_nobody, &file);
    cr_assert_not(block_exists(NAME));
    pshmi_file_close(&file);
}

static int locker;

TEST(file, unlinking_waits_a_second_for_whoever_keeps_it_locked)
{
    pshmi_file file = create(NULL, 1, 0600, false);
    publish(&file);
    locker = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(flock(locker, LOCK_EX), 0);
    double before = pshmi_clock_now();
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "keeps its file locked", pshmi_file_unlink(NAME, file.identity));
    cr_assert(pshmi_clock_now() - before >= 1);
    cr_assert(block_exists(NAME));
    close(locker);
    EXPECT_OK(pshmi_file_unlink(NAME, file.identity));
    pshmi_file_close(&file);
}

static int unlock_and_interrupt(const struct timespec *time, struct timespec *left)
{
    (void)time, (void)left;
    flock(locker, LOCK_UN);
    errno = EINTR;
    return -1;
}

TEST(file, unlinking_goes_on_when_the_lock_is_free_whatever_interrupts_it)
{
    pshmi_file file = create(NULL, 1, 0600, false);
    publish(&file);
    locker = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(flock(locker, LOCK_EX), 0);
    pshmi_system.nanosleep = unlock_and_interrupt;
    EXPECT_OK(pshmi_file_unlink(NAME, file.identity));
    cr_assert_str_eq(polyshm_error_message(), "", "a success left a message");
    close(locker);
    pshmi_file_close(&file);
}

static pshmi_file *reopened;
static int (*real_dup3)(int from, int to, int flags);

/* At this moment the old description is about to go: the new one must have a share of its own. */
static int look_and_dup(int from, int to, int flags)
{
    bool held = false;
    EXPECT_OK(pshmi_lease_is_held(reopened, NAME, &held));
    cr_assert(held);
    return real_dup3(from, to, flags);
}

TEST(file, is_reopened_under_its_descriptor_and_never_without_a_lease)
{
    bool taken;
    pshmi_file file = create(NULL, 1, 0600, false);
    publish(&file);
    int descriptor = file.descriptor, descriptors = descriptors_count();
    EXPECT_OK(pshmi_lease_take(&file, NAME, 1, &taken));
    reopened = &file;
    real_dup3 = pshmi_system.dup3;
    pshmi_system.dup3 = look_and_dup;
    pshmi_file_reopen(&file, false);
    pshmi_system.dup3 = real_dup3;
    cr_assert_eq(file.descriptor, descriptor);
    cr_assert_eq(descriptors_count(), descriptors);
    cr_assert_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);

    pshmi_file other;
    EXPECT_OK(pshmi_file_open(NAME, true, &other));
    EXPECT_OK(pshmi_lease_is_held(&other, NAME, &taken));
    cr_assert(taken);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 1, &taken));
    cr_assert_not(taken, "the leases of the old description went with it");
    pshmi_file_close(&other);
    pshmi_file_close(&file);
    block_remove(NAME);
}

static int dup_nothing(int from, int to, int flags)
{
    (void)from, (void)to, (void)flags;
    errno = EMFILE;
    return -1;
}

TEST(file, that_cannot_be_reopened_is_closed)
{
    pshmi_file file = create(NULL, 1, 0600, false);
    int descriptors = descriptors_count();
    real_dup3 = pshmi_system.dup3;
    pshmi_system.dup3 = dup_nothing;
    pshmi_file_reopen(&file, false);
    pshmi_system.dup3 = real_dup3;
    cr_assert_eq(file.descriptor, -1);
    cr_assert_eq(descriptors_count(), descriptors - 1);
    pshmi_file_close(&file);
}

static int (*real_close)(int descriptor);
static int kept;

/* A child that is forked at this moment keeps the description. */
static int keep_and_close(int descriptor)
{
    pshmi_system.close = real_close;
    kept = dup(descriptor);
    return real_close(descriptor);
}

TEST(file, is_not_kept_locked_by_who_inherits_an_unlink)
{
    pshmi_file file = create(NULL, 1, 0600, false);
    publish(&file);
    real_close = pshmi_system.close;
    pshmi_system.close = keep_and_close;
    EXPECT_OK(pshmi_file_unlink(NAME, file.identity));
    cr_assert_eq(flock(file.descriptor, LOCK_EX | LOCK_NB), 0);
    close(kept);
    pshmi_file_close(&file);
}

/* A block of that name that nobody has open, and what it is. */
static pshmi_identity leave_block(uint32_t mode)
{
    pshmi_file file = create("x", 1, mode, false);
    publish(&file);
    pshmi_file_close(&file);
    return file.identity;
}

static bool is_reaped(pshmi_identity identity, bool dry)
{
    bool gone = false;
    EXPECT_OK(pshmi_file_reap(NAME, identity, dry, &gone));
    return gone;
}

TEST(file, is_reaped_when_nobody_has_it_open)
{
    pshmi_identity identity = leave_block(0600);
    cr_assert(is_reaped(identity, true), "it would go");
    cr_assert(block_exists(NAME), "a dry run removes nothing");
    cr_assert(is_reaped(identity, false));
    cr_assert_not(block_exists(NAME));
    cr_assert(is_reaped(identity, false), "what is gone is gone");
    cr_assert_str_eq(polyshm_error_message(), "");
}

TEST(file, is_not_reaped_while_anybody_has_it_open_or_mapped)
{
    static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR};
    pshmi_identity identity = leave_block(0600);
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        int stock = open(block_path(NAME), flags[i] | O_CLOEXEC);
        cr_assert_not(is_reaped(identity, false), "flags %d", flags[i]);
        close(stock);
    }
    int stock = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    void *mapping = mmap(NULL, 1, PROT_READ, MAP_SHARED, stock, 0);
    close(stock);
    cr_assert_not(is_reaped(identity, false), "only mapped");
    cr_assert(block_exists(NAME));
    munmap(mapping, 1);
    cr_assert(is_reaped(identity, false));
}

TEST(file, is_reaped_by_its_identity)
{
    pshmi_identity identity = leave_block(0600);
    pshmi_identity another = {.device = identity.device, .inode = identity.inode + 1};
    cr_assert(is_reaped(another, false), "that one is gone");
    cr_assert(block_exists(NAME));
    block_remove(NAME);
    cr_assert_eq(symlink("nowhere", block_path(NAME)), 0);
    cr_assert(is_reaped(identity, false));
    cr_assert(block_exists(NAME), "a link is none of ours");
    block_remove(NAME);
}

static void reap_own(void *unused)
{
    static const uint32_t modes[] = {0200, 0100, 0077};
    (void)unused;
    CHECK(setresuid(65534, 65534, 65534) == 0);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        pshmi_file file;
        bool gone = false;
        CHECK(pshmi_file_create(NAME, "x", 1, modes[i], false, &file) == POLYSHM_OK);
        CHECK(pshmi_file_publish(&file, NAME) == POLYSHM_OK);
        pshmi_file_close(&file);
        CHECK(pshmi_file_reap(NAME, file.identity, true, &gone) == POLYSHM_OK && gone && block_exists(NAME));
        CHECK(pshmi_file_reap(NAME, file.identity, false, &gone) == POLYSHM_OK && gone && !block_exists(NAME));
    }
}

TEST(file, that_its_owner_may_not_read_is_reaped_all_the_same)
{
    if (geteuid() != 0)
        SKIP("root reads everything, and only root becomes nobody");
    EXPECT_CHILD(reap_own, NULL);
}

static void reap_anothers(void *identity)
{
    bool gone = false;
    CHECK(setresuid(65534, 65534, 65534) == 0);
    CHECK(pshmi_file_reap(NAME, *(pshmi_identity *)identity, false, &gone) == POLYSHM_OK);
    CHECK(gone && block_exists(NAME));
}

TEST(file, of_another_user_is_none_of_ours_to_wait_for)
{
    pshmi_identity identity = leave_block(0600);
    if (geteuid() != 0)
        SKIP("only root becomes nobody");
    EXPECT_CHILD(reap_anothers, &identity);
    block_remove(NAME);
}

static int refuse_lease(int descriptor, int type)
{
    (void)descriptor, (void)type;
    errno = EINVAL;
    return -1;
}

TEST(file, where_there_are_no_write_leases_only_polyshm_keeps_it)
{
    pshmi_file file;
    pshmi_identity identity = leave_block(0600);
    pshmi_system.setlease = refuse_lease;
    EXPECT_OK(pshmi_file_open(NAME, false, &file));
    EXPECT_OK(pshmi_lease_share(&file, NAME));
    cr_assert_not(is_reaped(identity, false));
    pshmi_file_close(&file);
    cr_assert(is_reaped(identity, false));
    cr_assert_not(block_exists(NAME));
}

static int give_lease_back(const struct timespec *time, struct timespec *left)
{
    (void)time, (void)left;
    return fcntl(locker, F_SETLEASE, F_UNLCK);
}

TEST(file, opening_waits_for_whoever_is_about_to_reap_it)
{
    pshmi_file file;
    pshmi_identity identity = leave_block(0600);
    locker = open(block_path(NAME), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(fcntl(locker, F_SETSIG, SIGURG), 0);
    cr_assert_eq(fcntl(locker, F_SETLEASE, F_WRLCK), 0);
    cr_assert(pshmi_file_is(NAME, identity), "looking takes no opening");
    pshmi_system.nanosleep = give_lease_back;
    EXPECT_OK(pshmi_file_open(NAME, false, &file));
    pshmi_file_close(&file);
    close(locker);
    block_remove(NAME);
}

static int open_and_unlink(const char *path, int flags, mode_t mode)
{
    int descriptor = real_open(path, flags, mode);
    block_remove(NAME);
    return descriptor;
}

TEST(file, that_is_unlinked_while_it_is_opened_is_no_block)
{
    pshmi_file file;
    leave_block(0600);
    real_open = pshmi_system.open;
    pshmi_system.open = open_and_unlink;
    EXPECT_FAILURE(POLYSHM_ENOENT, "just removed", pshmi_file_open(NAME, false, &file));
}

static size_t visited;

static void count_name(void *name, const char *found)
{
    visited += strcmp(name, found) == 0;
}

TEST(file, all_names_are_visited)
{
    leave_block(0600);
    EXPECT_OK(pshmi_file_visit(count_name, (void *)(uintptr_t)NAME));
    cr_assert_eq(visited, 1);
    uint64_t device = 0;
    EXPECT_OK(pshmi_file_device(&device));
    cr_assert_eq(device, block_status(NAME).st_dev);
    block_remove(NAME);
}

static int find_nothing(const char *path, struct stat *status)
{
    (void)path, (void)status;
    errno = ENOENT;
    return -1;
}

TEST(file, without_the_folder_of_blocks_one_is_told_to_mount_it)
{
    uint64_t device;
    pshmi_system.lstat = find_nothing;
    EXPECT_STATUS(POLYSHM_ESYSTEM, pshmi_file_device(&device));
    cr_assert_str_eq(polyshm_error_message(), "there is no /dev/shm; mount a tmpfs there");
}
