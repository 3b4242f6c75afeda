/* Names of blocks: a block's name is a file name in one folder, and nothing that leads out of it. */
#include "name.h"

#include <string.h>

#include "error.h"
#include "utf8.h"

int32_t pshmi_name_check_as(const char *what, const char *name)
{
    if (!name)
        return pshmi_fail(POLYSHM_EINVAL, "%s is NULL", what);

    size_t size = strnlen(name, PSHMI_NAME_SIZE);
    if (size == 0)
        return pshmi_fail(POLYSHM_ENAME, "%s is empty; it must have 1 to %d bytes", what, PSHMI_NAME_MAX);
    if (size > PSHMI_NAME_MAX)
        return pshmi_fail(POLYSHM_ENAME, "%s is longer than %d bytes", what, PSHMI_NAME_MAX);
    if (!pshmi_utf8_is_valid(name, size))
        return pshmi_fail(POLYSHM_ENAME, "%s is not valid UTF-8", what);
    if (memchr(name, '/', size))
        return pshmi_fail(POLYSHM_ENAME, "%s '%s' has a '/'; names have no folders", what, name);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return pshmi_fail(POLYSHM_ENAME, "%s cannot be '%s', which is a folder", what, name);
    return POLYSHM_OK;
}

int32_t pshmi_name_check(const char *name)
{
    return pshmi_name_check_as("the block's name", name);
}

void pshmi_name_format(uint32_t number, char name[PSHMI_NAME_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    memcpy(name, "psm_00000000", 13);
    for (size_t at = 11; number; number >>= 4)
        name[at--] = digits[number & 15];
}
