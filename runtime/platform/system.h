/* The system calls that polyshm makes, in a table that a test can change, so that each call fails in its turn.
 *
 * Private to the platform layer and its tests. It is changed before threads start, and never in the product. */
#ifndef PSHMI_SYSTEM_H
#define PSHMI_SYSTEM_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <time.h>

#include "error.h"

/* Where the system keeps what shm_open(3) makes. */
#define PSHMI_SYSTEM_BLOCKS "/dev/shm"

typedef struct {
    int (*open)(const char *path, int flags, mode_t mode);
    int (*close)(int descriptor);
    int (*dup3)(int from, int to, int flags);
    int (*fstat)(int descriptor, struct stat *status);
    int (*lstat)(const char *path, struct stat *status);
    int (*fchmod)(int descriptor, mode_t mode);
    int (*ftruncate)(int descriptor, off_t size);
    int (*fallocate)(int descriptor, int mode, off_t offset, off_t size);
    ssize_t (*write)(int descriptor, const void *data, size_t size);
    ssize_t (*pread)(int descriptor, void *data, size_t size, off_t offset);
    ssize_t (*pwrite)(int descriptor, const void *data, size_t size, off_t offset);
    int (*fstatvfs)(int descriptor, struct statvfs *status);
    int (*mkdir)(const char *path, mode_t mode);
    int (*linkat)(int from_folder, const char *from, int to_folder, const char *to, int flags);
    int (*rename_noreplace)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*lock)(int descriptor, int command, struct flock *lock);
    int (*setlease)(int descriptor, int type);
    int (*flock)(int descriptor, int operation);
    void *(*mmap)(void *address, size_t size, int protection, int flags, int descriptor, off_t offset);
    int (*munmap)(void *address, size_t size);
    int (*nanosleep)(const struct timespec *time, struct timespec *left);
} pshmi_system_calls;

extern pshmi_system_calls pshmi_system;

/* Whether a file may not have this size: making it so large would end the process with SIGXFSZ (setrlimit(2)). */
bool pshmi_system_is_over_limit(uint64_t size);

/* Fails with the status that errno stands for. what and name: "create", "numbers". */
int32_t pshmi_system_fail(const char *what, const char *name);

/* The same for something that is no block: "cannot <what> '<path>': ...". */
int32_t pshmi_system_fail_at(const char *what, const char *path);

/* The same time, as the system has it. */
struct timespec pshmi_clock_timespec(double seconds);

#endif
