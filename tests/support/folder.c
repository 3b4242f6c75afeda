/* A /dev/shm of one's own, in a private mount namespace. */
#include "folder.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    bool written = descriptor >= 0 && write(descriptor, text, strlen(text)) == (ssize_t)strlen(text);
    if (descriptor >= 0)
        close(descriptor);
    return written;
}

/* Without privileges, a user namespace gives those to mount; the user and group stay the same. */
static bool unshare_mounts(void)
{
    char users[64], groups[64];
    if (unshare(CLONE_NEWNS) == 0)
        return true;
    snprintf(users, sizeof users, "%u %u 1", geteuid(), geteuid());
    snprintf(groups, sizeof groups, "%u %u 1", getegid(), getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}

/* What is mounted shall not show elsewhere. The root of a chroot may be no mount of its own, then /dev/shm is. */
static bool keep_to_oneself(void)
{
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ||
           mount("none", "/dev/shm", NULL, MS_PRIVATE, NULL) == 0;
}

bool folder_mount(const char *options)
{
    return unshare_mounts() && keep_to_oneself() &&
           mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
}
