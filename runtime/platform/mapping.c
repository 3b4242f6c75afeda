/* Mapping blocks into memory. */
#include <inttypes.h>
#include <stddef.h>

#include "platform.h"
#include "system.h"

static int protection_of(bool readonly)
{
    return readonly ? PROT_READ : PROT_READ | PROT_WRITE;
}

int32_t pshmi_mapping_check(const char *name, uint64_t size)
{
    if (size <= PTRDIFF_MAX)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOMEM, "cannot map block '%s': its %" PRIu64 " bytes are more than %zu bits can address",
                      name, size, 8 * sizeof(void *));
}

int32_t pshmi_mapping_open(const pshmi_file *file, bool readonly, const char *name, void **address)
{
    int32_t failure = pshmi_mapping_check(name, file->size);
    if (failure)
        return failure;
    void *mapped =
        pshmi_system.mmap(NULL, (size_t)file->size, protection_of(readonly), MAP_SHARED, file->descriptor, 0);
    if (mapped == MAP_FAILED)
        return pshmi_system_fail("map", name);
    *address = mapped;
    return POLYSHM_OK;
}

void pshmi_mapping_reopen(const pshmi_file *file, bool readonly, void *address)
{
    if (file->descriptor >= 0)
        pshmi_system.mmap(address, (size_t)file->size, protection_of(readonly), MAP_SHARED | MAP_FIXED,
                          file->descriptor, 0);
}

void pshmi_mapping_blank(void *address, uint64_t size)
{
    /* MAP_FIXED replaces the pages under the kernel's own lock: an access waits for it and then meets zeros. */
    pshmi_system.mmap(address, (size_t)size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

void pshmi_mapping_close(void *address, uint64_t size)
{
    pshmi_system.munmap(address, (size_t)size);
}
