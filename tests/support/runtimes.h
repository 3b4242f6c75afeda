/* A runtime folder of one's own ($XDG_RUNTIME_DIR), and the helper and the books in it. */
#ifndef TEST_RUNTIMES_H
#define TEST_RUNTIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Makes a fresh one for this process and its children, inside the guard's, which removes it. Gives its path. */
const char *runtime_make(void);

/* The path of this file in the folder in which helper and books are; of the folder itself for "". The text is overwritten
 * by the call after the next. */
const char *runtime_path(const char *file);

/* The process id of the helper, 0 if none lives. */
pid_t runtime_helper(void);

/* How many books there are. */
size_t runtime_books(void);

/* The name of a book; "" if there is none. */
const char *runtime_book(void);

/* Kills the helper, and waits until it is gone. */
void runtime_kill_helper(void);

/* Whether there is neither a book nor a helper. */
bool runtime_is_quiet(void);

#endif
