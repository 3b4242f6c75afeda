/* Names of blocks: a block's name is a file name in one folder, and nothing that leads out of it. */
#include "name.h"

#include <string.h>

#include "error.h"
#include "utf8.h"

int32_t pshmi_name_check(const char *name)
{
    if (!name)
        return pshmi_fail(POLYSHM_EINVAL, "the block's name is NULL");

    size_t size = strnlen(name, PSHMI_NAME_SIZE);
    if (size == 0)
        return pshmi_fail(POLYSHM_ENAME, "the block's name is empty; it must have 1 to %d bytes", PSHMI_NAME_MAX);
    if (size > PSHMI_NAME_MAX)
        return pshmi_fail(POLYSHM_ENAME, "the block's name is longer than %d bytes", PSHMI_NAME_MAX);
    if (!pshmi_utf8_is_valid(name, size))
        return pshmi_fail(POLYSHM_ENAME, "the block's name is not valid UTF-8");
    if (memchr(name, '/', size))
        return pshmi_fail(POLYSHM_ENAME, "the block's name '%s' has a '/'; names have no folders", name);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return pshmi_fail(POLYSHM_ENAME, "'%s' is a folder and cannot be a block's name", name);
    return POLYSHM_OK;
}

void pshmi_name_format(uint32_t number, char name[PSHMI_NAME_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    memcpy(name, "psm_00000000", 13);
    for (size_t at = 11; number; number >>= 4)
        name[at--] = digits[number & 15];
}
