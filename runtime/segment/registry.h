/* All open segments of this process, for fork.
 *
 * A child inherits its parent's open files, and with them the parent's leases: the parent would seem alive as long as the
 * child lives. So in the child, before fork returns there, every segment gets a file of its own (pthread_atfork(3)), and a
 * mapping of that file at the same address.
 * A child that is made without these handlers (vfork, clone) must not use what it inherited. */
#ifndef PSHMI_REGISTRY_H
#define PSHMI_REGISTRY_H

#include "segment.h"

/* How many forks there were. To be asked before a file is opened, for add. */
uint64_t pshmi_registry_forks(void);

/* Adds an open segment. If there was a fork since `forks` was asked for, that child has the description, of which it knows
 * nothing: then the segment gets another one. */
void pshmi_registry_add(polyshm_segment *segment, uint64_t forks);

/* Removes the segment, and keeps forks away until let: meanwhile its mapping and its file are closed, so that no child has
 * either without knowing it. */
void pshmi_registry_remove(polyshm_segment *segment);

/* Keeps the segment's file open, and forks away, until let: for a call on its descriptor. POLYSHM_ECLOSED, and nothing is
 * kept, if the segment is closed. */
int32_t pshmi_registry_hold(const polyshm_segment *segment);
void pshmi_registry_let(void);

/* Has forked(user) called in a child after fork; NULL ends that. One a segment. */
void pshmi_registry_follow(polyshm_segment *segment, void (*forked)(void *user), void *user);

#endif
