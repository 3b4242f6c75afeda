/* The lock of a list: who has it, who waits for it, and what becomes of it when its holder dies, stops, forks or
 * closes. */
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "areas.h"
#include "blocks.h"
#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

/* Longer than any test runs. */
static const double LONG = 60;

static int32_t set(polyshm_list *list, int64_t number)
{
    const polyshm_value value = v_int(number);
    return polyshm_list_set(list, 0, &value);
}

static int64_t get(const polyshm_list *list)
{
    polyshm_value value = {0};
    CHECK(polyshm_list_get(list, 0, NULL, 0, &value) == POLYSHM_OK);
    return value.integer;
}

/* A process that holds the lock until it is killed, or until the gate `end` opens. */
struct holder {
    int begun, end;
    pid_t child;
};

static void hold(void *argument)
{
    const struct holder *holder = argument;
    polyshm_list *list = list_attach();
    CHECK(polyshm_list_lock(list, LONG) == POLYSHM_OK);
    CHECK(set(list, 8) == POLYSHM_OK);
    gate_open(holder->begun);
    CHECK(gate_wait(holder->end));
    CHECK(set(list, 9) == POLYSHM_OK);
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

static void holder_start(struct holder *holder)
{
    *holder = (struct holder){.begun = gate_make(), .end = gate_make()};
    holder->child = child_start(hold, holder);
    cr_assert(gate_wait(holder->begun));
}

static void holder_drop(struct holder *holder)
{
    close(holder->begun);
    close(holder->end);
}

/* Runs the function in another thread, to its end. */
static void run_thread(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, run, argument), 0);
    pthread_join(thread, NULL);
}

TEST(locks, may_be_taken_again_and_are_given_back_as_often)
{
    polyshm_list *list = list_make(), *other = list_attach();
    for (int i = 0; i < 3; i++)
        EXPECT_OK(polyshm_list_lock(list, 0));
    for (int i = 0; i < 3; i++) {
        EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_lock(other, 0));
        EXPECT_OK(polyshm_list_unlock(list));
    }
    EXPECT_STATUS(POLYSHM_ENOTOWNER, polyshm_list_unlock(list));
    EXPECT_OK(polyshm_list_lock(other, 0));
    EXPECT_OK(polyshm_list_unlock(other));
    polyshm_list_unref(other);
    list_drop(list);
}

TEST(locks, refuse_wrong_arguments_and_handles)
{
    polyshm_list *list = list_make(), *reader;
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_lock(NULL, 0));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_unlock(NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_list_set_timeout(NULL, 0));
    static const double wrong[] = {-1, -0.001, NAN, -INFINITY};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        EXPECT_FAILURE(POLYSHM_EINVAL, "timeout", polyshm_list_lock(list, wrong[i]));
        EXPECT_FAILURE(POLYSHM_EINVAL, "timeout", polyshm_list_set_timeout(list, wrong[i]));
    }
    EXPECT_FAILURE(POLYSHM_ENOTOWNER, "does not hold", polyshm_list_unlock(list));
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
    EXPECT_STATUS(POLYSHM_EREADONLY, polyshm_list_lock(reader, 0));
    EXPECT_STATUS(POLYSHM_ENOTOWNER, polyshm_list_unlock(reader));
    EXPECT_OK(polyshm_list_close(list));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_lock(list, 0));
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_unlock(list));
    polyshm_list_unref(reader);
    list_drop(list);
}

static void *use_from_another_thread(void *list)
{
    CHECK(polyshm_list_unlock(list) == POLYSHM_ENOTOWNER);
    CHECK(polyshm_list_lock(list, 0.01) == POLYSHM_ETIMEDOUT);
    CHECK(polyshm_list_set_timeout(list, 0.01) == POLYSHM_OK);
    CHECK(set(list, 8) == POLYSHM_ETIMEDOUT);
    CHECK(get(list) == 7);
    return NULL;
}

static void *lock_and_unlock(void *list)
{
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_OK);
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    return NULL;
}

TEST(locks, belong_to_a_thread_and_a_handle)
{
    polyshm_list *list = list_make(), *other = list_attach();
    EXPECT_OK(polyshm_list_lock(list, 0));
    run_thread(use_from_another_thread, list);
    run_thread(use_from_another_thread, other);
    use_from_another_thread(other); /* this thread has it, but through the first handle */
    EXPECT_OK(polyshm_list_unlock(list));
    run_thread(lock_and_unlock, list);
    run_thread(lock_and_unlock, other);
    polyshm_list_unref(other);
    list_drop(list);
}

TEST(locks, keep_writers_out_and_let_readers_in)
{
    struct holder holder;
    const polyshm_value word = v_str("word"), seven = v_int(7);
    int64_t sum = 4711;
    int32_t exchanged = 4711;
    polyshm_list *list = list_make();
    EXPECT_OK(polyshm_list_set_timeout(list, 0.01));
    holder_start(&holder);
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "kept the lock", set(list, 5));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_set(list, 1, &word));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_write(list, 1, &word, 1));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_add(list, 0, 1, &sum));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_compare_exchange(list, 0, &seven, &seven, &exchanged));
    cr_assert(sum == 4711 && exchanged == 4711);
    cr_assert_eq(get(list), 8);
    EXPECT_OK(polyshm_list_set_timeout(list, INFINITY));
    gate_open(holder.end);
    EXPECT_OK(set(list, 10));
    cr_assert_eq(get(list), 10);
    cr_assert_eq(child_wait(holder.child), 0);
    holder_drop(&holder);
    list_drop(list);
}

static void wait_and_look(void *unused)
{
    polyshm_list *list = list_attach();
    (void)unused;
    CHECK(polyshm_list_lock(list, LONG) == POLYSHM_OK);
    CHECK(get(list) == 9);
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

TEST(locks, go_to_all_who_wait)
{
    struct holder holder;
    pid_t waiters[4];
    polyshm_list *list = list_make();
    holder_start(&holder);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        cr_assert(child_sleeps(waiters[i] = child_start(wait_and_look, NULL)));
    gate_open(holder.end);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        cr_assert_eq(child_wait(waiters[i]), 0);
    cr_assert_eq(child_wait(holder.child), 0);
    holder_drop(&holder);
    list_drop(list);
}

TEST(locks, of_a_killed_holder_are_taken_over_with_a_warning)
{
    static const double timeouts[] = {0, 0.5, INFINITY};
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        struct holder holder;
        polyshm_list *list = list_make();
        holder_start(&holder);
        child_kill(holder.child);
        EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, timeouts[i]));
        cr_assert_eq(get(list), 8, "what it wrote is there");
        EXPECT_OK(polyshm_list_lock(list, 0));
        EXPECT_OK(polyshm_list_unlock(list));
        EXPECT_OK(polyshm_list_unlock(list));
        EXPECT_OK(polyshm_list_lock(list, 0));
        EXPECT_OK(polyshm_list_unlock(list));
        holder_drop(&holder);
        list_drop(list);
    }
}

TEST(locks, of_a_killed_holder_do_not_stop_writers_who_leave_the_warning_to_the_next)
{
    struct holder holder;
    polyshm_list *list = list_make();
    EXPECT_OK(polyshm_list_set_timeout(list, 0));
    holder_start(&holder);
    child_kill(holder.child);
    EXPECT_OK(set(list, 5));
    cr_assert_eq(get(list), 5);
    EXPECT_OK(polyshm_list_enter(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    holder_drop(&holder);
    list_drop(list);
}

static void take_over_if_first(void *died)
{
    polyshm_list *list = list_attach();
    int32_t status = polyshm_list_lock(list, LONG);
    CHECK(status >= 0);
    *(_Atomic int *)died += status == POLYSHM_OWNER_DIED;
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

TEST(locks, of_a_killed_holder_go_to_one_with_a_warning_and_then_to_all)
{
    struct holder holder;
    pid_t waiters[4];
    _Atomic int *died = shared_memory(sizeof *died);
    polyshm_list *list = list_make();
    holder_start(&holder);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        cr_assert(child_sleeps(waiters[i] = child_start(take_over_if_first, died)));
    child_kill(holder.child);
    for (size_t i = 0; i < COUNT_OF(waiters); i++)
        cr_assert_eq(child_wait(waiters[i]), 0);
    cr_assert_eq(*died, 1);
    holder_drop(&holder);
    list_drop(list);
}

TEST(locks, of_a_stopped_holder_stay_with_it)
{
    struct holder holder;
    int status;
    polyshm_list *list = list_make();
    holder_start(&holder);
    kill(holder.child, SIGSTOP);
    cr_assert_eq(waitpid(holder.child, &status, WUNTRACED), holder.child);
    cr_assert(WIFSTOPPED(status));
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "kept the lock", polyshm_list_lock(list, 0.1));
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, NAME, polyshm_list_lock(list, 0));
    kill(holder.child, SIGCONT);
    gate_open(holder.end);
    EXPECT_OK(polyshm_list_lock(list, LONG));
    cr_assert_eq(get(list), 9);
    cr_assert_eq(child_wait(holder.child), 0);
    holder_drop(&holder);
    list_drop(list);
}

/* Also if a view keeps the bytes mapped. */
TEST(locks, of_a_handle_that_its_holder_closes_are_given_back)
{
    polyshm_segment *segment;
    polyshm_list *list = list_make(), *other = list_attach();
    EXPECT_OK(polyshm_list_segment(other, &segment));
    EXPECT_OK(polyshm_segment_pin(segment));
    EXPECT_OK(polyshm_list_lock(other, 0));
    EXPECT_OK(polyshm_list_lock(other, 0));
    EXPECT_OK(polyshm_list_close(other));
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_segment_unpin(segment));
    polyshm_segment_unref(segment);
    polyshm_list_unref(other);
    list_drop(list);
}

static void *lock_list(void *list)
{
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_OK);
    return NULL;
}

/* The segment, which somebody else refers to, keeps the file, and with it the lease. */
TEST(locks, of_a_handle_that_goes_before_its_segment_are_given_back)
{
    polyshm_segment *segment;
    polyshm_list *list = list_make(), *other = list_attach();
    EXPECT_OK(polyshm_list_segment(other, &segment));
    EXPECT_OK(polyshm_list_lock(other, 0));
    EXPECT_OK(polyshm_list_lock(other, 0));
    EXPECT_OK(set(other, 8));
    polyshm_list_unref(other);
    EXPECT_OK(polyshm_list_lock(list, 0));
    cr_assert_eq(get(list), 8);
    polyshm_segment_unref(segment);
    list_drop(list);
}

TEST(locks, of_a_thread_that_has_ended_go_with_their_handle)
{
    pthread_t thread;
    polyshm_segment *segment;
    polyshm_list *list = list_make(), *other = list_attach();
    EXPECT_OK(polyshm_list_segment(other, &segment));
    cr_assert_eq(pthread_create(&thread, NULL, lock_list, other), 0);
    pthread_join(thread, NULL);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_lock(list, 0));
    polyshm_list_unref(other);
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    polyshm_segment_unref(segment);
    list_drop(list);
}

static void *close_list(void *list)
{
    polyshm_list_close(list);
    return NULL;
}

TEST(locks, of_a_handle_that_another_thread_closes_are_taken_over)
{
    pthread_t thread;
    polyshm_list *list = list_make(), *other = list_attach();
    EXPECT_OK(polyshm_list_lock(other, 0));
    cr_assert_eq(pthread_create(&thread, NULL, close_list, other), 0);
    pthread_join(thread, NULL);
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    polyshm_list_unref(other);
    list_drop(list);
}

/* Whether the lock word says that somebody sleeps until it changes (abi/LAYOUT.md). */
static bool somebody_sleeps(void)
{
    char bytes[128 + AREA_LOCK + 4]; /* the stock part has 66 */
    cr_assert_eq(block_read(NAME, bytes, sizeof bytes), sizeof bytes);
    return bytes[sizeof bytes - 1] & 0x80;
}

static void *close_when_it_waits(void *list)
{
    while (!somebody_sleeps())
        sched_yield();
    CHECK(polyshm_list_close(list) == POLYSHM_OK);
    return NULL;
}

TEST(locks, that_are_waited_for_say_closed_when_the_handle_is)
{
    struct holder holder;
    pthread_t thread;
    polyshm_list *list = list_make(), *other = list_attach();
    holder_start(&holder);
    cr_assert_eq(pthread_create(&thread, NULL, close_when_it_waits, list), 0);
    EXPECT_STATUS(POLYSHM_ECLOSED, set(list, 5));
    pthread_join(thread, NULL);
    cr_assert_eq(pthread_create(&thread, NULL, close_when_it_waits, other), 0);
    EXPECT_STATUS(POLYSHM_ECLOSED, polyshm_list_lock(other, INFINITY));
    pthread_join(thread, NULL);
    child_kill(holder.child);
    holder_drop(&holder);
    polyshm_list_unref(other);
    list_drop(list);
}

TEST(locks, that_are_waited_for_can_be_interrupted)
{
    struct holder holder;
    polyshm_list *list = list_make();
    EXPECT_OK(polyshm_list_set_timeout(list, INFINITY));
    holder_start(&holder);
    interrupts_start();
    int32_t status = polyshm_list_lock(list, INFINITY), set_status = set(list, 5);
    interrupts_stop();
    EXPECT_STATUS(POLYSHM_EINTR, status);
    EXPECT_STATUS(POLYSHM_EINTR, set_status);
    EXPECT_STATUS(POLYSHM_ENOTOWNER, polyshm_list_unlock(list));
    child_kill(holder.child);
    holder_drop(&holder);
    list_drop(list);
}

/* What a child of a holder does with the handle that it inherited. */
struct heir {
    polyshm_list *list;
    int tried, given_back;
};

static void wait_for_parents_lock(void *argument)
{
    const struct heir *heir = argument;
    CHECK(polyshm_list_unlock(heir->list) == POLYSHM_ENOTOWNER);
    CHECK(polyshm_list_lock(heir->list, 0.05) == POLYSHM_ETIMEDOUT);
    gate_open(heir->tried);
    CHECK(gate_wait(heir->given_back));
    CHECK(polyshm_list_lock(heir->list, LONG) == POLYSHM_OK);
    CHECK(set(heir->list, 10) == POLYSHM_OK);
    CHECK(polyshm_list_unlock(heir->list) == POLYSHM_OK);
}

TEST(locks, of_a_parent_are_not_its_childs)
{
    struct heir heir = {list_make(), gate_make(), gate_make()};
    EXPECT_OK(polyshm_list_lock(heir.list, 0));
    pid_t child = child_start(wait_for_parents_lock, &heir);
    cr_assert(gate_wait(heir.tried));
    EXPECT_OK(polyshm_list_unlock(heir.list));
    gate_open(heir.given_back);
    cr_assert_eq(child_wait(child), 0);
    EXPECT_OK(polyshm_list_lock(heir.list, 0));
    cr_assert_eq(get(heir.list), 10);
    close(heir.tried);
    close(heir.given_back);
    list_drop(heir.list);
}

static void lock_and_die(void *list)
{
    CHECK(polyshm_list_lock(list, LONG) == POLYSHM_OK);
    raise(SIGKILL);
}

TEST(locks, of_a_killed_child_are_taken_over_by_its_parent_through_the_same_handle)
{
    polyshm_list *list = list_make();
    EXPECT_OK(set(list, 8)); /* the parent takes part before it forks */
    child_wait(child_start(lock_and_die, list));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    list_drop(list);
}

static void fail_to_lock(void *list)
{
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_EACCES);
    CHECK(strstr(polyshm_error_message(), "this child of fork could not open it for itself") != NULL);
    CHECK(polyshm_list_set(list, 0, &(polyshm_value){.type = POLYSHM_TYPE_INT64}) == POLYSHM_EACCES);
    CHECK(get(list) == 8);
}

static void fork_with_what_nobody_may_write(void *unused)
{
    polyshm_list *list;
    const polyshm_value value = v_int(8);
    (void)unused;
    if (geteuid() == 0)
        become_nobody();
    CHECK(polyshm_list_create(NAME, &value, 1, 0, 0400, 0, &list) == POLYSHM_OK);
    CHECK(child_runs(fail_to_lock, list));
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_OK);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
}

TEST(locks, of_a_list_whose_mode_forbids_writing_are_not_for_children_of_fork)
{
    EXPECT_CHILD(fork_with_what_nobody_may_write, NULL);
}

/* A parent that takes the lock, forks a child that does nothing, and is killed. */
struct family {
    int born, end;
};

static void live_idly(void *argument)
{
    const struct family *family = argument;
    gate_open(family->born);
    gate_wait(family->end);
}

static void lock_fork_and_die(void *argument)
{
    const struct family *family = argument;
    polyshm_list *list = list_attach();
    CHECK(polyshm_list_lock(list, LONG) == POLYSHM_OK);
    if (fork() == 0) { /* it outlives its parent */
        live_idly(argument);
        _exit(0);
    }
    CHECK(gate_wait(family->born));
    raise(SIGKILL);
}

TEST(locks, of_a_killed_parent_are_taken_over_while_its_idle_child_lives)
{
    struct family family = {gate_make(), gate_make()};
    polyshm_list *list = list_make();
    child_wait(child_start(lock_fork_and_die, &family));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 10)); /* the child lives for longer */
    EXPECT_OK(polyshm_list_unlock(list));
    gate_open(family.end);
    close(family.born);
    close(family.end);
    list_drop(list);
}

TEST(locks, are_for_so_many_participants_at_once)
{
    polyshm_list *list = list_make();
    /* Whoever holds the leases of all numbers is, to others, 1,024 participants (abi/LAYOUT.md). */
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = ((off_t)1 << 62) + 1, .l_len = 1024};
    int descriptor = open(block_path(NAME), O_RDWR | O_CLOEXEC);
    cr_assert_eq(fcntl(descriptor, F_OFD_SETLK, &all), 0);
    EXPECT_FAILURE(POLYSHM_EMFILE, "1024", polyshm_list_lock(list, 0));
    EXPECT_STATUS(POLYSHM_EMFILE, set(list, 8));
    cr_assert_eq(get(list), 7);
    close(descriptor);
    EXPECT_OK(set(list, 8));
    list_drop(list);
}

enum { ROUNDS = 300, PROCESSES = 4, THREADS = 2 };

/* Adds to the number in two steps, which only the lock makes one. */
static void *count_under_lock(void *list)
{
    for (int i = 0; i < ROUNDS; i++) {
        CHECK(polyshm_list_lock(list, LONG) == POLYSHM_OK);
        CHECK(set(list, get(list) + 1) == POLYSHM_OK);
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    }
    return NULL;
}

/* Two threads with one handle, and two with one each. */
static void count_in_threads(void *inherited)
{
    polyshm_list *lists[2 * THREADS] = {inherited, inherited, list_attach(), list_attach()};
    pthread_t threads[2 * THREADS];
    for (int i = 0; i < 2 * THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, count_under_lock, lists[i]) == 0);
    for (int i = 0; i < 2 * THREADS; i++)
        pthread_join(threads[i], NULL);
}

TEST(locks, exclude_threads_and_processes_through_shared_and_separate_handles)
{
    pid_t children[PROCESSES];
    polyshm_list *list = list_make();
    EXPECT_OK(set(list, 0));
    for (int i = 0; i < PROCESSES; i++)
        children[i] = child_start(count_in_threads, list);
    for (int i = 0; i < PROCESSES; i++)
        cr_assert_eq(child_wait(children[i]), 0);
    cr_assert_eq(get(list), PROCESSES * 2 * THREADS * ROUNDS);
    list_drop(list);
}
