/* This thread's last failure, in words, beside the status that a function returns. */
#ifndef PSHMI_ERROR_H
#define PSHMI_ERROR_H

#include <polyshm/base.h>

/* Records the message of a failure and returns its status, so that a function fails in one line:
 * `return pshmi_fail(POLYSHM_EINDEX, "...", ...)`. A message that is too long for the record is cut; a byte
 * that is not UTF-8 becomes a question mark. */
int32_t pshmi_fail(int32_t status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails for a parameter that must not be NULL. */
int32_t pshmi_fail_null(const char *function, const char *parameter);

/* A thread's record. Whoever overcomes a failure, and goes on to succeed, puts the record back as it was. */
typedef struct {
    char message[1024];
} pshmi_error_record;

pshmi_error_record pshmi_error_save(void);
void pshmi_error_restore(const pshmi_error_record *record);

#endif
