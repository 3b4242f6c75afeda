/* Reading /proc (processes.h, proc(5)). A process that ends meanwhile has nothing open. */
#include "processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

typedef struct {
    pshmi_processes *processes;
    uint64_t device; /* of the blocks */
    int folder;      /* /proc/NUMBER */
    int32_t process;
    size_t first; /* of this process's elements */
    bool refused;
} search;

/* Once, however often it is open. */
static void add(search *now, uint64_t inode)
{
    pshmi_attached *all = now->processes->found.all;
    for (size_t i = now->first; i < now->processes->found.count; i++)
        if (all[i].identity.inode == inode)
            return;
    pshmi_attached *attached = pshmi_identities_add(&now->processes->found, sizeof *attached);
    *attached = (pshmi_attached){.identity = {now->device, inode}, .process = now->process};
}

/* What is not to be had, for want of a right or of descriptors, unless the process has ended meanwhile. */
static bool is_refused(int descriptor)
{
    return descriptor < 0 && errno != ENOENT && errno != ESRCH;
}

static int open_at(search *now, const char *name, int flags)
{
    int descriptor = openat(now->folder, name, flags | O_RDONLY | O_CLOEXEC);
    now->refused = now->refused || is_refused(descriptor);
    return descriptor;
}

static void look_at_maps(search *now)
{
    char *line = NULL;
    size_t room = 0;
    int descriptor = open_at(now, "maps", 0);
    FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, "r");
    while (stream && getline(&line, &room, stream) > 0) {
        unsigned major, minor;
        uint64_t inode;
        if (sscanf(line, "%*s %*s %*s %x:%x %" SCNu64, &major, &minor, &inode) == 3 &&
            makedev(major, minor) == now->device && inode)
            add(now, inode);
    }
    free(line);
    if (stream)
        fclose(stream);
}

static void look_at_files(search *now)
{
    struct stat status;
    int descriptor = open_at(now, "fd", O_DIRECTORY);
    DIR *files = descriptor < 0 ? NULL : fdopendir(descriptor);
    for (struct dirent *entry; files && (entry = readdir(files));)
        if (entry->d_name[0] != '.' && fstatat(descriptor, entry->d_name, &status, 0) == 0 &&
            status.st_dev == now->device && S_ISREG(status.st_mode))
            add(now, status.st_ino);
    if (files)
        closedir(files);
}

/* The state stands behind the last bracket: a name may have brackets in it. */
static bool is_zombie(const search *now)
{
    char text[512];
    int descriptor = openat(now->folder, "stat", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return !is_refused(descriptor);
    ssize_t size = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    if (size <= 0)
        return true;
    text[size] = '\0';
    const char *bracket = strrchr(text, ')');
    return bracket && bracket[1] && bracket[2] == 'Z';
}

static void name_process(const search *now)
{
    pshmi_attached *all = now->processes->found.all;
    char command[sizeof all->command] = "";
    int descriptor = openat(now->folder, "comm", O_RDONLY | O_CLOEXEC);
    ssize_t size = descriptor < 0 ? 0 : read(descriptor, command, sizeof command - 1);
    if (descriptor >= 0)
        close(descriptor);
    if (size > 0 && command[size - 1] == '\n')
        command[size - 1] = '\0';
    for (size_t i = now->first; i < now->processes->found.count; i++)
        memcpy(all[i].command, command, sizeof command);
}

static void look_at(pshmi_processes *processes, uint64_t device, int proc, const char *number)
{
    search now = {processes, device, .process = (int32_t)strtol(number, NULL, 10), .first = processes->found.count};
    if (now.process <= 0 || now.process == getpid())
        return;
    now.folder = openat(proc, number, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (now.folder < 0) {
        processes->unseen += is_refused(now.folder);
        return;
    }
    look_at_maps(&now);
    look_at_files(&now);
    if (processes->found.count > now.first)
        name_process(&now);
    processes->unseen += now.refused && !is_zombie(&now);
    close(now.folder);
}

void pshmi_processes_find(pshmi_processes *processes)
{
    uint64_t device;
    *processes = (pshmi_processes){0};
    DIR *proc = pshmi_file_device(&device) == POLYSHM_OK ? opendir("/proc") : NULL;
    for (struct dirent *entry; proc && (entry = readdir(proc));)
        look_at(processes, device, dirfd(proc), entry->d_name);
    if (proc)
        closedir(proc);
    pshmi_identities_sort(&processes->found, sizeof(pshmi_attached));
}

const pshmi_attached *pshmi_processes_of(const pshmi_processes *processes, pshmi_identity identity, size_t *count)
{
    return pshmi_identities_of(&processes->found, sizeof(pshmi_attached), identity, count);
}

void pshmi_processes_free(pshmi_processes *processes)
{
    free(processes->found.all);
}
