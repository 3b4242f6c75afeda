/* The parts of polyshm show. */
#ifndef PSHMI_SHOW_H
#define PSHMI_SHOW_H

#include "command.h"
#include "output.h"

/* Shows a list: its parts, its items, its sync area. Adds them to json, if that is not NULL, else prints. */
int pshmi_show_list(const pshmi_block *block, bool all, json_t *json);

/* Shows a block's first bytes, or all. */
int pshmi_show_bytes(const pshmi_block *block, bool all, json_t *json);

/* What a list's sync area says. JSON: null for a list that has none. */
void pshmi_show_sync(const polyshm_list *list);
json_t *pshmi_json_sync(const polyshm_list *list);

#endif
