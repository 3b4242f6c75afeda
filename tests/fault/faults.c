/* Faults at will. Every entry of pshmi_system's table is replaced by one that asks strikes(), and then either fails or
 * goes on to the system. */
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"
#include "system.h"

enum { CALLS_MAX = 4096, PATH_SIZE = 320 };

static pshmi_system_calls real;
static bool refuses_tmpfile;
static char *hidden; /* shared with children */

static struct {
    int count;
    fault_call calls[CALLS_MAX];
    int fail_at, kill_at; /* -1: never */
    int error;
    fault_call all; /* the kind that always fails; CALLS: none */
} now;

/* Whether this call is to fail; errno is set then. */
static bool strikes(fault_call call)
{
    int at = now.count++;
    if (at < CALLS_MAX)
        now.calls[at] = call;
    if (at == now.kill_at)
        raise(SIGKILL);
    if (at == now.fail_at || call == now.all) {
        errno = now.error;
        return true;
    }
    return false;
}

static int fault_open(const char *path, int flags, mode_t mode)
{
    if (strikes(CALL_OPEN))
        return -1;
    if (refuses_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if ((flags & O_CREAT))
        snprintf(hidden, PATH_SIZE, "%s", strrchr(path, '/') + 1);
    return real.open(path, flags, mode);
}

static int fault_close(int descriptor)
{
    int error = strikes(CALL_CLOSE) ? errno : 0;
    int status = real.close(descriptor);
    if (!error)
        return status;
    errno = error;
    return -1;
}

static int fault_munmap(void *address, size_t size)
{
    int error = strikes(CALL_MUNMAP) ? errno : 0;
    int status = real.munmap(address, size);
    if (!error)
        return status;
    errno = error;
    return -1;
}

/* The others have nothing of their own. */
#define PASS(CALL, type, failure, function, parameters, arguments)                                                     \
    static type fault_##function parameters                                                                            \
    {                                                                                                                  \
        return strikes(CALL) ? failure : real.function arguments;                                                      \
    }

PASS(CALL_DUP, int, -1, dup3, (int from, int to, int flags), (from, to, flags))
PASS(CALL_FSTAT, int, -1, fstat, (int descriptor, struct stat *status), (descriptor, status))
PASS(CALL_LSTAT, int, -1, lstat, (const char *path, struct stat *status), (path, status))
PASS(CALL_FCHMOD, int, -1, fchmod, (int descriptor, mode_t mode), (descriptor, mode))
PASS(CALL_FTRUNCATE, int, -1, ftruncate, (int descriptor, off_t size), (descriptor, size))
PASS(CALL_FALLOCATE, int, -1, fallocate, (int descriptor, int mode, off_t offset, off_t size),
     (descriptor, mode, offset, size))
PASS(CALL_WRITE, ssize_t, -1, write, (int descriptor, const void *data, size_t size), (descriptor, data, size))
PASS(CALL_PREAD, ssize_t, -1, pread, (int descriptor, void *data, size_t size, off_t offset),
     (descriptor, data, size, offset))
PASS(CALL_PWRITE, ssize_t, -1, pwrite, (int descriptor, const void *data, size_t size, off_t offset),
     (descriptor, data, size, offset))
PASS(CALL_FSTATVFS, int, -1, fstatvfs, (int descriptor, struct statvfs *status), (descriptor, status))
PASS(CALL_MKDIR, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
PASS(CALL_LINKAT, int, -1, linkat, (int from_folder, const char *from, int to_folder, const char *to, int flags),
     (from_folder, from, to_folder, to, flags))
PASS(CALL_RENAME, int, -1, rename_noreplace, (const char *from, const char *to), (from, to))
PASS(CALL_UNLINK, int, -1, unlink, (const char *path), (path))
PASS(CALL_LOCK, int, -1, lock, (int descriptor, int command, struct flock *range), (descriptor, command, range))
PASS(CALL_SETLEASE, int, -1, setlease, (int descriptor, int type), (descriptor, type))
PASS(CALL_FLOCK, int, -1, flock, (int descriptor, int operation), (descriptor, operation))
PASS(CALL_MMAP, void *, MAP_FAILED, mmap,
     (void *address, size_t size, int protection, int flags, int descriptor, off_t offset),
     (address, size, protection, flags, descriptor, offset))
PASS(CALL_NANOSLEEP, int, -1, nanosleep, (const struct timespec *time, struct timespec *left), (time, left))

static const pshmi_system_calls faulty = {
    .open = fault_open,
    .close = fault_close,
    .dup3 = fault_dup3,
    .fstat = fault_fstat,
    .lstat = fault_lstat,
    .fchmod = fault_fchmod,
    .ftruncate = fault_ftruncate,
    .fallocate = fault_fallocate,
    .write = fault_write,
    .pread = fault_pread,
    .pwrite = fault_pwrite,
    .fstatvfs = fault_fstatvfs,
    .mkdir = fault_mkdir,
    .linkat = fault_linkat,
    .rename_noreplace = fault_rename_noreplace,
    .unlink = fault_unlink,
    .lock = fault_lock,
    .setlease = fault_setlease,
    .flock = fault_flock,
    .mmap = fault_mmap,
    .munmap = fault_munmap,
    .nanosleep = fault_nanosleep,
};

void faults_reset(void)
{
    if (!hidden) {
        real = pshmi_system;
        pshmi_system = faulty;
        hidden = shared_memory(PATH_SIZE);
    }
    now.count = 0;
    now.fail_at = now.kill_at = -1;
    now.all = CALLS;
    hidden[0] = '\0';
}

void faults_fail(int at, int error)
{
    now.fail_at = now.count + at;
    now.error = error;
}

void faults_fail_all(fault_call call, int error)
{
    now.all = call;
    now.error = error;
}

void faults_kill(int at)
{
    now.kill_at = now.count + at;
}

void faults_refuse_tmpfile(void)
{
    refuses_tmpfile = true;
}

int faults_count(void)
{
    return now.count;
}

fault_call faults_call(int at)
{
    return now.calls[at];
}

const char *faults_name(fault_call call)
{
    static const char *const names[] = {"open",      "close",     "dup",    "fstat",    "lstat",  "fchmod",
                                        "ftruncate", "fallocate", "write",  "pread",    "pwrite", "fstatvfs",
                                        "mkdir",     "linkat",    "rename", "unlink",   "lock",   "setlease",
                                        "flock",     "mmap",      "munmap", "nanosleep"};
    return names[call];
}

const char *faults_hidden(void)
{
    return hidden;
}
