/* Waiting until files are closed (inotify(7)). */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "platform.h"
#include "system.h"

/* How often to wake, in seconds, when not all is watched: a user may have few watches, and fewer descriptors for them. */
static const double LOOK = 0.1;

/* A folder does not tell that it is removed while somebody has a file of it open; a file tells that it has a link less. */
void pshmi_watch_open(pshmi_watch *watch, const char *folder, const char *file)
{
    watch->descriptor = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    int number = inotify_add_watch(watch->descriptor, folder, IN_CLOSE_WRITE | IN_MOVE_SELF | IN_ONLYDIR);
    watch->last = inotify_add_watch(watch->descriptor, file, IN_ATTRIB | IN_MOVE_SELF | IN_DONT_FOLLOW);
    watch->first = watch->last + 1;
    watch->has_folder = number >= 0 && watch->last >= 0;
    watch->blind = !watch->has_folder;
}

void pshmi_watch_close(pshmi_watch *watch)
{
    if (watch->descriptor >= 0)
        close(watch->descriptor);
    watch->descriptor = -1;
}

void pshmi_watch_add(pshmi_watch *watch, const char *name)
{
    char path[PSHMI_PATH_SIZE];
    snprintf(path, sizeof path, PSHMI_SYSTEM_BLOCKS "/%s", name);
    int number = inotify_add_watch(watch->descriptor, path, IN_CLOSE);
    if (number > watch->last)
        watch->last = number;
    if (number < 0 && errno != ENOENT)
        watch->blind = true;
}

void pshmi_watch_reset(pshmi_watch *watch)
{
    char events[4096];
    for (int number = watch->first; number <= watch->last; number++)
        inotify_rm_watch(watch->descriptor, number);
    watch->first = watch->last + 1;
    watch->blind = !watch->has_folder;
    while (watch->descriptor >= 0 && read(watch->descriptor, events, sizeof events) > 0)
        ;
}

int32_t pshmi_watch_wait(const pshmi_watch *watch, double timeout)
{
    struct pollfd wanted = {.fd = watch->descriptor, .events = POLLIN};
    struct timespec time = pshmi_clock_timespec(watch->blind && timeout > LOOK ? LOOK : timeout);
    int ready = ppoll(&wanted, 1, &time, NULL); /* a descriptor of -1 is never ready */
    if (ready < 0 && errno == EINTR)
        return pshmi_fail(POLYSHM_EINTR, "a signal interrupted the wait");
    return ready > 0 ? POLYSHM_OK : POLYSHM_ETIMEDOUT;
}
