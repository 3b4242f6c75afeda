/* Each system call fails in its turn, with every errno: the operation fails, or goes another way where there is one;
 * no output is touched, no descriptor and no block stays. */
#include <errno.h>

#include "blocks.h"
#include "expect.h"
#include "faults.h"
#include "leaks.h"
#include "names.h"
#include "operations.h"

#define NAME test_name(0)

static const int errors[] = {EIO,    ENOMEM, EACCES, EPERM,  EROFS,  ENOSPC, EMFILE,     ENFILE, EINTR,
                             EAGAIN, EINVAL, ENOSYS, ENOENT, EEXIST, EISDIR, EOPNOTSUPP, ELOOP};

static bool is_one_of(int error, int one, int other)
{
    return error == one || error == other;
}

/* Whether the call can fail so: names come and go only where a call has one. */
static bool is_possible(fault_call call, int error)
{
    if (error == ENOENT)
        return call == CALL_OPEN || call == CALL_LINKAT || call == CALL_LSTAT;
    return error != EEXIST || call == CALL_LINKAT;
}

static bool is_create_or_attach(const struct operation *operation)
{
    return strncmp(operation->name, "create or attach", 16) == 0;
}

/* Whether the operation has another way when this call, its at-th, fails so. */
static bool has_another_way(const struct operation *operation, fault_call call, int at, int error)
{
    switch (call) {
    case CALL_CLOSE:    /* what is closed is closed */
    case CALL_FSTATVFS: /* the reservation will tell */
        return true;
    case CALL_FALLOCATE:
    case CALL_PREAD:
    case CALL_PWRITE:
        return error == EINTR;
    case CALL_OPEN:
        if (is_create_or_attach(operation) && at == 0)
            return is_one_of(error, ENOENT, EAGAIN); /* to create it; to try again, as below */
        if (!operation->creates && error == EAGAIN)
            return true;                                                   /* somebody removes it at this moment */
        return operation->creates && is_one_of(error, EOPNOTSUPP, EISDIR); /* no O_TMPFILE: a hidden name */
    case CALL_LINKAT:
        if (error == EEXIST)
            return !operation->names || is_create_or_attach(operation); /* another name, or to attach after all */
        return error == ENOENT;                                         /* by way of /proc */
    case CALL_LSTAT:
        return error == ENOENT; /* the answer of exists is no */
    default:
        return false;
    }
}

static void expect_failure_or_another_way(const struct operation *operation, int at, fault_call call, int error)
{
    struct results results = UNTOUCHED;
    operation_prepare(operation);
    int descriptors = descriptors_count();
    faults_reset();
    faults_fail(at, error);
    int32_t status = operation->run(&results);
    faults_reset();
    bool succeeds = has_another_way(operation, call, at, error);
    cr_assert(succeeds ? status == 0 : status < 0, "%s: %s fails with %s: %s", operation->name, faults_name(call),
              strerror(error), polyshm_status_name(status));
    cr_assert_eq(results_are_untouched(&results), !succeeds, "%s: %s", operation->name, faults_name(call));
    if (status < 0)
        cr_assert_eq(block_exists(NAME), !operation->creates, "%s: %s", operation->name, faults_name(call));
    results_drop(&results);
    cr_assert_eq(descriptors_count(), descriptors, "%s: %s", operation->name, faults_name(call));
    block_remove(NAME);
}

/* The calls that the operation makes when all is well. */
static int list_calls(const struct operation *operation, fault_call *calls)
{
    struct results results = UNTOUCHED;
    operation_prepare(operation);
    faults_reset();
    EXPECT_OK(operation->run(&results));
    int count = faults_count();
    for (int i = 0; i < count; i++)
        calls[i] = faults_call(i);
    results_drop(&results);
    block_remove(NAME);
    return count;
}

TEST(calls, that_fail_in_turn_leave_nothing_behind)
{
    for (size_t i = 0; i < operations_count; i++) {
        fault_call calls[64];
        int count = list_calls(&operations[i], calls);
        for (int at = 0; at < count; at++)
            for (size_t k = 0; k < COUNT_OF(errors); k++)
                if (is_possible(calls[at], errors[k]))
                    expect_failure_or_another_way(&operations[i], at, calls[at], errors[k]);
    }
}

static void expect_no_hidden_block(const struct operation *operation, int at, int error)
{
    struct results results = UNTOUCHED;
    faults_reset();
    faults_fail(at, error);
    int32_t status = operation->run(&results);
    cr_assert(*faults_hidden() || status, "no hidden block was made");
    cr_assert_not(*faults_hidden() && block_exists(faults_hidden()), "%s: call %d", operation->name, at);
    cr_assert_eq(status < 0, results_are_untouched(&results), "%s: call %d", operation->name, at);
    faults_reset();
    results_drop(&results);
    cr_assert_not(block_exists(NAME));
}

TEST(calls, that_fail_in_turn_leave_no_hidden_block_where_there_is_no_tmpfile)
{
    faults_refuse_tmpfile();
    for (size_t i = 0; i < operations_count; i++) {
        fault_call calls[64];
        if (!operations[i].creates)
            continue;
        int count = list_calls(&operations[i], calls);
        for (int at = 0; at < count; at++)
            for (size_t k = 0; k < COUNT_OF(errors); k++)
                expect_no_hidden_block(&operations[i], at, errors[k]);
    }
}

static void expect_status_of_all(int32_t expected, const char *words, fault_call call, int error)
{
    struct results results = UNTOUCHED;
    faults_reset();
    faults_fail_all(call, error);
    EXPECT_FAILURE(expected, words, operations[0].run(&results));
    cr_assert(results_are_untouched(&results));
    faults_reset();
    cr_assert_not(block_exists(NAME));
}

TEST(calls, that_keep_failing_are_named)
{
    expect_status_of_all(POLYSHM_ESYSTEM, "there is no /dev/shm", CALL_OPEN, ENOENT);
    expect_status_of_all(POLYSHM_ESYSTEM, "/proc", CALL_LINKAT, ENOENT);
    expect_status_of_all(POLYSHM_ETIMEDOUT, "lease", CALL_LOCK, EAGAIN);
    expect_status_of_all(POLYSHM_ENOSPC, "does not fit", CALL_FALLOCATE, ENOSPC);
    expect_status_of_all(POLYSHM_ENOMEM, NAME, CALL_MMAP, ENOMEM);
    expect_status_of_all(POLYSHM_EMFILE, "ulimit -n", CALL_OPEN, EMFILE);
    expect_status_of_all(POLYSHM_EACCES, "read-only", CALL_OPEN, EROFS);
}

/* unlink works on a handle, so that it is not among the operations. */
static int32_t unlink_with_fault(int at, int error, int *count)
{
    struct results results = UNTOUCHED;
    faults_reset();
    EXPECT_OK(operations[0].run(&results));
    int before = faults_count();
    faults_fail(at, error);
    int32_t status = polyshm_segment_unlink(results.segment);
    *count = faults_count() - before;
    faults_reset();
    cr_assert_eq(block_exists(NAME), status != POLYSHM_OK, "call %d, %s", at, strerror(error));
    results_drop(&results);
    return status;
}

TEST(calls, that_fail_in_turn_leave_the_name_unless_there_is_another_way_to_unlink)
{
    int count, descriptors = descriptors_count();
    EXPECT_OK(unlink_with_fault(-1, 0, &count));
    /* open, flock, lstat, unlink, flock, close */
    cr_assert_eq(count, 6);
    for (int at = 0; at < 6; at++)
        for (size_t k = 0; k < COUNT_OF(errors); k++) {
            int error = errors[k];
            bool is_denied = is_one_of(error, EACCES, EPERM) || is_one_of(error, EROFS, EMFILE) || error == ENFILE;
            bool succeeds =
                (at == 0 && (is_denied || error == EAGAIN)) || (at == 1 && is_one_of(error, EAGAIN, EINTR)) || at >= 4;
            int32_t status = unlink_with_fault(at, error, &count);
            cr_assert_eq(status == POLYSHM_OK, succeeds, "call %d, %s: %s", at, strerror(error),
                         polyshm_status_name(status));
        }
    cr_assert_eq(descriptors_count(), descriptors);
}

TEST(calls, that_fail_while_closing_are_overcome)
{
    for (int at = 0; at < 3; at++)
        for (size_t k = 0; k < COUNT_OF(errors); k++) {
            int descriptors = descriptors_count();
            struct results results = UNTOUCHED;
            faults_reset();
            EXPECT_OK(operations[0].run(&results));
            EXPECT_OK(polyshm_segment_unlink(results.segment));
            faults_fail(at, errors[k]); /* mmap of blank pages, close, munmap */
            EXPECT_OK(polyshm_segment_close(results.segment));
            cr_assert_eq(polyshm_segment_is_closed(results.segment), 1);
            polyshm_segment_unref(results.segment);
            cr_assert_eq(descriptors_count(), descriptors);
        }
}

TEST(calls, that_fail_while_taking_part_in_a_list_leave_it_as_it_is)
{
    struct results results = UNTOUCHED;
    polyshm_list *other;
    const polyshm_value eight = v_int(8);
    polyshm_value found;
    faults_reset();
    EXPECT_OK(operations[4].run(&results)); /* creates the list */
    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &other));
    faults_fail_all(CALL_LOCK, ENOLCK);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "lease", polyshm_list_set(results.list, 0, &eight));
    faults_fail_all(CALL_LOCK, EAGAIN);
    EXPECT_FAILURE(POLYSHM_EMFILE, "participants", polyshm_list_lock(results.list, 10));
    EXPECT_OK(polyshm_list_get(results.list, 0, NULL, 0, &found));
    EXPECT_VALUE(v_int(7), found);
    faults_reset();
    EXPECT_OK(polyshm_list_set(results.list, 0, &eight));

    EXPECT_OK(polyshm_list_lock(other, 0));
    faults_fail_all(CALL_LOCK, ENOLCK);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "lease", polyshm_list_lock(results.list, 10));
    faults_reset();
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_lock(results.list, 0));
    EXPECT_OK(polyshm_list_unlock(other));
    EXPECT_OK(polyshm_list_lock(results.list, 0));
    polyshm_list_unref(other);
    results_drop(&results);
}
