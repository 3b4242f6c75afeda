/* Tracked blocks: they go when their creator has ended and nobody is attached, and not before. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "folder.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"

#define NAME  test_name(0)
#define OTHER test_name(1)

static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;

static polyshm_segment *track(const char *name)
{
    polyshm_segment *segment;
    CHECK(polyshm_segment_create(name, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_OK);
    return segment;
}

static void create_each_way(void *unused)
{
    polyshm_segment *segment = track(NAME);
    polyshm_list *list;
    int32_t created = 0;
    (void)unused;
    const uint32_t flags = POLYSHM_SEGMENT_TRACK | POLYSHM_SEGMENT_SPARSE;
    CHECK(polyshm_segment_create_or_attach(OTHER, 1, 0, flags, &segment, &created) == POLYSHM_OK && created);
    CHECK(polyshm_list_create(test_name(2), NULL, 0, 0, 0, POLYSHM_SEGMENT_TRACK, &list) == POLYSHM_OK);
    CHECK(blocks_count(test_prefix()) == 3);
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    polyshm_list_unref(list);
    CHECK(blocks_count(test_prefix()) == 3); /* closing is not ending */
}

TEST(tracking, blocks_go_with_their_creator_however_they_were_made)
{
    runtime_make();
    EXPECT_CHILD(create_each_way, NULL);
    EXPECT_SOON(blocks_count(test_prefix()) == 0 && runtime_is_quiet());
}

static void create_untracked(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 1, 0, 0, &segment) == POLYSHM_OK);
    track(OTHER);
}

TEST(tracking, blocks_that_are_not_tracked_stay)
{
    runtime_make();
    EXPECT_CHILD(create_untracked, NULL);
    EXPECT_SOON(!block_exists(OTHER) && runtime_is_quiet());
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

struct act {
    int gates[2];
    int how;
};

static void be_creator(void *argument)
{
    const struct act *act = argument;
    track(NAME);
    gate_open(act->gates[0]);
    CHECK(gate_wait(act->gates[1]));
    if (act->how == SIGKILL)
        raise(SIGKILL);
}

static void attach_and_end(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_segment_attach(NAME, 0, 0, &segment) == POLYSHM_OK);
    raise(SIGKILL);
}

TEST(tracking, whoever_attaches_and_ends_removes_nothing)
{
    struct act act = {{gate_make(), gate_make()}, 0};
    runtime_make();
    pid_t creator = child_start(be_creator, &act);
    cr_assert(gate_wait(act.gates[0]));
    child_wait(child_start(attach_and_end, NULL));
    usleep(50000);
    cr_assert(block_exists(NAME));
    gate_open(act.gates[1]);
    cr_assert_eq(child_wait(creator), 0);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
    close(act.gates[0]);
    close(act.gates[1]);
}

/* How somebody can be attached. */
enum { POLYSHM, STOCK, MAPPED, READONLY, WAYS };

static void *mapping;

static int attach_by(int way, polyshm_segment **segment)
{
    if (way == POLYSHM || way == READONLY) {
        EXPECT_OK(polyshm_segment_attach(NAME, way == READONLY ? POLYSHM_SEGMENT_READONLY : 0, 0, segment));
        return -1;
    }
    int file = open(block_path(NAME), O_RDWR | O_CLOEXEC);
    if (way == STOCK)
        return file;
    mapping = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    return -1;
}

TEST(tracking, a_block_stays_as_long_as_anybody_is_attached_in_any_way)
{
    runtime_make();
    for (int way = 0; way < WAYS; way++) {
        struct act act = {{gate_make(), gate_make()}, SIGKILL};
        polyshm_segment *segment = NULL;
        pid_t creator = child_start(be_creator, &act);
        cr_assert(gate_wait(act.gates[0]));
        int file = attach_by(way, &segment);
        gate_open(act.gates[1]);
        child_wait(creator);
        usleep(50000);
        cr_assert(block_exists(NAME), "way %d", way);
        cr_assert(runtime_books() == 1 && runtime_helper());
        polyshm_segment_unref(segment);
        close(file);
        if (mapping)
            munmap(mapping, 1);
        mapping = NULL;
        EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
        close(act.gates[0]);
        close(act.gates[1]);
    }
}

static void fork_and_create(void *argument)
{
    const struct act *act = argument;
    track(NAME);
    if (fork() == 0) {
        track(OTHER);
        gate_open(act->gates[0]);
        gate_wait(act->gates[1]);
        _exit(0);
    }
    CHECK(gate_wait(act->gates[0]));
}

TEST(tracking, a_child_of_fork_has_what_it_inherits_open_and_tracks_its_own)
{
    struct act act = {{gate_make(), gate_make()}, 0};
    runtime_make();
    EXPECT_CHILD(fork_and_create, &act);
    usleep(50000);
    cr_assert(block_exists(NAME) && block_exists(OTHER), "the child is attached to the one, and lives for the other");
    gate_open(act.gates[1]);
    EXPECT_SOON(!block_exists(NAME) && !block_exists(OTHER) && runtime_is_quiet());
    close(act.gates[0]);
    close(act.gates[1]);
}

static void create_and_execute(void *unused)
{
    (void)unused;
    track(NAME);
    execl("/bin/sleep", "sleep", "30", NULL);
}

TEST(tracking, a_process_that_executes_another_program_has_ended)
{
    runtime_make();
    pid_t child = child_start(create_and_execute, NULL);
    EXPECT_SOON(runtime_books() == 1);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
    child_kill(child);
}

static void create_what_is_there(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    int32_t created = 1;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_EEXIST);
    CHECK(segment == NO_SEGMENT);
    CHECK(polyshm_segment_create_or_attach(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment, &created) == POLYSHM_OK);
    CHECK(!created);
}

TEST(tracking, a_block_that_was_there_is_not_tracked)
{
    runtime_make();
    block_make(NAME, "x", 1);
    EXPECT_CHILD(create_what_is_there, NULL);
    EXPECT_SOON(runtime_is_quiet());
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

static void unlink_and_make_again(void *unused)
{
    polyshm_segment *segment = track(NAME);
    (void)unused;
    CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
    block_make(NAME, "another", 7);
}

TEST(tracking, another_block_of_that_name_is_not_removed)
{
    runtime_make();
    EXPECT_CHILD(unlink_and_make_again, NULL);
    EXPECT_SOON(runtime_is_quiet());
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

#ifdef __SANITIZE_ADDRESS__ /* which is ten times slower */
enum { CREATIONS = 10000 };
#else
enum { CREATIONS = 100000 };
#endif

static void create_many(void *unused)
{
    struct stat status;
    (void)unused;
    for (int i = 0; i < CREATIONS; i++) {
        polyshm_segment *segment;
        const uint32_t flags = POLYSHM_SEGMENT_TRACK | POLYSHM_SEGMENT_SPARSE;
        CHECK(polyshm_segment_create(NAME, 1, 0, flags, &segment) == POLYSHM_OK);
        if (i % 2)
            block_remove(NAME); /* as another process does */
        else
            CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
        polyshm_segment_unref(segment);
    }
    CHECK(stat(runtime_path(runtime_book()), &status) == 0 && status.st_size <= 512 * 1024);
}

TEST(tracking, so_many_blocks_that_are_gone_take_no_room)
{
    SKIP_IF_EMULATED("in the emulator this takes minutes");
    runtime_make();
    EXPECT_CHILD(create_many, NULL);
    EXPECT_SOON(runtime_is_quiet());
}

static void expect_no_tracking(int32_t expected)
{
    polyshm_segment *segment = NO_SEGMENT;
    CHECK(polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == expected);
    CHECK(segment == NO_SEGMENT && !block_exists(NAME) && *polyshm_error_message());
    CHECK(polyshm_segment_create(NAME, 1, 0, 0, &segment) == POLYSHM_OK); /* without, all is well */
    CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

TEST(tracking, without_a_helper_nothing_is_created)
{
    runtime_make();
    setenv("POLYSHM_COMMAND", "/nowhere", 1);
    expect_no_tracking(POLYSHM_ESYSTEM);
    setenv("POLYSHM_COMMAND", "/bin/false", 1);
    expect_no_tracking(POLYSHM_ESYSTEM);
    cr_assert_eq(runtime_books(), 0);
}

TEST(tracking, without_a_folder_of_ones_own_nothing_is_created)
{
    runtime_make();
    cr_assert_eq(mkdir(runtime_path(""), 0750), 0);
    expect_no_tracking(POLYSHM_EACCES);
    cr_assert_eq(rmdir(runtime_path("")), 0);
    cr_assert_eq(symlink("/tmp", runtime_path("")), 0);
    expect_no_tracking(POLYSHM_EACCES);
    cr_assert_eq(unlink(runtime_path("")), 0);
    fclose(fopen(runtime_path(""), "we"));
    expect_no_tracking(POLYSHM_EACCES);
    cr_assert_eq(unlink(runtime_path("")), 0);
    if (geteuid() == 0) {
        cr_assert_eq(mkdir(runtime_path(""), 0700), 0);
        cr_assert_eq(chown(runtime_path(""), 65534, 65534), 0);
        expect_no_tracking(POLYSHM_EACCES);
    }
    setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
    expect_no_tracking(POLYSHM_ESYSTEM);
    char path[4096];
    memset(path, '/', sizeof path);
    path[sizeof path - 1] = '\0';
    setenv("XDG_RUNTIME_DIR", path, 1);
    expect_no_tracking(POLYSHM_ENAME);
}

enum { CANNOT_MOUNT = 77 };

/* Runs it in a child that has a folder of its own, mounted with these options; and skips the test where that cannot be. */
static void run_in_folder(void (*run)(void *), const char *options)
{
    runtime_make();
    int status = child_wait(child_start(run, (void *)(uintptr_t)options));
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_MOUNT)
        SKIP("no private mount");
    cr_assert_eq(status, 0);
}

static void mount_runtime(const char *options)
{
    if (!folder_mount("mode=1777") || mount("tmpfs", getenv("XDG_RUNTIME_DIR"), "tmpfs", 0, options) != 0)
        _exit(CANNOT_MOUNT);
}

static void track_in_read_only_folder(void *options)
{
    mount_runtime(options);
    CHECK(mount("none", getenv("XDG_RUNTIME_DIR"), NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    expect_no_tracking(POLYSHM_EACCES);
}

TEST(tracking, in_a_read_only_folder_nothing_is_created)
{
    run_in_folder(track_in_read_only_folder, "mode=0700");
}

static void track_until_full(void *options)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_manager *manager = (polyshm_manager *)0x1234;
    int32_t status = POLYSHM_OK;
    char name[300];
    int made = 0;
    mount_runtime(options);
    for (; !status && made < 100000; made++) {
        snprintf(name, sizeof name, "%s%d", test_prefix(), made);
        status = polyshm_segment_create(name, 1, 0, POLYSHM_SEGMENT_TRACK | POLYSHM_SEGMENT_SPARSE, &segment);
        if (!status)
            polyshm_segment_unref(segment);
    }
    CHECK(status == POLYSHM_ENOSPC && made > 1 && !block_exists(name));
    CHECK(polyshm_manager_start("address", NULL, 0, &manager) == POLYSHM_ENOSPC);
    CHECK(manager == (polyshm_manager *)0x1234 && access(runtime_path("address"), F_OK) != 0);
    CHECK(blocks_count(test_prefix()) == (size_t)made - 1);
    block_remove(test_name(0));
}

TEST(tracking, in_a_full_folder_nothing_more_is_created)
{
    run_in_folder(track_until_full, "mode=0700,size=16k");
}

/* A tmpfs over /tmp, in which only what this program belongs to is still to be seen, if that is where it was built. */
static bool cover_tmp(const char *options)
{
    char program[256] = "", covered[300];
    int tmp = open("/tmp", O_RDONLY | O_DIRECTORY);
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0 || mount("tmpfs", "/tmp", "tmpfs", 0, options) != 0)
        return false;
    if (strncmp(program, "/tmp/", 5) != 0)
        return true;
    program[5 + strcspn(program + 5, "/")] = '\0';
    snprintf(covered, sizeof covered, "/proc/self/fd/%d/%s", tmp, program + 5);
    return mkdir(program, 0755) == 0 && mount(covered, program, NULL, MS_BIND, NULL) == 0;
}

static void track_in_tmp(void *options)
{
    static const char *const values[] = {"", "relative", NULL};
    char path[64];
    struct stat status;
    if (!folder_mount("mode=1777") || !cover_tmp(options))
        _exit(CANNOT_MOUNT);
    snprintf(path, sizeof path, "/tmp/polyshm-%u", geteuid());
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        if (values[i])
            setenv("XDG_RUNTIME_DIR", values[i], 1);
        else
            unsetenv("XDG_RUNTIME_DIR");
        polyshm_manager *manager;
        CHECK(polyshm_manager_start("address", NULL, 0, &manager) == POLYSHM_OK);
        CHECK(lstat(path, &status) == 0 && status.st_mode == (S_IFDIR | 0700));
        CHECK(polyshm_manager_shutdown(manager) == POLYSHM_OK);
        polyshm_manager_unref(manager);
    }
}

TEST(tracking, without_an_absolute_path_the_folder_is_in_tmp)
{
    run_in_folder(track_in_tmp, "mode=1777");
}

static void track_without_descriptors(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    struct rlimit limit = {.rlim_cur = 3, .rlim_max = 64};
    (void)unused;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &segment) == POLYSHM_EMFILE);
    CHECK(segment == NO_SEGMENT && !block_exists(NAME));
    limit.rlim_cur = 64;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    track(NAME);
}

TEST(tracking, without_descriptors_nothing_is_created)
{
    runtime_make();
    EXPECT_CHILD(track_without_descriptors, NULL);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
}
