/* Is it UTF-8, and how long? */
#ifndef PSHMI_UTF8_H
#define PSHMI_UTF8_H

#include <stdbool.h>
#include <stdint.h>

/* True if size bytes are well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, surrogates, or code points
 * beyond U+10FFFF. NULs are fine. */
bool pshmi_utf8_is_valid(const void *data, uint64_t size);

/* How many bytes at the beginning are well-formed UTF-8. */
uint64_t pshmi_utf8_prefix(const void *data, uint64_t size);

/* How many code points there are in size bytes of well-formed UTF-8. */
uint64_t pshmi_utf8_length(const void *data, uint64_t size);

#endif
