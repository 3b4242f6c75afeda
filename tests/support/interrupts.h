/* A signal that comes a hundred times a second, to interrupt what waits. Its handler does nothing. */
#ifndef TEST_INTERRUPTS_H
#define TEST_INTERRUPTS_H

void interrupts_start(void);
void interrupts_stop(void);

#endif
