/* Starting the helper: finding its program, and letting go of it. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform.h"
#include "system.h"

extern char **environ;

/* Beside the library, as in a build tree or a gem; in the prefix that it is installed in, whose lib folder may be one
 * for this architecture, or one of a language's packages: lib/python3.11/site-packages/polyshm, lib/lua/5.4/polyshm. */
static const char *const places[] = {"polyshm", "../bin/polyshm", "../../bin/polyshm", "../../../../bin/polyshm"};

/* A folder of that name, as packages have it, is no program. */
static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool find_program(char path[PSHMI_PATH_SIZE])
{
    Dl_info library;
    const char *given = secure_getenv("POLYSHM_COMMAND"); /* who starts a set-user-ID program does not choose ours */
    if (given && given[0]) {
        snprintf(path, PSHMI_PATH_SIZE, "%s", given);
        return access(path, X_OK) == 0;
    }
    if (dladdr((const void *)&places, &library) == 0)
        return false;
    const char *slash = strrchr(library.dli_fname, '/');
    int size = slash ? (int)(slash - library.dli_fname) : 1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, PSHMI_PATH_SIZE, "%.*s/%s", size, slash ? library.dli_fname : ".", places[i]);
        if (is_program(path))
            return true;
    }
    return false;
}

/* A session of its own, so that no Ctrl-C and no hang-up of this one reaches it; no signal blocked or ignored. */
static int spawn(const char *program, const char *folder, pid_t *child)
{
    char *const words[] = {(char *)(uintptr_t)program, (char *)"manager", (char *)"--detach", (char *)(uintptr_t)folder,
                           NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    int error = posix_spawn(child, program, &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int32_t pshmi_helper_start(const char *folder)
{
    char program[PSHMI_PATH_SIZE];
    pid_t child;
    int status = 0;
    if (!find_program(program))
        return pshmi_fail(POLYSHM_ESYSTEM, "the program polyshm, which cleans up after tracked blocks and managers, is "
                                           "not beside the library; install it, set POLYSHM_COMMAND to "
                                           "its path, or do without tracking and managers");
    if ((errno = spawn(program, folder, &child)))
        return pshmi_system_fail_at("start", program);
    /* It goes on in the background. Somebody who waits for all children may have taken the status: then it is as good. */
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ESYSTEM, "'%s manager' does not work; run it by hand to see why", program);
}

int32_t pshmi_boot_id(char id[37])
{
    static const char path[] = "/proc/sys/kernel/random/boot_id";
    memset(id, 0, 37);
    int descriptor = pshmi_system.open(path, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return errno == ENOENT ? POLYSHM_OK : pshmi_system_fail_at("open", path);
    ssize_t got = pshmi_system.pread(descriptor, id, 36, 0);
    int32_t failure = got == 36 ? POLYSHM_OK : pshmi_system_fail_at("read", path);
    pshmi_system.close(descriptor);
    return failure;
}

uint64_t pshmi_pid_namespace(void)
{
    struct stat status;
    return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}
