/* What the layout functions answer: a status, and why in words that fit behind "list 'x', item 3: ".
 * They record nothing themselves; the list, which knows its name and the item, does. */
#ifndef PSHMI_VERDICT_H
#define PSHMI_VERDICT_H

#include <polyshm/base.h>
#include <stddef.h>

typedef struct {
    int32_t status;
    const char *why; /* a constant; NULL when all is well */
} pshmi_verdict;

#define PSHMI_FINE             ((pshmi_verdict){POLYSHM_OK, NULL})
#define PSHMI_BAD(status, why) ((pshmi_verdict){status, why})

#endif
