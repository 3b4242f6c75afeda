/* What a test leaves behind: descriptors, blocks with one of its names, children. */
#ifndef TEST_LEAKS_H
#define TEST_LEAKS_H

#include <criterion/criterion.h>

/* A test that fails if it leaves anything: TEST(suite, sentence) { ... } */
#define TEST(suite, name)                                                                                              \
    static void suite##_##name##_body(void);                                                                           \
    Test(suite, name, .timeout = 300)                                                                                  \
    {                                                                                                                  \
        leaks_watch();                                                                                                 \
        suite##_##name##_body();                                                                                       \
        leaks_check();                                                                                                 \
    }                                                                                                                  \
    static void suite##_##name##_body(void)

/* Notes what is open before a test. */
void leaks_watch(void);

/* Fails the test for everything that was not there before it. Blocks are removed. */
void leaks_check(void);

/* How many descriptors are open. */
int descriptors_count(void);

#endif
