/* The versions of the library and its ABI; the build passes them in. */
#include <polyshm/base.h>

const char *polyshm_version(void)
{
    return POLYSHM_VERSION;
}

uint32_t polyshm_abi_version(void)
{
    return POLYSHM_ABI_VERSION;
}
