/* Sleeping on a word of shared memory (futex(2)), between processes. */
#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform.h"
#include "system.h"

/* Where long has 32 bits, the first call takes seconds of 32 bits, whatever time_t has. */
#ifdef SYS_futex_time64
enum { FUTEX = SYS_futex_time64 };
#else
enum { FUTEX = SYS_futex };
#endif
_Static_assert(sizeof(time_t) == 8, "times of 32 bits end in 2038");

/* No FUTEX_PRIVATE_FLAG: the kernel finds the word by its place in the file. */
int32_t pshmi_futex_wait(_Atomic uint32_t *word, uint32_t expected, double timeout)
{
    struct timespec time = pshmi_clock_timespec(timeout);
    if (syscall(FUTEX, word, FUTEX_WAIT, expected, &time, NULL, 0) == 0 || errno == EAGAIN)
        return POLYSHM_OK;
    if (errno == ETIMEDOUT)
        return POLYSHM_ETIMEDOUT;
    if (errno == EINTR)
        return pshmi_fail(POLYSHM_EINTR, "a signal interrupted the wait");
    return pshmi_fail(POLYSHM_ESYSTEM, "cannot wait for another process (futex): %s", strerror(errno));
}

void pshmi_futex_wake(_Atomic uint32_t *word, int32_t count)
{
    syscall(FUTEX, word, FUTEX_WAKE, count, NULL, NULL, 0);
}
