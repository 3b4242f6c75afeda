/* Names of blocks. */
#ifndef PSHMI_NAME_H
#define PSHMI_NAME_H

#include <stdint.h>

enum { PSHMI_NAME_MAX = 250, PSHMI_NAME_SIZE = PSHMI_NAME_MAX + 1 };

/* POLYSHM_OK if name is 1 to 250 bytes of UTF-8 without '/', and not "." or ".."; else POLYSHM_ENAME, or
 * POLYSHM_EINVAL for NULL. The limit leaves a file name of 255 bytes room for a suffix. */
int32_t pshmi_name_check(const char *name);

/* The same for what else is a file's name, with words of its own: "the manager's address". */
int32_t pshmi_name_check_as(const char *what, const char *name);

/* Writes a name as CPython makes them, "psm_" and 8 hex digits, into name. */
void pshmi_name_format(uint32_t number, char name[PSHMI_NAME_SIZE]);

#endif
