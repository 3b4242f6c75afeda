/* A process is killed at every step: whatever has a name is whole, and nothing else is left; but for a hidden file
 * where the file system has no O_TMPFILE. */
#include <signal.h>
#include <sys/wait.h>

#include "blocks.h"
#include "expect.h"
#include "faults.h"
#include "leaks.h"
#include "names.h"
#include "operations.h"

#define NAME test_name(0)

struct killing {
    const struct operation *operation;
    int at;
};

static void run_until_killed(void *argument)
{
    const struct killing *killing = argument;
    struct results results = UNTOUCHED;
    faults_kill(killing->at);
    CHECK(killing->operation->run(&results) == POLYSHM_OK);
    CHECK(faults_count() <= killing->at);
}

/* Runs the operation in a child that is killed before its at-th call; whether it was. */
static bool is_killed(const struct operation *operation, int at)
{
    faults_reset();
    int status = child_wait(child_start(run_until_killed, &(struct killing){operation, at}));
    if (WIFSIGNALED(status))
        cr_assert_eq(WTERMSIG(status), SIGKILL);
    else
        cr_assert_eq(status, 0);
    return WIFSIGNALED(status);
}

/* Looks at what a killed process left; whether there is a block of the name. */
static bool look_at_rest(const struct operation *operation, int at)
{
    int32_t attached = 1;
    if (!block_exists(NAME))
        return false;
    cr_assert(block_is_whole(NAME), "%s: half a block at call %d", operation->name, at);
    EXPECT_OK(polyshm_segment_attached(NAME, &attached));
    cr_assert_eq(attached, 0, "%s: the lease of a dead process at call %d", operation->name, at);
    return true;
}

static bool has_fixed_name(const struct operation *operation)
{
    return operation->creates && operation->names;
}

TEST(kills, while_creating_leave_a_whole_block_or_none)
{
    for (size_t i = 0; i < operations_count; i++) {
        int at = 0, found = 0;
        if (!has_fixed_name(&operations[i]))
            continue;
        for (bool killed = true; killed; at++) {
            killed = is_killed(&operations[i], at);
            cr_assert(!*faults_hidden());
            bool exists = look_at_rest(&operations[i], at);
            cr_assert(killed || exists);
            found += exists;
            block_remove(NAME);
        }
        cr_assert(at > 5 && found >= 1, "%s: %d calls", operations[i].name, at);
    }
}

TEST(kills, without_tmpfile_leave_at_the_most_a_hidden_file)
{
    faults_refuse_tmpfile();
    for (size_t i = 0; i < operations_count; i++) {
        int at = 0, hidden = 0;
        if (!has_fixed_name(&operations[i]))
            continue;
        for (bool killed = true; killed; at++) {
            killed = is_killed(&operations[i], at);
            bool exists = look_at_rest(&operations[i], at);
            bool leaves_hidden = *faults_hidden() && block_exists(faults_hidden());
            cr_assert_not(exists && leaves_hidden, "%s: both names at call %d", operations[i].name, at);
            if (leaves_hidden) {
                cr_assert_eq(strncmp(faults_hidden(), ".polyshm-", 9), 0, "%s", faults_hidden());
                block_remove(faults_hidden());
                hidden++;
            }
            block_remove(NAME);
        }
        cr_assert(hidden >= 3, "%s: %d hidden files", operations[i].name, hidden);
    }
}

TEST(kills, while_attaching_leave_the_block_as_it_is)
{
    for (size_t i = 0; i < operations_count; i++) {
        int at = 0;
        if (operations[i].creates)
            continue;
        operation_prepare(&operations[i]);
        while (is_killed(&operations[i], at)) {
            cr_assert(look_at_rest(&operations[i], at));
            at++;
        }
        cr_assert(look_at_rest(&operations[i], at));
        cr_assert(at > 0, "%s was never killed", operations[i].name);
        block_remove(NAME);
    }
}

static void unlink_until_killed(void *argument)
{
    const struct killing *killing = argument;
    struct results results = UNTOUCHED;
    CHECK(polyshm_list_attach(NAME, 0, 0, &results.list) == POLYSHM_OK);
    int before = faults_count();
    faults_kill(killing->at);
    CHECK(polyshm_list_unlink(results.list) == POLYSHM_OK);
    CHECK(faults_count() - before <= killing->at);
}

TEST(kills, while_unlinking_leave_a_whole_block_or_none_and_no_lock)
{
    bool killed = true;
    int at = 0;
    faults_reset();
    for (; killed; at++) {
        struct results results = UNTOUCHED;
        block_remove(NAME);
        EXPECT_OK(operations[4].run(&results)); /* creates the list */
        int status = child_wait(child_start(unlink_until_killed, &(struct killing){.at = at}));
        killed = WIFSIGNALED(status);
        cr_assert(killed || status == 0);
        if (block_exists(NAME) && block_is_whole(NAME))
            EXPECT_OK(polyshm_list_unlink(results.list));
        cr_assert_not(block_exists(NAME));
        polyshm_list_unref(results.list);
    }
    cr_assert_eq(at - 1, 6, "open, flock, lstat, unlink, flock, close");
}
