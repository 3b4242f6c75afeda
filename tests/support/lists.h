/* The list that most tests are about: [7, "text"], under the test's first name. */
#ifndef TEST_LISTS_H
#define TEST_LISTS_H

#include <polyshm.h>

/* Creates it. */
polyshm_list *list_make(void);

/* Attaches to it, whatever it holds; also in a child. */
polyshm_list *list_attach(void);

/* Removes the block of that name, if there is one, and gives the handle back. */
void list_drop(polyshm_list *list);

#endif
