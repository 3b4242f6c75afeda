/* Leases: open-file-description locks on bytes behind a block's end (fcntl(2), F_OFD_SETLK).
 *
 * They belong to the open file, not to the process: threads and forked children share one, and the kernel drops it
 * with the last descriptor. A lock on a byte that the file does not have is legal and costs nothing. */
#include <errno.h>

#include "platform.h"
#include "system.h"

/* The alive byte: shared by every attachment. Behind it there is room for one byte a participant. */
static const off_t ALIVE_BYTE = (off_t)1 << 62;

static struct flock byte_lock(off_t byte, short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

/* Takes a lock of this type on a byte, if no other description's is in the way. */
static int32_t take(const pshmi_file *file, const char *name, off_t byte, short type, bool *taken)
{
    struct flock lock = byte_lock(byte, type);
    *taken = pshmi_system.lock(file->descriptor, F_OFD_SETLK, &lock) == 0;
    if (*taken || errno == EAGAIN || errno == EACCES)
        return POLYSHM_OK;
    return pshmi_system_fail("take a lease on", name);
}

/* Whether another description has any lock on a byte. */
static int32_t is_taken(const pshmi_file *file, const char *name, off_t byte, bool *taken)
{
    struct flock lock = byte_lock(byte, F_WRLCK);
    if (pshmi_system.lock(file->descriptor, F_OFD_GETLK, &lock) != 0)
        return pshmi_system_fail("ask for a lease on", name);
    *taken = lock.l_type != F_UNLCK;
    return POLYSHM_OK;
}

int32_t pshmi_lease_share(const pshmi_file *file, const char *name)
{
    bool taken;
    int32_t failure = take(file, name, ALIVE_BYTE, F_RDLCK, &taken);
    if (failure || taken)
        return failure;
    return pshmi_fail(POLYSHM_ETIMEDOUT, "cannot attach to block '%s': another process keeps its lease to itself",
                      name);
}

static void give(const pshmi_file *file, off_t byte)
{
    struct flock lock = byte_lock(byte, F_UNLCK);
    pshmi_system.lock(file->descriptor, F_OFD_SETLK, &lock);
}

void pshmi_lease_end(const pshmi_file *file)
{
    give(file, ALIVE_BYTE);
}

void pshmi_lease_give(const pshmi_file *file, uint32_t number)
{
    give(file, ALIVE_BYTE + 1 + (off_t)number);
}

int32_t pshmi_lease_is_held(const pshmi_file *file, const char *name, bool *held)
{
    return is_taken(file, name, ALIVE_BYTE, held);
}

int32_t pshmi_lease_take(const pshmi_file *file, const char *name, uint32_t number, bool *taken)
{
    return take(file, name, ALIVE_BYTE + 1 + (off_t)number, F_WRLCK, taken);
}

int32_t pshmi_lease_is_taken(const pshmi_file *file, const char *name, uint32_t number, bool *taken)
{
    return is_taken(file, name, ALIVE_BYTE + 1 + (off_t)number, taken);
}
