/* This thread's last failure, in words, beside the status that a function returns. */
#ifndef PSHMI_ERROR_H
#define PSHMI_ERROR_H

#include <polyshm/base.h>

/* Records the message of a failure and returns its status, so that a function fails in one line:
 * `return pshmi_fail(POLYSHM_EINDEX, "...", ...)`. A message that is too long for the record is cut. */
int32_t pshmi_fail(int32_t status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails for a parameter that must not be NULL. */
int32_t pshmi_fail_null(const char *function, const char *parameter);

#endif
