/* Lists that a command attaches to, and their items. */
#ifndef PSHMI_OPENING_H
#define PSHMI_OPENING_H

#include <polyshm/list.h>

/* Attaches; from now on this process ends with words, and the status of a failure, when a peer truncates the block. */
int32_t pshmi_opening_list(const char *name, uint32_t flags, polyshm_list **list);

/* Reads an item into fresh memory, which the caller frees; NULL if that fails. */
void *pshmi_opening_get(const polyshm_list *list, int64_t index, polyshm_value *value);

#endif
