/* What polyshm doctor looks at. Each check reports one finding or more. */
#ifndef PSHMI_CHECKS_H
#define PSHMI_CHECKS_H

#include <jansson.h>

#include "platform.h"

typedef enum { PSHMI_FOUND_OK, PSHMI_FOUND_WARNING, PSHMI_FOUND_PROBLEM } pshmi_level;

typedef struct pshmi_findings pshmi_findings;

/* What was found, in words, and what to do about it: NULL if there is nothing to do. */
void pshmi_findings_add(pshmi_findings *findings, const char *check, pshmi_level level, const char *advice,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The system: the folder of blocks, what its kernel can do, this process's limits. */
void pshmi_check_blocks_folder(pshmi_findings *findings);
void pshmi_check_space(pshmi_findings *findings);
void pshmi_check_kernel(pshmi_findings *findings);
void pshmi_check_limits(pshmi_findings *findings);
void pshmi_check_logout(pshmi_findings *findings);

/* Tracking and managers: the folder of books, its helper, what is left behind. */
void pshmi_check_books(pshmi_findings *findings);

#endif
