/* What a test expects, in one line each, and with words when it is not so. */
#ifndef TEST_EXPECT_H
#define TEST_EXPECT_H

#include <criterion/criterion.h>
#include <polyshm.h>
#include <stdio.h>

#include "children.h"
#include "values.h"

#define EXPECT_STATUS(expected, call)                                                                                  \
    do {                                                                                                               \
        int32_t status_ = (call);                                                                                      \
        cr_assert(status_ == (expected), "%s gave %s, not %s; last failure: %s", #call, polyshm_status_name(status_),  \
                  polyshm_status_name(expected), polyshm_error_message());                                             \
    } while (0)

#define EXPECT_OK(call) EXPECT_STATUS(POLYSHM_OK, call)

/* A failure, whose message has these words in it. */
#define EXPECT_FAILURE(expected, words, call)                                                                          \
    do {                                                                                                               \
        EXPECT_STATUS(expected, call);                                                                                 \
        cr_assert(strstr(polyshm_error_message(), words), "\"%s\" is not in the message: %s", words,                   \
                  polyshm_error_message());                                                                            \
    } while (0)

#define EXPECT_VALUE(expected, found)                                                                                  \
    do {                                                                                                               \
        polyshm_value expected_ = (expected), found_ = (found);                                                        \
        cr_assert(value_is(&found_, &expected_), "found %s", value_show(&found_));                                     \
    } while (0)

#define EXPECT_CHILD(run, argument) cr_assert(child_runs(run, argument), "%s failed in a child", #run)

/* What comes to be so, sooner or later. */
#define EXPECT_SOON(condition)                                                                                         \
    do {                                                                                                               \
        long patience_ = 0;                                                                                            \
        while (!(condition))                                                                                           \
            cr_assert(be_patient(&patience_), "still not so: %s", #condition);                                         \
    } while (0)

/* Ends a test that this machine cannot run, and prints why. */
#define SKIP(...)                                                                                                      \
    do {                                                                                                               \
        fprintf(stderr, "skipped: " __VA_ARGS__);                                                                      \
        fputc('\n', stderr);                                                                                           \
        cr_skip_test();                                                                                                \
    } while (0)

/* The same where programs for another machine run in an emulator, for what that does not do, or takes minutes for. */
#define SKIP_IF_EMULATED(...)                                                                                          \
    do {                                                                                                               \
        if (EMULATED)                                                                                                  \
            SKIP(__VA_ARGS__);                                                                                         \
    } while (0)

#endif
