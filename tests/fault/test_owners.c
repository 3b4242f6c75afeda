/* Blocks that somebody owns, a process by tracking or a manager: each system call of their creation fails in its turn, or
 * is the last moment of the process. There is the whole block, in the book of its owner, or none; what failed works when it
 * is tried again; and when the owners have ended, neither block nor book stays. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "blocks.h"
#include "expect.h"
#include "faults.h"
#include "idle.h"
#include "leaks.h"
#include "names.h"
#include "operations.h"
#include "runtimes.h"

#define NAME test_name(0)

enum { CALLS_MAX = 256 };

static const int errors[] = {EIO, ENOMEM, EACCES, ENOSPC, EMFILE, EINTR};

static int32_t track(struct results *results)
{
    return polyshm_segment_create(NAME, 1, 0, POLYSHM_SEGMENT_TRACK, &results->segment);
}

static int32_t track_list(struct results *results)
{
    const polyshm_value values[] = {v_int(7), v_str("text")};
    return polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, POLYSHM_SEGMENT_TRACK, &results->list);
}

/* The handle stays: its manager ends with the process. */
static int32_t start_and_create(struct results *results)
{
    polyshm_manager *manager;
    int32_t status = polyshm_manager_start(NULL, NULL, 0, &manager);
    if (status)
        return status;
    status = polyshm_manager_create_segment(manager, NAME, 1, 0, 0, &results->segment);
    if (status)
        polyshm_manager_unref(manager);
    return status;
}

static int32_t connect_and_create(struct results *results)
{
    polyshm_manager *manager;
    int32_t status = polyshm_manager_connect("keeper", NULL, 0, &manager);
    if (status)
        return status;
    status = polyshm_manager_create_segment(manager, NAME, 1, 0, 0, &results->segment);
    polyshm_manager_unref(manager);
    return status;
}

static const struct operation owned[] = {
    {"create a tracked block", true, true, track},
    {"create a tracked list", true, true, track_list},
    {"start a manager, and create", true, true, start_and_create},
    {"connect to a manager, and create", true, true, connect_and_create},
};

struct trial {
    const struct operation *operation;
    bool kills;
    int at, error;
    int count; /* of calls */
    fault_call calls[CALLS_MAX];
};

static struct trial *trial; /* shared with children */
static polyshm_manager *keeper;

static void begin(void)
{
    setenv("POLYSHM_COMMAND", COMMAND, 1);
    runtime_make();
    trial = shared_memory(sizeof *trial);
    EXPECT_OK(polyshm_manager_start("keeper", NULL, 0, &keeper));
}

static void end(void)
{
    EXPECT_OK(polyshm_manager_shutdown(keeper));
    polyshm_manager_unref(keeper);
    EXPECT_SOON(runtime_is_quiet());
    cr_assert_not(block_exists(NAME));
}

/* In a child, which then ends. */
static void try_once(void *unused)
{
    struct results results = UNTOUCHED;
    (void)unused;
    faults_reset();
    if (trial->kills)
        faults_kill(trial->at);
    else if (trial->at >= 0)
        faults_fail(trial->at, trial->error);
    int32_t status = trial->operation->run(&results);
    trial->count = faults_count();
    CHECK(trial->count <= CALLS_MAX);
    for (int i = 0; i < trial->count; i++)
        trial->calls[i] = faults_call(i);
    faults_reset();
    CHECK(status <= 0 && results_are_untouched(&results) == (status < 0));
    CHECK(block_exists(NAME) == (status == POLYSHM_OK));
    if (status < 0)
        CHECK(*polyshm_error_message() && trial->operation->run(&results) == POLYSHM_OK);
    CHECK(block_exists(NAME) && block_is_whole(NAME));
}

static bool keeper_owns(const char *name)
{
    char names[1024];
    uint64_t size = 0;
    EXPECT_OK(polyshm_manager_names(keeper, names, sizeof names, &size));
    return size == strlen(name) + 1 && strcmp(names, name) == 0;
}

/* Whether the block is gone, as the process is; or stays because of its manager, which then has it in its book. */
static bool is_cleaned_up(void)
{
    if (trial->operation->run != connect_and_create)
        return !block_exists(NAME) && runtime_books() == 1;
    cr_assert_eq(keeper_owns(NAME), block_exists(NAME), "call %d", trial->at);
    block_remove(NAME);
    return true;
}

/* Where the helper was killed, too, polyshm_reap does its work. */
static bool is_reaped(void)
{
    uint64_t size;
    if (runtime_helper() == 0)
        EXPECT_STATUS(POLYSHM_OK, polyshm_reap(0, (char[1024]){0}, 1024, &size));
    return is_cleaned_up();
}

static void expect_nothing_left(bool (*is_so)(void))
{
    long patience = 0;
    while (!is_so())
        cr_assert(be_patient(&patience), "%s: call %d, %s, %s: block %d, books %zu stay", trial->operation->name,
                  trial->at, trial->kills ? "killed" : faults_name(trial->calls[trial->at]), strerror(trial->error),
                  block_exists(NAME), runtime_books() - 1);
}

static void list_calls(const struct operation *operation)
{
    *trial = (struct trial){.operation = operation, .at = -1};
    EXPECT_CHILD(try_once, NULL);
    expect_nothing_left(is_cleaned_up);
}

TEST(owners, calls_that_fail_in_turn_leave_a_block_with_an_owner_or_none)
{
    begin();
    for (size_t i = 0; i < COUNT_OF(owned); i++) {
        list_calls(&owned[i]);
        int count = trial->count;
        cr_assert(count > 10);
        for (int at = 0; at < count; at++)
            for (size_t k = 0; k < COUNT_OF(errors); k++) {
                *trial = (struct trial){.operation = &owned[i], .at = at, .error = errors[k]};
                cr_assert(child_runs(try_once, NULL), "%s: call %d, %s, fails with %s", owned[i].name, at,
                          faults_name(trial->calls[at]), strerror(errors[k]));
                expect_nothing_left(is_cleaned_up);
            }
    }
    end();
}

/* Whether it was killed. */
static bool is_killed(void)
{
    int status = child_wait(child_start(try_once, NULL));
    cr_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : status == 0, "%s: call %d", trial->operation->name,
              trial->at);
    if (WIFSIGNALED(status) && block_exists(NAME))
        cr_assert(block_is_whole(NAME), "%s: half a block at call %d", trial->operation->name, trial->at);
    return WIFSIGNALED(status);
}

static void kill_in_turn(bool with_helper)
{
    begin();
    for (size_t i = 0; i < COUNT_OF(owned); i++) {
        bool killed = true;
        for (int at = 0; killed; at++) {
            *trial = (struct trial){.operation = &owned[i], .kills = true, .at = at};
            if (!with_helper)
                runtime_kill_helper();
            killed = is_killed();
            if (!with_helper)
                runtime_kill_helper();
            expect_nothing_left(with_helper ? is_cleaned_up : is_reaped);
        }
    }
    end();
}

TEST(owners, kills_while_creating_leave_nothing_to_a_helper)
{
    kill_in_turn(true);
}

TEST(owners, kills_while_creating_leave_nothing_to_reap_when_the_helper_was_killed_too)
{
    kill_in_turn(false);
}

static void create_and_end(void *unused)
{
    struct results results = UNTOUCHED;
    (void)unused;
    faults_reset();
    CHECK(trial->operation->run(&results) == POLYSHM_OK);
}

/* What a process left, with nobody to clean up, is cleaned up with a fault in it; whether the fault came. */
static bool reap_with_fault(const struct operation *operation, int at, int error)
{
    char names[1024];
    uint64_t size = 0;
    *trial = (struct trial){.operation = operation, .at = at, .error = error};
    EXPECT_CHILD(create_and_end, NULL);
    cr_assert(block_exists(NAME) && runtime_books() == 1);
    faults_reset();
    faults_fail(at, error);
    polyshm_reap(0, names, sizeof names, &size);
    bool reached = faults_count() > at;
    faults_reset();
    EXPECT_OK(polyshm_reap(0, names, sizeof names, &size));
    cr_assert(!block_exists(NAME) && runtime_books() == 0, "%s: call %d of the reaper, %s: block %d, books %zu stay",
              operation->name, at, strerror(error), block_exists(NAME), runtime_books());
    return reached;
}

TEST(owners, calls_that_fail_while_reaping_lose_nothing)
{
    runtime_make();
    runtime_be_idle(); /* so that no helper is quicker */
    trial = shared_memory(sizeof *trial);
    for (size_t i = 0; owned[i].run != connect_and_create; i++)
        for (size_t k = 0; k < COUNT_OF(errors); k++) {
            int at = 0;
            if (errors[k] == EACCES)
                continue; /* what is forbidden stays so: it is another user's */
            while (reap_with_fault(&owned[i], at, errors[k]))
                at++;
            cr_assert(at > 10);
        }
}
