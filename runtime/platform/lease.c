/* Leases: open-file-description locks on bytes behind a block's end (fcntl(2), F_OFD_SETLK).
 *
 * They belong to the open file, not to the process: threads and forked children share one, and the kernel drops it
 * with the last descriptor. A lock on a byte that the file does not have is legal and costs nothing. */
#include <errno.h>

#include "platform.h"
#include "system.h"

/* The alive byte: shared by every attachment. Behind it there is room for one byte a participant. */
static const off_t ALIVE_BYTE = (off_t)1 << 62;

static struct flock alive_lock(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = ALIVE_BYTE, .l_len = 1};
}

int32_t pshmi_lease_share(const pshmi_file *file, const char *name)
{
    struct flock lock = alive_lock(F_RDLCK);
    if (pshmi_system.lock(file->descriptor, F_OFD_SETLK, &lock) == 0)
        return POLYSHM_OK;
    if (errno == EAGAIN || errno == EACCES)
        return pshmi_fail(POLYSHM_ETIMEDOUT, "cannot attach to block '%s': another process keeps its lease to itself",
                          name);
    return pshmi_system_fail("take a lease on", name);
}

int32_t pshmi_lease_is_held(const pshmi_file *file, const char *name, bool *held)
{
    struct flock lock = alive_lock(F_WRLCK);
    if (pshmi_system.lock(file->descriptor, F_OFD_GETLK, &lock) != 0)
        return pshmi_system_fail("ask for the lease of", name);
    *held = lock.l_type != F_UNLCK;
    return POLYSHM_OK;
}
