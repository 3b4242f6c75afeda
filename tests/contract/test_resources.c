/* What runs out is an error here and now, by name, and leaves nothing behind. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "folder.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;

enum { MIB = 1 << 20, CANNOT_MOUNT = 77 };

/* Gives this child a /dev/shm of 2 MiB, or ends it. */
static void mount_small_folder(void)
{
    if (!folder_mount("size=2m")) {
        perror("cannot mount a small /dev/shm");
        _exit(CANNOT_MOUNT);
    }
}

static void run_in_small_folder(void (*run)(void *))
{
    int status = child_wait(child_start(run, NULL));
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_MOUNT)
        SKIP("no private mount");
    cr_assert_eq(status, 0);
}

static void create_too_large(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    int32_t created = 4711;
    (void)unused;
    mount_small_folder();
    CHECK(polyshm_segment_create(NAME, 64 * MIB, 0, 0, &segment) == POLYSHM_ENOSPC);
    CHECK(strstr(polyshm_error_message(), "mount it larger"));
    CHECK(polyshm_segment_create_or_attach(NAME, 64 * MIB, 0, 0, &segment, &created) == POLYSHM_ENOSPC);
    CHECK(segment == NO_SEGMENT && created == 4711);
    CHECK(blocks_count("") == 0);
    CHECK(polyshm_segment_create(NAME, 2 * MIB, 0, 0, &segment) == POLYSHM_OK);
    CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
}

TEST(resources, a_block_larger_than_its_folder_is_refused_and_leaves_no_file)
{
    run_in_small_folder(create_too_large);
}

static void fill_up(void *unused)
{
    polyshm_segment *one, *other, *none = NO_SEGMENT;
    (void)unused;
    mount_small_folder();
    CHECK(polyshm_segment_create(test_name(1), MIB, 0, 0, &one) == POLYSHM_OK);
    CHECK(polyshm_segment_create(test_name(2), MIB, 0, 0, &other) == POLYSHM_OK);
    CHECK(polyshm_segment_create(NAME, 1, 0, 0, &none) == POLYSHM_ENOSPC);
    CHECK(polyshm_segment_create(NAME, MIB, 0, 0, &none) == POLYSHM_ENOSPC);
    CHECK(polyshm_segment_create(NAME, MIB, 0, POLYSHM_SEGMENT_SPARSE, &none) == POLYSHM_OK);
    CHECK(blocks_count("") == 3);
}

TEST(resources, a_full_folder_refuses_the_smallest_block_but_a_sparse_one)
{
    run_in_small_folder(fill_up);
}

static void create_large_list(void *unused)
{
    static char text[3 * MIB];
    polyshm_list *list = NULL;
    polyshm_value value = v_str_of(memset(text, 'a', sizeof text), sizeof text);
    (void)unused;
    mount_small_folder();
    CHECK(polyshm_list_create(NAME, &value, 1, 0, 0, 0, &list) == POLYSHM_ENOSPC);
    CHECK(polyshm_list_create(NAME, &value, 1, 0, 0, POLYSHM_SEGMENT_SPARSE, &list) == POLYSHM_ENOSPC);
    CHECK(!list && blocks_count("") == 0);
}

TEST(resources, a_list_that_does_not_fit_leaves_no_file)
{
    run_in_small_folder(create_large_list);
}

static void mount_read_only(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    (void)unused;
    mount_small_folder();
    CHECK(mount("none", "/dev/shm", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0);
    CHECK(polyshm_segment_create(NAME, 1, 0, 0, &segment) == POLYSHM_EACCES);
    CHECK(strstr(polyshm_error_message(), "read-only"));
    CHECK(segment == NO_SEGMENT);
}

TEST(resources, a_read_only_folder_is_an_error_that_says_so)
{
    run_in_small_folder(mount_read_only);
}

/* Takes all descriptors but this many; the last of them. */
static int take_descriptors(int left)
{
    struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
    int descriptor = -1, last;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while ((last = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        descriptor = last;
    for (int i = 0; i < left; i++)
        close(descriptor - i);
    return descriptor;
}

static void run_out_of_descriptors(void *unused)
{
    polyshm_segment *segment, *none = NO_SEGMENT;
    int32_t answer = 4711;
    (void)unused;
    CHECK(polyshm_segment_create(NAME, 1, 0, 0, &segment) == POLYSHM_OK);
    take_descriptors(0);
    CHECK(polyshm_segment_create(test_name(1), 1, 0, 0, &none) == POLYSHM_EMFILE);
    CHECK(strstr(polyshm_error_message(), "ulimit -n"));
    CHECK(polyshm_segment_attach(NAME, 0, 0, &none) == POLYSHM_EMFILE);
    CHECK(polyshm_segment_create_or_attach(NAME, 1, 0, 0, &none, &answer) == POLYSHM_EMFILE);
    CHECK(polyshm_segment_attached(NAME, &answer) == POLYSHM_EMFILE);
    CHECK(none == NO_SEGMENT && answer == 4711 && !block_exists(test_name(1)));
    CHECK(polyshm_segment_exists(NAME, &answer) == POLYSHM_OK && answer == 1);
    CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
}

TEST(resources, without_a_descriptor_nothing_is_opened_but_a_name_can_go)
{
    EXPECT_CHILD(run_out_of_descriptors, NULL);
    cr_assert_not(block_exists(NAME));
}

static void use_the_last_descriptor(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    take_descriptors(1);
    for (int i = 0; i < 100; i++) {
        CHECK(polyshm_segment_create(NAME, 1, 0, 0, &segment) == POLYSHM_OK);
        CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
        CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
        polyshm_segment_unref(segment);
    }
}

TEST(resources, an_attachment_takes_one_descriptor)
{
    EXPECT_CHILD(use_the_last_descriptor, NULL);
}

/* The bytes of this process's address space that are taken. */
static rlim_t addresses_taken(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    CHECK(file && fscanf(file, "%lu", &pages) == 1);
    fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void run_out_of_addresses(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    rlim_t taken = addresses_taken();
    struct rlimit limit = {.rlim_cur = taken + 256 * MIB, .rlim_max = RLIM_INFINITY};
    (void)unused;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    CHECK(polyshm_segment_create(NAME, (uint64_t)1024 * MIB, 0, POLYSHM_SEGMENT_SPARSE, &segment) == POLYSHM_ENOMEM);
    block_make(NAME, "x", 1);
    block_resize(NAME, (size_t)1024 * MIB);
    CHECK(polyshm_segment_attach(NAME, 0, 0, &segment) == POLYSHM_ENOMEM);
    CHECK(segment == NO_SEGMENT && block_exists(NAME));
    block_remove(NAME);
}

TEST(resources, without_addresses_nothing_is_mapped_and_a_failed_attach_removes_nothing)
{
    SKIP_IF_EMULATED("the emulator sets no limit on addresses");
    EXPECT_CHILD(run_out_of_addresses, NULL);
}

static void exceed_file_size(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    struct rlimit limit = {.rlim_cur = MIB, .rlim_max = MIB};
    (void)unused;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    signal(SIGXFSZ, SIG_IGN);
    CHECK(polyshm_segment_create(NAME, 2 * MIB, 0, 0, &segment) == POLYSHM_ENOSPC);
    CHECK(strstr(polyshm_error_message(), "ulimit -f"));
    CHECK(segment == NO_SEGMENT && !block_exists(NAME));
}

TEST(resources, a_limit_of_file_sizes_is_named)
{
    EXPECT_CHILD(exceed_file_size, NULL);
}

static void write_to_closed_streams(void *unused)
{
    polyshm_segment *created, *attached;
    char found[4];
    (void)unused;
    for (int stream = 0; stream <= 2; stream++)
        close(stream);
    CHECK(polyshm_segment_create(NAME, 4, 0, 0, &created) == POLYSHM_OK);
    CHECK(polyshm_segment_attach(NAME, 0, 0, &attached) == POLYSHM_OK);
    for (int stream = 0; stream <= 2; stream++)
        CHECK(write(stream, "oops", 4) == -1 && errno == EBADF);
    CHECK(polyshm_segment_read(created, 0, found, 4) == POLYSHM_OK && memcmp(found, "\0\0\0", 4) == 0);
    CHECK(polyshm_segment_unlink(created) == POLYSHM_OK);
    polyshm_segment_unref(created);
    polyshm_segment_unref(attached);
}

TEST(resources, what_a_program_prints_to_a_stream_that_it_has_closed_goes_into_no_block)
{
    EXPECT_CHILD(write_to_closed_streams, NULL);
}
