/* What errno means to our callers. */
#include "system.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

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

static int open_folder(void)
{
    return pshmi_system.open(PSHMI_SYSTEM_BLOCKS, O_RDONLY | O_CLOEXEC, 0);
}

static void close_streams(void)
{
    for (int stream = 0; stream <= 2; stream++)
        close(stream);
}

static void open_without_streams(void *unused)
{
    (void)unused;
    close_streams();
    int descriptor = open_folder();
    CHECK(descriptor > 2 && fcntl(descriptor, F_GETFD) == FD_CLOEXEC);
    for (int stream = 0; stream <= 2; stream++)
        CHECK(fcntl(stream, F_GETFD) == -1);
    close(descriptor);
}

TEST(system, opens_nothing_in_the_place_of_a_standard_stream)
{
    EXPECT_CHILD(open_without_streams, NULL);
}

static void open_without_room(void *unused)
{
    const struct rlimit streams = {.rlim_cur = 3, .rlim_max = 3};
    (void)unused;
    close_streams();
    CHECK(setrlimit(RLIMIT_NOFILE, &streams) == 0);
    errno = 0;
    CHECK(open_folder() == -1 && errno == EMFILE);
    CHECK(fcntl(0, F_GETFD) == -1);
}

TEST(system, with_room_for_standard_streams_only_no_descriptor_is_left)
{
    EXPECT_CHILD(open_without_room, NULL);
}
