/* Which processes have which blocks open or mapped, polyshm's or not, as /proc shows them: this process excepted. */
#ifndef PSHMI_PROCESSES_H
#define PSHMI_PROCESSES_H

#include "identities.h"

typedef struct {
    pshmi_identity identity; /* the block's */
    int32_t process;
    char command[64]; /* as the process has it: it is not to be trusted */
} pshmi_attached;

typedef struct {
    pshmi_identities found; /* of pshmi_attached */
    uint64_t unseen;        /* processes that this user may not look at */
} pshmi_processes;

/* Looks at every process. */
void pshmi_processes_find(pshmi_processes *processes);

const pshmi_attached *pshmi_processes_of(const pshmi_processes *processes, pshmi_identity identity, size_t *count);

void pshmi_processes_free(pshmi_processes *processes);

#endif
