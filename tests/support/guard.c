/* Runs a test program, and fails it for what it leaves behind.
 *
 *     polyshm_guard PROGRAM [ARGUMENT...]
 *
 * A test that is killed cannot look back at itself; this program can.
 *
 * - Blocks. Where the system permits it, the program gets a /dev/shm of its own: whatever is in there at its end was
 *   left, and goes with it. POLYSHM_GUARD_FOLDER has options for it, as of tmpfs: "mode=1777,size=64m". Elsewhere the
 *   guard looks for names with the prefix that it hands to the program.
 * - Processes. Orphans come to the guard, as the nearest subreaper. They have some seconds to end, as the helper needs them.
 * - Books. The program gets a folder for helpers and books of its own, in which no book may be left.
 * - Reports. Sanitizers write theirs into files that the guard reads: a leak is reported at exit, when Criterion has
 *   counted the test as passed.
 *
 * The status is the program's; 1 if that is no failure and something is left; 124 if the program does not end in
 * time. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "blocks.h"
#include "folder.h"

enum { DEADLINE = 580, GRACE = 3, EXIT_LATE = 124, EXIT_SKIPPED = 77, EXIT_NO_PROGRAM = 127 };

static pid_t start(char **command)
{
    pid_t guard = getpid(), program = fork();
    if (program != 0)
        return program;
    sigset_t nothing;
    sigemptyset(&nothing);
    sigprocmask(SIG_SETMASK, &nothing, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == guard)
        execv(command[0], command);
    perror(command[0]);
    _exit(EXIT_NO_PROGRAM);
}

/* Reaps children until this one, or for -1 all of them, has ended: then its status is in *status. False when that took
 * too long. SIGCHLD is blocked, so that sigtimedwait is woken by it. */
static bool await(pid_t program, time_t seconds, int *status)
{
    struct timespec now, begin, second = {.tv_sec = 1};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        int ended_status;
        pid_t ended = waitpid(-1, &ended_status, WNOHANG);
        if (ended > 0 && ended == program)
            *status = ended_status;
        if (ended < 0 || (ended > 0 && ended == program))
            return true;
        if (ended > 0)
            continue;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > seconds)
            return false;
        sigtimedwait(&child, NULL, &second);
    }
}

/* The parent of the process in this folder of /proc, and its program's name. */
static pid_t parent_of(const char *process, char name[32])
{
    char path[300];
    pid_t parent = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", process);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*d (%31[^)]) %*c %d", name, &parent) != 2)
        parent = 0;
    if (file)
        fclose(file);
    return parent;
}

/* Kills the children that are left, round by round: each may have left some of its own. */
static size_t kill_children(void)
{
    size_t killed = 0;
    int status;
    while (!await(-1, GRACE, &status)) {
        DIR *processes = opendir("/proc");
        for (struct dirent *entry; processes && (entry = readdir(processes));) {
            char name[32];
            if (parent_of(entry->d_name, name) != getpid())
                continue;
            fprintf(stderr, "left behind: process %s, %s\n", entry->d_name, name);
            kill(atoi(entry->d_name), SIGKILL);
            killed++;
        }
        if (processes)
            closedir(processes);
    }
    return killed;
}

/* Shows a sanitizer's report, if it tells of an error: they also warn, as of memory that is not to be had. */
static bool show(const char *path)
{
    char text[1 << 16];
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    if (!strstr(text, "ERROR: ") && !strstr(text, "runtime error: "))
        return false;
    fprintf(stderr, "left behind: a sanitizer's report\n%s", text);
    return true;
}

/* Sanitizers put what they have to say into this new folder; and refuse memory as the system does. */
static void collect_reports(const char *folder)
{
    static const char *const variables[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        char options[1024];
        const char *given = getenv(variables[i]);
        snprintf(options, sizeof options, "%s:allocator_may_return_null=1:log_path=%s/report", given ? given : "",
                 folder);
        setenv(variables[i], options, 1);
    }
}

static size_t take_reports(const char *path)
{
    size_t reports = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char report[400];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(report, sizeof report, "%s/%s", path, entry->d_name);
        reports += show(report);
        remove(report);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
    return reports;
}

static size_t books_left;

static int remove_file(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    if (type == FTW_F && strcmp(path + place->base, "helper") != 0) {
        fprintf(stderr, "left behind: book %s\n", path);
        books_left++;
    }
    remove(path);
    return 0;
}

/* What the library finds instead of the user's own folder, and where tests make others. */
static bool make_runtime(char path[])
{
    return mkdtemp(path) && setenv("XDG_RUNTIME_DIR", path, 1) == 0 && setenv("POLYSHM_TEST_RUNTIME", path, 1) == 0;
}

static int run(char **command, time_t seconds)
{
    int status = 0;
    pid_t program = start(command);
    if (program < 0)
        return EXIT_NO_PROGRAM;
    if (!await(program, seconds, &status)) {
        fprintf(stderr, "%s did not end in %ld seconds\n", command[0], (long)seconds);
        kill(program, SIGKILL);
        return EXIT_LATE;
    }
    if (WIFSIGNALED(status))
        fprintf(stderr, "%s died: %s\n", command[0], strsignal(WTERMSIG(status)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: polyshm_guard PROGRAM [ARGUMENT...]\n");
        return EXIT_NO_PROGRAM;
    }
    char prefix[32], reports[] = "/tmp/polyshm-guard-XXXXXX", runtime[] = "/tmp/polyshm-guard-XXXXXX";
    const char *folder = getenv("POLYSHM_GUARD_FOLDER"); /* options of a tmpfs, as size=64m */
    bool owns_folder = folder_mount(folder ? folder : "mode=1777");
    if (!owns_folder)
        fprintf(stderr, "tests share /dev/shm with other programs: no private mount (%s)\n", strerror(errno));
    snprintf(prefix, sizeof prefix, "t_%d_", (int)getpid());
    setenv("POLYSHM_TEST_PREFIX", prefix, 1);
    if (mkdtemp(reports))
        collect_reports(reports);
    bool has_runtime = make_runtime(runtime);

    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    const char *seconds = getenv("POLYSHM_GUARD_SECONDS");
    int status = run(arguments + 1, seconds ? atoi(seconds) : DEADLINE);
    size_t left = kill_children();
    left += blocks_remove(owns_folder ? "" : prefix);
    if (has_runtime)
        nftw(runtime, remove_file, 16, FTW_DEPTH | FTW_PHYS);
    left += books_left + take_reports(reports);
    bool failed = status != 0 && status != EXIT_SKIPPED;
    return left && !failed ? EXIT_FAILURE : status;
}
