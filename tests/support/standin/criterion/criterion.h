/* Stands in for Criterion where it cannot be had: for other machines and other C libraries. It has what the tests here
 * use, with the same meaning and the same last line; a test that takes half a minute fails. */
#ifndef STANDIN_CRITERION_H
#define STANDIN_CRITERION_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct standin_test {
    const char *name;
    void (*run)(void);
    struct standin_test *next;
} standin_test;

/* Adds a test behind the others; main runs each in a child. */
void standin_add(standin_test *test);

/* Notes, and shows, that the test failed; ends it there if that is fatal. */
void standin_fail(bool fatal, const char *file, int line, const char *condition, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Ends the test as one that passed. */
_Noreturn void standin_skip(void);

#define Test(suite, test, ...)                                                                                         \
    static void suite##_##test##_run(void);                                                                            \
    __attribute__((constructor)) static void suite##_##test##_add(void)                                                \
    {                                                                                                                  \
        static standin_test entry = {.name = #suite "/" #test, .run = suite##_##test##_run};                           \
        standin_add(&entry);                                                                                           \
    }                                                                                                                  \
    static void suite##_##test##_run(void)

#define STANDIN_CHECK(fatal, holds, text, ...)                                                                         \
    ((holds) ? (void)0 : standin_fail(fatal, __FILE__, __LINE__, text, " " __VA_ARGS__))
#define STANDIN_COMPARE(fatal, a, is, b, ...) STANDIN_CHECK(fatal, (a)is(b), #a " " #is " " #b, __VA_ARGS__)
#define STANDIN_STRINGS(fatal, a, is, b, ...) STANDIN_CHECK(fatal, strcmp(a, b) is 0, #a " " #is " " #b, __VA_ARGS__)
#define STANDIN_BYTES(fatal, a, b, size, ...)                                                                          \
    STANDIN_CHECK(fatal, memcmp(a, b, size) == 0, "the bytes of " #a " and " #b, __VA_ARGS__)

#define cr_assert(condition, ...)         STANDIN_CHECK(true, condition, #condition, __VA_ARGS__)
#define cr_assert_not(condition, ...)     STANDIN_CHECK(true, !(condition), "not " #condition, __VA_ARGS__)
#define cr_assert_null(pointer, ...)      STANDIN_COMPARE(true, pointer, ==, NULL, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)           STANDIN_COMPARE(true, a, ==, b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)          STANDIN_COMPARE(true, a, !=, b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)          STANDIN_COMPARE(true, a, <=, b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)          STANDIN_COMPARE(true, a, >=, b, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)       STANDIN_STRINGS(true, a, ==, b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)      STANDIN_STRINGS(true, a, !=, b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...)    STANDIN_BYTES(true, a, b, n, __VA_ARGS__)
#define cr_expect(condition, ...)         STANDIN_CHECK(false, condition, #condition, __VA_ARGS__)
#define cr_expect_not(condition, ...)     STANDIN_CHECK(false, !(condition), "not " #condition, __VA_ARGS__)
#define cr_expect_eq(a, b, ...)           STANDIN_COMPARE(false, a, ==, b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...)          STANDIN_COMPARE(false, a, <=, b, __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)       STANDIN_STRINGS(false, a, ==, b, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...)    STANDIN_BYTES(false, a, b, n, __VA_ARGS__)
#define cr_expect_float_eq(a, b, by, ...) STANDIN_COMPARE(false, fabs((a) - (b)), <=, by, __VA_ARGS__)
#define cr_skip_test()                    standin_skip()

#endif
