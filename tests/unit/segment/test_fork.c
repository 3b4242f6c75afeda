/* What a child after fork finds: files of its own, and whoever asked to be told. */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "system.h"

#define NAME test_name(0)

static polyshm_segment *create(void)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_create(NAME, 1, 0, 0, &segment));
    return segment;
}

static polyshm_segment *attach(uint32_t flags)
{
    polyshm_segment *segment;
    EXPECT_OK(polyshm_segment_attach(NAME, flags, 0, &segment));
    return segment;
}

static void drop(polyshm_segment *segment)
{
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

/* Whether another description has the lease: one does not see its own. */
static bool is_taken(const polyshm_segment *segment, uint32_t number)
{
    bool taken = false;
    CHECK(pshmi_lease_is_taken(&segment->file, NAME, number, &taken) == POLYSHM_OK);
    return taken;
}

static void look_at_own_files(void *argument)
{
    polyshm_segment **segments = argument;
    CHECK(is_taken(segments[0], 7));
    CHECK(is_taken(segments[1], 7));
    CHECK(fcntl(segments[0]->file.descriptor, F_GETFD) == FD_CLOEXEC);
    CHECK((fcntl(segments[0]->file.descriptor, F_GETFL) & O_ACCMODE) == O_RDWR);
    CHECK((fcntl(segments[1]->file.descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY);
    CHECK(polyshm_segment_write(segments[0], 0, "x", 1) == POLYSHM_OK);
}

TEST(fork, a_child_has_files_of_its_own)
{
    polyshm_segment *segments[] = {create(), NULL};
    bool taken;
    segments[1] = attach(POLYSHM_SEGMENT_READONLY);
    EXPECT_OK(pshmi_lease_take(&segments[0]->file, NAME, 7, &taken));
    cr_assert(taken && !is_taken(segments[0], 7));
    EXPECT_CHILD(look_at_own_files, segments);
    polyshm_segment_unref(segments[1]);
    drop(segments[0]);
}

static void look_at_alive(void *argument)
{
    polyshm_segment *segment = *(polyshm_segment **)argument;
    int32_t attached;
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    CHECK(polyshm_segment_attached(NAME, &attached) == POLYSHM_OK && attached == 1);
}

TEST(fork, a_child_that_closes_does_not_close_for_its_parent)
{
    polyshm_segment *segment = create();
    int32_t attached;
    EXPECT_CHILD(look_at_alive, &segment);
    EXPECT_OK(polyshm_segment_attached(NAME, &attached));
    cr_assert_eq(attached, 1);
    drop(segment);
}

/* Takes a number, forks a child that only waits, and dies. */
static void take_fork_and_die(void *argument)
{
    const int *gates = argument;
    polyshm_segment *segment = attach(0);
    bool taken;
    CHECK(pshmi_lease_take(&segment->file, NAME, 7, &taken) == POLYSHM_OK && taken);
    if (fork() == 0) {
        gate_open(gates[0]);
        gate_wait(gates[1]);
        _exit(0);
    }
    CHECK(gate_wait(gates[0]));
    raise(SIGKILL);
}

TEST(fork, a_child_does_not_keep_the_leases_of_a_dead_parent)
{
    int gates[] = {gate_make(), gate_make()};
    polyshm_segment *segment = create();
    child_wait(child_start(take_fork_and_die, gates));
    cr_assert_not(is_taken(segment, 7));
    gate_open(gates[1]);
    close(gates[0]);
    close(gates[1]);
    drop(segment);
}

static int open_nothing(const char *path, int flags, mode_t mode)
{
    (void)path, (void)flags, (void)mode;
    errno = EMFILE;
    return -1;
}

static void look_at_closed_file(void *argument)
{
    polyshm_segment *segment = *(polyshm_segment **)argument;
    char byte;
    CHECK(segment->file.descriptor == -1);
    CHECK(polyshm_segment_read(segment, 0, &byte, 1) == POLYSHM_OK);
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
}

TEST(fork, a_child_that_cannot_have_its_own_file_has_none)
{
    polyshm_segment *segment = create();
    int (*const open_really)(const char *, int, mode_t) = pshmi_system.open;
    pshmi_system.open = open_nothing;
    EXPECT_CHILD(look_at_closed_file, &segment);
    pshmi_system.open = open_really;
    drop(segment);
}

static int calls;

static void count_call(void *by)
{
    calls += *(int *)by;
}

static void expect_call(void *unused)
{
    (void)unused;
    CHECK(calls == 5);
}

static void expect_no_call(void *unused)
{
    (void)unused;
    CHECK(calls == 0);
}

TEST(fork, who_follows_is_called_in_the_child_only)
{
    int by = 5;
    pshmi_follower follower = {.forked = count_call, .user = &by};
    (void)pshmi_fork_count();
    pshmi_fork_hold();
    pshmi_fork_follow(&follower);
    pshmi_fork_let();
    EXPECT_CHILD(expect_call, NULL);
    cr_assert_eq(calls, 0);
    pshmi_fork_hold();
    pshmi_fork_unfollow(&follower);
    pshmi_fork_let();
    EXPECT_CHILD(expect_no_call, NULL);
}

TEST(fork, holds_the_file_of_an_open_segment_only)
{
    polyshm_segment *segment = create();
    EXPECT_OK(pshmi_segment_hold(segment));
    pshmi_fork_let();
    EXPECT_OK(polyshm_segment_close(segment));
    EXPECT_FAILURE(POLYSHM_ECLOSED, NAME, pshmi_segment_hold(segment));
    drop(segment);
}

static void *close_it(void *segment)
{
    polyshm_segment_close(segment);
    return NULL;
}

TEST(fork, a_close_in_another_thread_waits_until_the_file_is_let_go)
{
    polyshm_segment *segment = create();
    pthread_t thread;
    EXPECT_OK(pshmi_segment_hold(segment));
    int descriptor = segment->file.descriptor;
    cr_assert_eq(pthread_create(&thread, NULL, close_it, segment), 0);
    while (pshmi_segment_is_open(segment))
        pshmi_clock_relax();
    cr_assert_eq(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    pshmi_fork_let();
    pthread_join(thread, NULL);
    cr_assert_eq(fcntl(descriptor, F_GETFD), -1);
    drop(segment);
}

static int strays_end;
static pid_t stray;
static void *(*real_mmap)(void *address, size_t size, int protection, int flags, int descriptor, off_t offset);

static void linger(void *unused)
{
    (void)unused;
    gate_wait(strays_end);
}

/* Another thread's fork would come here as well. */
static void *fork_and_map(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    pshmi_system.mmap = real_mmap;
    stray = child_start(linger, NULL);
    return real_mmap(address, size, protection, flags, descriptor, offset);
}

/* The child has a description that is in no registry. What the segment takes later must not stay with it. */
TEST(fork, a_fork_while_a_segment_is_opened_keeps_nothing_of_it)
{
    polyshm_segment *segment = create(), *opened;
    bool taken;
    strays_end = gate_make();
    real_mmap = pshmi_system.mmap;
    pshmi_system.mmap = fork_and_map;
    opened = attach(0);
    EXPECT_OK(pshmi_lease_take(&opened->file, NAME, 7, &taken));
    cr_assert(taken && is_taken(segment, 7));
    EXPECT_OK(polyshm_segment_write(opened, 0, "x", 1));
    polyshm_segment_unref(opened);
    cr_assert_not(is_taken(segment, 7));
    gate_open(strays_end);
    child_wait(stray);
    close(strays_end);
    drop(segment);
}

static int (*real_close)(int descriptor);
static pthread_t forker;

static void *fork_now(void *unused)
{
    (void)unused;
    stray = child_start(linger, NULL);
    return NULL;
}

/* Gives another thread time to fork: it must not. */
static int close_beside_a_fork(int descriptor)
{
    pshmi_system.close = real_close;
    CHECK(pthread_create(&forker, NULL, fork_now, NULL) == 0);
    pshmi_clock_sleep(0.05);
    return real_close(descriptor);
}

TEST(fork, a_fork_while_a_segment_is_closed_keeps_nothing_of_it)
{
    polyshm_segment *segment = create(), *closed = attach(0);
    bool taken;
    strays_end = gate_make();
    real_close = pshmi_system.close;
    EXPECT_OK(pshmi_lease_take(&closed->file, NAME, 7, &taken));
    pshmi_system.close = close_beside_a_fork;
    polyshm_segment_unref(closed);
    pthread_join(forker, NULL);
    cr_assert_not(is_taken(segment, 7));
    gate_open(strays_end);
    child_wait(stray);
    close(strays_end);
    drop(segment);
}
