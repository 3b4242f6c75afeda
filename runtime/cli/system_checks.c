/* The system as blocks need it (checks.h). */
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checks.h"
#include "system.h"

#define FOLDER PSHMI_SYSTEM_BLOCKS

/* What containers get unless they ask for more. */
static const uint64_t CONTAINER_SIZE = 64 << 20;

static const char MOUNT[] = "mount it: mount -t tmpfs -o mode=1777 tmpfs " FOLDER;

void pshmi_check_blocks_folder(pshmi_findings *findings)
{
    struct statfs system;
    struct stat status;
    if (statfs(FOLDER, &system) != 0 || stat(FOLDER, &status) != 0)
        pshmi_findings_add(findings, "folder", PSHMI_FOUND_PROBLEM, MOUNT, FOLDER ": %s", strerror(errno));
    else if (access(FOLDER, W_OK | X_OK) != 0)
        pshmi_findings_add(findings, "folder", PSHMI_FOUND_PROBLEM, "mount it writable, mode 1777",
                           FOLDER " cannot be written to: %s", strerror(errno));
    else if (system.f_type != TMPFS_MAGIC)
        pshmi_findings_add(findings, "folder", PSHMI_FOUND_WARNING, MOUNT, FOLDER " is no tmpfs: blocks are on a disk");
    else if ((status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
        pshmi_findings_add(findings, "folder", PSHMI_FOUND_WARNING, "chmod 1777 " FOLDER,
                           "anybody can remove everybody's blocks from " FOLDER " (mode %04o)",
                           status.st_mode & 07777u);
    else
        pshmi_findings_add(findings, "folder", PSHMI_FOUND_OK, NULL, FOLDER " is a tmpfs, and writable");
}

void pshmi_check_space(pshmi_findings *findings)
{
    struct statfs system;
    if (statfs(FOLDER, &system) != 0)
        return;
    uint64_t unit = (uint64_t)system.f_bsize, size = system.f_blocks * unit, left = system.f_bavail * unit;
    pshmi_level level = PSHMI_FOUND_OK;
    const char *advice = NULL;
    if (system.f_blocks == 0) {
        pshmi_findings_add(findings, "room", level, NULL, FOLDER " has no limit but memory");
        return;
    }
    if (left == 0 || (system.f_files && system.f_ffree == 0)) {
        level = PSHMI_FOUND_PROBLEM;
        advice = "remove blocks (polyshm ls, polyshm rm) or mount it larger: mount -o remount,size=... " FOLDER;
    } else if (left < size / 10) {
        level = PSHMI_FOUND_WARNING;
        advice = "remove blocks (polyshm ls, polyshm rm) or mount it larger: mount -o remount,size=... " FOLDER;
    } else if (size <= CONTAINER_SIZE) {
        level = PSHMI_FOUND_WARNING;
        advice = "containers get 64 MB unless started with more, as by --shm-size=1g";
    }
    pshmi_findings_add(findings, "room", level, advice, "%" PRIu64 " of %" PRIu64 " bytes are free", left, size);
}

static void check_locks(pshmi_findings *findings, int descriptor)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 62, .l_len = 1};
    if (fcntl(descriptor, F_OFD_SETLK, &lock) != 0)
        pshmi_findings_add(findings, "locks", PSHMI_FOUND_PROBLEM, "it takes Linux 3.15 or later",
                           "no open-file-description locks: %s", strerror(errno));
    else
        pshmi_findings_add(findings, "locks", PSHMI_FOUND_OK, NULL, "open-file-description locks work");
    if (fcntl(descriptor, F_SETLEASE, F_WRLCK) != 0)
        pshmi_findings_add(findings, "leases", PSHMI_FOUND_WARNING,
                           "tracked blocks may be removed while processes that do not use polyshm have them",
                           "no write leases (F_SETLEASE): %s", strerror(errno));
    else
        pshmi_findings_add(findings, "leases", PSHMI_FOUND_OK, NULL, "write leases work");
}

static void check_futex(pshmi_findings *findings)
{
    uint32_t word = 0;
    if (syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0)
        pshmi_findings_add(findings, "futex", PSHMI_FOUND_PROBLEM, "permit the system call futex(2)",
                           "no process can wait for another: %s", strerror(errno));
    else
        pshmi_findings_add(findings, "futex", PSHMI_FOUND_OK, NULL, "futexes work");
}

void pshmi_check_kernel(pshmi_findings *findings)
{
    int descriptor = open(FOLDER, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    bool refused = descriptor < 0 && errno != EOPNOTSUPP && errno != EISDIR; /* the folder's check tells */
    if (descriptor >= 0)
        pshmi_findings_add(findings, "nameless", PSHMI_FOUND_OK, NULL, "files without a name (O_TMPFILE) work");
    else if (!refused)
        pshmi_findings_add(findings, "nameless", PSHMI_FOUND_WARNING, "a killed creator may leave a file .polyshm-...",
                           "no files without a name (O_TMPFILE) in " FOLDER);
    if (descriptor >= 0) {
        check_locks(findings, descriptor);
        close(descriptor);
    }
    check_futex(findings);
    if (access("/proc/self/fd", X_OK) != 0)
        pshmi_findings_add(findings, "proc", PSHMI_FOUND_PROBLEM, "mount /proc", "/proc: %s", strerror(errno));
    else
        pshmi_findings_add(findings, "proc", PSHMI_FOUND_OK, NULL, "/proc is there");
}
