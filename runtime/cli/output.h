/* How values, and what is known of blocks, are written: for people, and as JSON (jansson). */
#ifndef PSHMI_OUTPUT_H
#define PSHMI_OUTPUT_H

#include <jansson.h>
#include <polyshm/list.h>

#include "block.h"
#include "keepers.h"
#include "processes.h"
#include "screen.h"

/* "int", ... by POLYSHM_TYPE_...; and the type of that name, -1 if there is none. */
const char *pshmi_output_type_name(int32_t type);
int32_t pshmi_output_type(const char *name);

/* Writes a value so that its type can be told: none, true, 1, 1.0, "text", b"bytes". */
void pshmi_output_value(FILE *stream, const polyshm_value *value, uint64_t columns);

/* Writes a number, bool or None. */
void pshmi_output_scalar(FILE *stream, const polyshm_value *value);

/* {"type": ..., "value": ...}. Bytes are hexadecimal digits; a float that is no number in JSON is a text. */
json_t *pshmi_json_value(const polyshm_value *value);

/* A text of hexadecimal digits. */
json_t *pshmi_json_hex(const void *bytes, uint64_t size);

/* A text that may be anything, escaped as for people. */
json_t *pshmi_json_escaped(const void *data, uint64_t size);

/* Prints it on one line, or indented, and drops it. */
void pshmi_json_print(json_t *json, bool line);

/* All that is known of blocks. */
typedef struct {
    pshmi_processes processes;
    pshmi_keepers keepers;
} pshmi_knowledge;

void pshmi_knowledge_gather(pshmi_knowledge *knowledge);
void pshmi_knowledge_free(pshmi_knowledge *knowledge);

json_t *pshmi_json_keeper(const pshmi_keeper *keeper);
json_t *pshmi_json_block(const pshmi_block *block, const pshmi_knowledge *knowledge);

void pshmi_output_keepers(FILE *stream, const pshmi_block *block, const pshmi_knowledge *knowledge);
void pshmi_output_attached(FILE *stream, const pshmi_block *block, const pshmi_knowledge *knowledge);
void pshmi_output_owner(FILE *stream, const pshmi_block *block);

/* Says on stderr that there are processes that could not be looked at. */
void pshmi_output_unseen(const pshmi_processes *processes);

#endif
