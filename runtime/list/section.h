/* Sections: the stretch of code in which a writer has the list to itself.
 *
 * What is written in one section is one step of the list's version. A list that a stock CPython made has no lock: there a
 * section is nothing, and a writer beside others may tear a value, as among stock processes. */
#ifndef PSHMI_SECTION_H
#define PSHMI_SECTION_H

#include "list.h"

/* Takes the lock, within the handle's timeout, and puts right what a dead holder left. 0, or an error. */
int32_t pshmi_section_enter(polyshm_list *list);

/* Writes a value that is checked and fits. */
void pshmi_section_write(polyshm_list *list, uint64_t index, const polyshm_value *value);

/* The short way for what is written most, in a section of its own: a number over a number of the same format, when the
 * lock is free. False, and nothing has happened, when it is not as easy as that. */
bool pshmi_section_step(polyshm_list *list, uint64_t index, uint64_t format, uint64_t word);

/* Gives the lock back, however often it was taken, if this thread holds it: before a close. */
void pshmi_section_quit(polyshm_list *list);

/* Gives the lock back, whichever thread took it: when the handle goes, and the segment, with the lease, may stay. Another
 * thread's is one whose holder has died. */
void pshmi_section_drop(polyshm_list *list);

/* Gives the lock back, and wakes who waits for a change. POLYSHM_ECLOSED if the list was closed meanwhile. */
int32_t pshmi_section_leave(polyshm_list *list);

#endif
