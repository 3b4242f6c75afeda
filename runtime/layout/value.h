/* Values as callers hand them in. */
#ifndef PSHMI_VALUE_H
#define PSHMI_VALUE_H

#include <polyshm/list.h>
#include <stdbool.h>

#include "verdict.h"

/* Whether it is a value that some slot can hold. */
pshmi_verdict pshmi_value_check(const polyshm_value *value);

/* Whether it is a text or bytes, which have a size. */
bool pshmi_value_is_sized(const polyshm_value *value);

/* Whether its last byte is a NUL, so that only an exact format keeps it. */
bool pshmi_value_ends_in_nul(const polyshm_value *value);

/* Whether the value equals a number, a bool or None, numbers exactly: 2^53 + 1 is no double. */
bool pshmi_value_equals_scalar(const polyshm_value *value, const polyshm_value *scalar);

#endif
