/* The version of a list, and waiting for it to move.
 *
 * The version is even; it becomes odd with the first write after the lock was taken, and even again when the lock is
 * given back. So all that is written under one lock is one step of the version, and a reader of the whole list that finds
 * the same even version before and after has seen one state of it.
 *
 * Who waits for the end of a version notes it in the mark, which only rises. Who ends a version that the mark has
 * reached wakes all who sleep; so a writer makes no system call while nobody waits, and a waiter that died costs one call
 * once. */
#ifndef PSHMI_CHANGE_H
#define PSHMI_CHANGE_H

#include "area.h"

/* Makes the version odd, if it is not. To be called with the lock held, before the first store. */
void pshmi_change_begin(const pshmi_area *area);

/* Makes the version even, if it is not, and gives it; 0 if nothing was written. To be called with the lock held. */
uint64_t pshmi_change_end(const pshmi_area *area);

/* Wakes who waits for a version to end that a change has just ended. To be called after the lock was given back. */
void pshmi_change_wake(const pshmi_area *area, uint64_t version);

/* Wakes who waits for any version to end. */
void pshmi_change_wake_all(const pshmi_area *area);

/* Sleeps until the version is not `seen` any more. POLYSHM_OK also without a change: to be called in a loop.
 * POLYSHM_ETIMEDOUT, POLYSHM_EINTR. Who may not write to the area leaves no mark, and is not sure to be woken. */
int32_t pshmi_change_wait(const pshmi_area *area, bool writable, uint64_t seen, double timeout);

#endif
