/* The table of system calls, and what errno means to our callers. */
#include "system.h"

#include <errno.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A standard stream that the program has closed stays closed: else what it prints, or what an assert of its libraries
 * says, would be written over a block. */
static int open_with_mode(const char *path, int flags, mode_t mode)
{
    int descriptor = open(path, flags, mode);
    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(descriptor);
    if (moved < 0)
        errno = EMFILE; /* EINVAL where the limit leaves no number beyond those three */
    return moved;
}

/* By number: musl has no function for it. */
static int rename_noreplace(const char *from, const char *to)
{
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

static int lock(int descriptor, int command, struct flock *range)
{
    return fcntl(descriptor, command, range);
}

/* A signal tells that somebody wants the lease: one that a process ignores unless it asks for it. */
static int setlease(int descriptor, int type)
{
    return fcntl(descriptor, F_SETSIG, SIGURG) == 0 ? fcntl(descriptor, F_SETLEASE, type) : -1;
}

pshmi_system_calls pshmi_system = {
    .open = open_with_mode,
    .close = close,
    .dup3 = dup3,
    .fstat = fstat,
    .lstat = lstat,
    .fchmod = fchmod,
    .ftruncate = ftruncate,
    .fallocate = fallocate,
    .write = write,
    .pread = pread,
    .pwrite = pwrite,
    .fstatvfs = fstatvfs,
    .mkdir = mkdir,
    .linkat = linkat,
    .rename_noreplace = rename_noreplace,
    .unlink = unlink,
    .lock = lock,
    .setlease = setlease,
    .flock = flock,
    .mmap = mmap,
    .munmap = munmap,
    .nanosleep = nanosleep,
};

static int32_t status_of(int number)
{
    switch (number) {
    case EEXIST:
        return POLYSHM_EEXIST;
    case ENOENT:
        return POLYSHM_ENOENT;
    case EACCES:
    case EPERM:
    case EROFS:
        return POLYSHM_EACCES;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* beyond RLIMIT_FSIZE, or beyond what the file system can address */
        return POLYSHM_ENOSPC;
    case ENOMEM:
        return POLYSHM_ENOMEM;
    case EMFILE:
    case ENFILE:
        return POLYSHM_EMFILE;
    case EINTR:
        return POLYSHM_EINTR;
    case ENAMETOOLONG:
        return POLYSHM_ENAME;
    case ELOOP: /* O_NOFOLLOW met a symbolic link */
    case EISDIR:
    case ENXIO:
    case ENODEV:
        return POLYSHM_ENOTBLOCK;
    default:
        return POLYSHM_ESYSTEM;
    }
}

/* What to do about it, where that is not plain from the words of the system. */
static const char *way_out(int number)
{
    switch (number) {
    case EEXIST:
        return "; attach to it, or take another name";
    case EMFILE:
        return "; close attachments or raise the limit (ulimit -n)";
    case EROFS:
        return "; /dev/shm is mounted read-only, remount it read-write";
    case EFBIG:
        return "; see the limit of file sizes (ulimit -f)";
    case ELOOP:
        return "; it is a symbolic link, and links are not followed";
    default:
        return "";
    }
}

bool pshmi_system_is_over_limit(uint64_t size)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur;
}

int32_t pshmi_system_fail(const char *what, const char *name)
{
    int number = errno;
    return pshmi_fail(status_of(number), "cannot %s block '%s': %s%s", what, name, strerror(number), way_out(number));
}

int32_t pshmi_system_fail_at(const char *what, const char *path)
{
    int number = errno;
    return pshmi_fail(status_of(number), "cannot %s '%s': %s", what, path, strerror(number));
}
