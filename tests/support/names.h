/* Names of blocks that no other test uses. */
#ifndef TEST_NAMES_H
#define TEST_NAMES_H

enum { TEST_NAMES = 8 };

/* This test's number-th name, 0 to TEST_NAMES - 1: "t_", the guard's process id, this one's, and the number. The same
 * in children, and until the test ends. */
const char *test_name(int number);

/* How all of them begin. */
const char *test_prefix(void);

#endif
