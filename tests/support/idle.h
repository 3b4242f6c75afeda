/* Being alone with one's books. */
#ifndef TEST_IDLE_H
#define TEST_IDLE_H

#include <stdlib.h>

/* From now on helpers that are started do nothing. */
static inline void runtime_be_idle(void)
{
    setenv("POLYSHM_COMMAND", IDLE, 1);
}

#endif
