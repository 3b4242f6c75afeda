/* What errno means to our callers. */
#include "system.h"

#include <errno.h>

#include "expect.h"
#include "leaks.h"

static void expect_status(int number, int32_t expected)
{
    errno = number;
    EXPECT_FAILURE(expected, strerror(number), pshmi_system_fail("create", "numbers"));
    cr_assert(strstr(polyshm_error_message(), "cannot create block 'numbers'"), "%s", polyshm_error_message());
}

TEST(system, each_errno_has_a_status)
{
    expect_status(EEXIST, POLYSHM_EEXIST);
    expect_status(ENOENT, POLYSHM_ENOENT);
    expect_status(EACCES, POLYSHM_EACCES);
    expect_status(EPERM, POLYSHM_EACCES);
    expect_status(EROFS, POLYSHM_EACCES);
    expect_status(ENOSPC, POLYSHM_ENOSPC);
    expect_status(EDQUOT, POLYSHM_ENOSPC);
    expect_status(EFBIG, POLYSHM_ENOSPC);
    expect_status(ENOMEM, POLYSHM_ENOMEM);
    expect_status(EMFILE, POLYSHM_EMFILE);
    expect_status(ENFILE, POLYSHM_EMFILE);
    expect_status(EINTR, POLYSHM_EINTR);
    expect_status(ENAMETOOLONG, POLYSHM_ENAME);
    expect_status(ELOOP, POLYSHM_ENOTBLOCK);
    expect_status(EISDIR, POLYSHM_ENOTBLOCK);
    expect_status(ENXIO, POLYSHM_ENOTBLOCK);
    expect_status(ENODEV, POLYSHM_ENOTBLOCK);
}

TEST(system, any_other_errno_is_a_failure_of_the_system)
{
    expect_status(EIO, POLYSHM_ESYSTEM);
    expect_status(EBADF, POLYSHM_ESYSTEM);
    expect_status(ENOSYS, POLYSHM_ESYSTEM);
    expect_status(12345, POLYSHM_ESYSTEM);
}

static void expect_way_out(int number, const char *words)
{
    errno = number;
    pshmi_system_fail("create", "numbers");
    cr_assert(strstr(polyshm_error_message(), words), "%s", polyshm_error_message());
}

TEST(system, the_message_says_what_to_do)
{
    expect_way_out(EEXIST, "attach to it");
    expect_way_out(EMFILE, "ulimit -n");
    expect_way_out(EROFS, "remount it read-write");
    expect_way_out(EFBIG, "ulimit -f");
    expect_way_out(ELOOP, "symbolic link");
}
