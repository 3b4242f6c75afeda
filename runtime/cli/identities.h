/* Arrays of what is known of blocks, sorted by the identity that each element begins with. */
#ifndef PSHMI_IDENTITIES_H
#define PSHMI_IDENTITIES_H

#include <stddef.h>

#include "platform.h"

typedef struct {
    void *all;
    size_t count, room;
} pshmi_identities;

/* Adds an element of this size. */
void *pshmi_identities_add(pshmi_identities *found, size_t size);

/* Sorts by identity. */
void pshmi_identities_sort(pshmi_identities *found, size_t size);

/* The first element of this identity, and how many of them there are. */
const void *pshmi_identities_of(const pshmi_identities *found, size_t size, pshmi_identity identity, size_t *count);

#endif
