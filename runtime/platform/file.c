/* Blocks as files in /dev/shm.
 *
 * A new block is opened without a name (O_TMPFILE), sized, reserved and leased, and then linked to its name in one
 * step. Until then only this process knows it, and the kernel drops it if the process dies. On a file system that
 * has no O_TMPFILE it has a hidden name meanwhile, which a killed process leaves behind; renaming, which never
 * replaces, publishes it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "platform.h"
#include "system.h"

#define FOLDER PSHMI_SYSTEM_BLOCKS

enum { PATH_SIZE = sizeof FOLDER + 1 + PSHMI_NAME_MAX };

/* tmpfs undoes the whole request when a signal arrives in the middle of one (mm/shmem.c, shmem_fallocate), and refuses
 * at once one that is larger than memory. Small requests make progress whatever happens. */
static const uint64_t RESERVE_CHUNK = 1 << 20;

/* What a sparse block leaves out, if it is zeros: a page. */
enum { HOLE_SIZE = 4096 };

/* How long who wants to lock a file waits for another process that has it locked; ours need microseconds for a block, and for
 * a book some a block. */
static const double LOCK_TIMEOUT = 1.0;

/* How long opening waits for another process that has a write lease on the block; ours need microseconds. */
static const double LEASE_TIMEOUT = 1.0;

static void path_of(const char *name, char path[PATH_SIZE])
{
    size_t size = strnlen(name, PSHMI_NAME_MAX);
    memcpy(path, FOLDER "/", sizeof FOLDER);
    memcpy(path + sizeof FOLDER, name, size);
    path[sizeof FOLDER + size] = '\0';
}

static pshmi_identity identity_of(const struct stat *status)
{
    return (pshmi_identity){.device = status->st_dev, .inode = status->st_ino};
}

static int32_t fail_no_space(const pshmi_file *file, const char *name, uint64_t size)
{
    struct statvfs status;
    uint64_t available = 0;
    if (pshmi_system.fstatvfs(file->descriptor, &status) == 0)
        available = (uint64_t)status.f_bavail * status.f_frsize;
    return pshmi_fail(POLYSHM_ENOSPC,
                      "block '%s' of %" PRIu64 " bytes does not fit: " FOLDER " has %" PRIu64
                      " bytes left; remove blocks or mount it larger (mount -o remount,size=... " FOLDER ")",
                      name, size, available);
}

/* A block that cannot fit is refused before it takes the room of others away for a while. */
static bool has_room(const pshmi_file *file, uint64_t size)
{
    struct statvfs status;
    if (size <= RESERVE_CHUNK || pshmi_system.fstatvfs(file->descriptor, &status) != 0 || status.f_blocks == 0)
        return true; /* no limit, or unknown: let the reservation find out */
    return size / status.f_frsize <= status.f_bavail;
}

static int32_t reserve(const pshmi_file *file, const char *name, uint64_t size)
{
    if (!has_room(file, size))
        return fail_no_space(file, name, size);
    for (uint64_t at = 0; at < size;) {
        uint64_t chunk = size - at < RESERVE_CHUNK ? size - at : RESERVE_CHUNK;
        if (pshmi_system.fallocate(file->descriptor, 0, (off_t)at, (off_t)chunk) == 0)
            at += chunk;
        else if (errno == ENOSPC)
            return fail_no_space(file, name, size);
        else if (errno != EINTR)
            return pshmi_system_fail("reserve memory for", name);
    }
    return POLYSHM_OK;
}

/* The bytes from `at` on that are to be written in one piece: 0 where a sparse file can keep its hole. */
static uint64_t piece_at(const char *contents, uint64_t size, uint64_t at, bool sparse)
{
    static const char zeros[HOLE_SIZE];
    uint64_t limit = sparse ? HOLE_SIZE : RESERVE_CHUNK;
    uint64_t piece = size - at < limit ? size - at : limit;
    return sparse && memcmp(contents + at, zeros, (size_t)piece) == 0 ? 0 : piece;
}

/* Writing takes memory as reserving does, and then spares the page faults of filling a mapping. */
static int32_t fill(const pshmi_file *file, const char *name, const char *contents, uint64_t size, bool sparse)
{
    if (!sparse && !has_room(file, size))
        return fail_no_space(file, name, size);
    for (uint64_t at = 0; at < size;) {
        uint64_t piece = piece_at(contents, size, at, sparse);
        if (piece == 0) {
            at += HOLE_SIZE;
            continue;
        }
        ssize_t written = pshmi_system.pwrite(file->descriptor, contents + at, (size_t)piece, (off_t)at);
        if (written > 0)
            at += (uint64_t)written;
        else if (written == 0 || errno == ENOSPC)
            return fail_no_space(file, name, size);
        else if (errno != EINTR)
            return pshmi_system_fail("fill", name);
    }
    return POLYSHM_OK;
}

static int32_t fail_no_folder(void)
{
    return pshmi_fail(POLYSHM_ESYSTEM, "there is no " FOLDER "; mount a tmpfs there");
}

static int32_t open_hidden(const char *name, mode_t mode, pshmi_file *file)
{
    char path[PATH_SIZE];
    do {
        snprintf(file->hidden, sizeof file->hidden, ".polyshm-%08" PRIx32, pshmi_random());
        path_of(file->hidden, path);
        file->descriptor = pshmi_system.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    } while (file->descriptor < 0 && errno == EEXIST);
    return file->descriptor < 0 ? pshmi_system_fail("create", name) : POLYSHM_OK;
}

static int32_t open_nameless(const char *name, mode_t mode, pshmi_file *file)
{
    file->hidden[0] = '\0';
    file->descriptor = pshmi_system.open(FOLDER, O_RDWR | O_TMPFILE | O_CLOEXEC, mode);
    if (file->descriptor >= 0)
        return POLYSHM_OK;
    if (errno == EOPNOTSUPP || errno == EISDIR) /* no O_TMPFILE in the file system, or in the kernel */
        return open_hidden(name, mode, file);
    return errno == ENOENT ? fail_no_folder() : pshmi_system_fail("make a file in " FOLDER " for", name);
}

static int32_t look(const char *name, pshmi_file *file, struct stat *status)
{
    if (pshmi_system.fstat(file->descriptor, status) != 0)
        return pshmi_system_fail("look at", name);
    file->owner = status->st_uid;
    file->size = (uint64_t)status->st_size;
    file->identity = identity_of(status);
    return POLYSHM_OK;
}

/* Gives the open file its mode, size, memory and contents. */
static int32_t furnish(const char *name, const void *contents, uint64_t size, uint32_t mode, bool sparse,
                       pshmi_file *file)
{
    struct stat status;
    int32_t failure = look(name, file, &status);
    if (failure)
        return failure;
    if ((status.st_mode & 07777) != mode && pshmi_system.fchmod(file->descriptor, mode) != 0) /* the umask took bits */
        return pshmi_system_fail("set the mode of", name);
    file->size = size;
    /* What is not sparse grows by being written or reserved. */
    if (sparse && pshmi_system.ftruncate(file->descriptor, (off_t)size) != 0)
        return pshmi_system_fail("size", name);
    if (contents)
        return fill(file, name, contents, size, sparse);
    return sparse ? POLYSHM_OK : reserve(file, name, size);
}

int32_t pshmi_file_create(const char *name, const void *contents, uint64_t size, uint32_t mode, bool sparse,
                          pshmi_file *file)
{
    if (pshmi_system_is_over_limit(size))
        return pshmi_fail(POLYSHM_ENOSPC, "block '%s': %" PRIu64 " bytes are over the limit of file sizes (ulimit -f)",
                          name, size);
    int32_t failure = open_nameless(name, mode, file);
    if (failure)
        return failure;
    failure = furnish(name, contents, size, mode, sparse, file);
    if (!failure)
        failure = pshmi_lease_share(file, name);
    if (failure)
        pshmi_file_close(file);
    return failure;
}

/* snprintf is not for a child after fork (signal-safety(7)). */
static void path_of_descriptor(int descriptor, char path[32])
{
    static const char folder[] = "/proc/self/fd/";
    char digits[12];
    size_t count = 0, at = sizeof folder - 1;
    do
        digits[count++] = (char)('0' + descriptor % 10);
    while (descriptor /= 10);
    memcpy(path, folder, at);
    while (count)
        path[at++] = digits[--count];
    path[at] = '\0';
}

/* Linking a descriptor directly takes a privilege on kernels before 6.10, which say ENOENT without it; by way of
 * /proc anybody can (linkat(2)). */
static int link_descriptor(int descriptor, const char *path)
{
    if (pshmi_system.linkat(descriptor, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != ENOENT)
        return -1;
    char self[32];
    path_of_descriptor(descriptor, self);
    return pshmi_system.linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int32_t pshmi_file_publish(pshmi_file *file, const char *name)
{
    char path[PATH_SIZE], hidden[PATH_SIZE];
    path_of(name, path);
    if (file->hidden[0]) {
        path_of(file->hidden, hidden);
        if (pshmi_system.rename_noreplace(hidden, path) != 0)
            return pshmi_system_fail("create", name);
        file->hidden[0] = '\0';
        return POLYSHM_OK;
    }
    if (link_descriptor(file->descriptor, path) == 0)
        return POLYSHM_OK;
    if (errno == ENOENT)
        return pshmi_fail(POLYSHM_ESYSTEM, "cannot create block '%s': naming it takes /proc; mount it", name);
    return pshmi_system_fail("create", name);
}

/* Opens it, as soon as nobody has a write lease on it: pshmi_file_reap has one for a moment. */
static int open_unleased(const char *name, bool readonly)
{
    /* O_NONBLOCK: whoever puts a FIFO there shall not make us wait for its writer. */
    int flags = (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    char path[PATH_SIZE];
    path_of(name, path);
    double deadline = 0;
    for (;;) {
        int descriptor = pshmi_system.open(path, flags, 0);
        if (descriptor >= 0 || errno != EWOULDBLOCK)
            return descriptor;
        double now = pshmi_clock_now();
        if (deadline == 0)
            deadline = now + LEASE_TIMEOUT;
        if (now > deadline)
            return -1;
        pshmi_clock_sleep(0.0001);
    }
}

int32_t pshmi_file_open(const char *name, bool readonly, pshmi_file *file)
{
    file->hidden[0] = '\0';
    file->descriptor = open_unleased(name, readonly);
    if (file->descriptor < 0)
        return pshmi_system_fail("attach to", name);

    struct stat status;
    int32_t failure = look(name, file, &status);
    if (!failure && status.st_nlink == 0) /* since it was opened */
        failure = pshmi_fail(POLYSHM_ENOENT, "cannot attach to block '%s': it was just removed", name);
    if (!failure && !S_ISREG(status.st_mode))
        failure = pshmi_fail(POLYSHM_ENOTBLOCK, "'%s' is no block: " FOLDER "/%s is no regular file", name, name);
    if (failure)
        pshmi_file_close(file);
    return failure;
}

int32_t pshmi_file_read(const pshmi_file *file, const char *name, uint64_t offset, void *data, uint64_t size,
                        uint64_t *got)
{
    for (*got = 0; *got < size;) {
        ssize_t more =
            pshmi_system.pread(file->descriptor, (char *)data + *got, (size_t)(size - *got), (off_t)(offset + *got));
        if (more > 0)
            *got += (uint64_t)more;
        else if (more == 0)
            break;
        else if (errno != EINTR)
            return pshmi_system_fail("read", name);
    }
    return POLYSHM_OK;
}

void pshmi_file_close(pshmi_file *file)
{
    int number = errno;
    if (file->hidden[0]) {
        char path[PATH_SIZE];
        path_of(file->hidden, path);
        pshmi_system.unlink(path);
        file->hidden[0] = '\0';
    }
    if (file->descriptor >= 0)
        pshmi_system.close(file->descriptor);
    file->descriptor = -1;
    errno = number;
}

void pshmi_file_reopen(pshmi_file *file, bool readonly)
{
    char self[32];
    pshmi_file fresh = *file;
    path_of_descriptor(file->descriptor, self);
    fresh.descriptor = pshmi_system.open(self, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC, 0);
    if (fresh.descriptor >= 0)
        pshmi_lease_share(&fresh, ""); /* while the old one is still held: the parent may be gone */
    if (fresh.descriptor < 0 || pshmi_system.dup3(fresh.descriptor, file->descriptor, O_CLOEXEC) < 0) {
        pshmi_system.close(file->descriptor);
        file->descriptor = -1;
    }
    if (fresh.descriptor >= 0)
        pshmi_system.close(fresh.descriptor);
}

int32_t pshmi_file_device(uint64_t *device)
{
    struct stat status;
    if (pshmi_system.lstat(FOLDER "/.", &status) != 0)
        return errno == ENOENT ? fail_no_folder() : pshmi_system_fail_at("look at", FOLDER);
    *device = status.st_dev;
    return POLYSHM_OK;
}

bool pshmi_file_is(const char *name, pshmi_identity identity)
{
    char path[PATH_SIZE];
    struct stat status;
    path_of(name, path);
    if (pshmi_system.lstat(path, &status) != 0)
        return errno != ENOENT;
    return pshmi_identity_equal(identity_of(&status), identity);
}

int32_t pshmi_file_exists(const char *name, bool *exists)
{
    char path[PATH_SIZE];
    struct stat status;
    path_of(name, path);
    if (pshmi_system.lstat(path, &status) != 0) {
        if (errno != ENOENT)
            return pshmi_system_fail("look for", name);
        *exists = false;
        return POLYSHM_OK;
    }
    *exists = S_ISREG(status.st_mode);
    return POLYSHM_OK;
}

int32_t pshmi_file_lock(const pshmi_file *file, const char *purpose, const char *name)
{
    double deadline = pshmi_clock_now() + LOCK_TIMEOUT;
    while (pshmi_system.flock(file->descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return pshmi_system_fail("lock", name);
        if (pshmi_clock_now() > deadline)
            return pshmi_fail(POLYSHM_ETIMEDOUT, "cannot %s '%s': another process keeps its file locked", purpose,
                              name);
        pshmi_clock_sleep(0.0005);
    }
    return POLYSHM_OK;
}

void pshmi_file_unlock(const pshmi_file *file)
{
    pshmi_system.flock(file->descriptor, LOCK_UN);
}

static int32_t unlink_if_same(const char *name, pshmi_identity identity)
{
    char path[PATH_SIZE];
    struct stat status;
    path_of(name, path);
    if (pshmi_system.lstat(path, &status) != 0)
        return pshmi_system_fail("unlink", name);
    if (!pshmi_identity_equal(identity_of(&status), identity))
        return pshmi_fail(POLYSHM_ENOENT, "cannot unlink block '%s': the name stands for another block by now", name);
    return pshmi_system.unlink(path) == 0 ? POLYSHM_OK : pshmi_system_fail("unlink", name);
}

/* Removes the name of an open block that nobody else has open. The kernel grants a write lease only then, and lets nobody
 * open the file while it is held (fcntl(2)). Who is in the middle of attaching finds the block without a name. */
static int32_t reap(const pshmi_file *file, const char *name, bool dry, bool *gone)
{
    bool held = false, leased = pshmi_system.setlease(file->descriptor, F_WRLCK) == 0;
    if (!leased && errno == EAGAIN)
        return POLYSHM_OK;
    int32_t failure = pshmi_lease_is_held(file, name, &held); /* counts where there is no such lease */
    if (!failure && !held) {
        failure = dry ? POLYSHM_OK : unlink_if_same(name, file->identity);
        *gone = !failure || failure == POLYSHM_ENOENT;
    }
    if (leased)
        pshmi_system.setlease(file->descriptor, F_UNLCK);
    return *gone ? POLYSHM_OK : failure;
}

int32_t pshmi_file_reap(const char *name, pshmi_identity identity, bool dry, bool *gone)
{
    pshmi_file file;
    pshmi_error_record before = pshmi_error_save();
    int32_t failure = pshmi_file_open(name, true, &file);
    *gone = failure == POLYSHM_ENOENT || failure == POLYSHM_ENOTBLOCK;
    if (failure == POLYSHM_EACCES) { /* so nobody of this user is in it; and another user's is not ours to remove */
        if (pshmi_file_is(name, identity) && !dry)
            unlink_if_same(name, identity);
        *gone = true;
    }
    if (!failure) {
        *gone = !pshmi_identity_equal(file.identity, identity);
        if (!*gone)
            failure = reap(&file, name, dry, gone);
        pshmi_file_close(&file);
    }
    if (*gone)
        pshmi_error_restore(&before);
    return *gone ? POLYSHM_OK : failure;
}

/* Which block it is that was opened shows when it is locked: its name stands for that block, or nothing is removed. */
int32_t pshmi_file_unlink(const char *name, pshmi_identity identity)
{
    pshmi_file file = {.descriptor = open_unleased(name, true)};
    pshmi_error_record before = pshmi_error_save();
    if (file.descriptor < 0) {
        int32_t failure = pshmi_system_fail("unlink", name);
        if (failure == POLYSHM_ENOENT || failure == POLYSHM_ENOTBLOCK)
            return pshmi_fail(POLYSHM_ENOENT, "cannot unlink block '%s': its name is gone", name);
        if (failure != POLYSHM_EACCES && failure != POLYSHM_EMFILE)
            return failure;
        pshmi_error_restore(&before); /* the name can still go, if only without the lock */
        return unlink_if_same(name, identity);
    }

    int32_t failure = pshmi_file_lock(&file, "unlink block", name);
    if (!failure) {
        failure = unlink_if_same(name, identity);
        pshmi_file_unlock(&file);
    }
    if (!failure)
        pshmi_error_restore(&before);
    pshmi_file_close(&file);
    return failure;
}
