/* Where managers are: what an address may be, and what may lie there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"

#define NAME test_name(0)

static polyshm_manager *const NO_MANAGER = (polyshm_manager *)0x1234;

static void expect_start(int32_t expected, const char *address)
{
    polyshm_manager *manager = NO_MANAGER;
    EXPECT_STATUS(expected, polyshm_manager_start(address, NULL, 0, &manager));
    cr_assert(manager == NO_MANAGER && *polyshm_error_message());
}

static void expect_connect(int32_t expected, const char *address)
{
    polyshm_manager *manager = NO_MANAGER;
    EXPECT_STATUS(expected, polyshm_manager_connect(address, NULL, 0, &manager));
    cr_assert(manager == NO_MANAGER && *polyshm_error_message());
}

static polyshm_manager *start(const char *address)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_start(address, NULL, 0, &manager) == POLYSHM_OK);
    return manager;
}

static void end(polyshm_manager *manager)
{
    EXPECT_OK(polyshm_manager_shutdown(manager));
    polyshm_manager_unref(manager);
    EXPECT_SOON(runtime_is_quiet());
}

TEST(addresses, are_names_of_1_to_250_bytes)
{
    char name[252];
    runtime_make();
    memset(name, 'a', 251);
    name[251] = '\0';
    const char *const bad[] = {"", ".", "..", "a/b", "/", "helper", "\xff", name};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        expect_start(POLYSHM_ENAME, bad[i]);
        cr_expect(strstr(polyshm_error_message(), "the manager's address"), "%s", polyshm_error_message());
        expect_connect(POLYSHM_ENAME, bad[i]);
    }
    name[250] = '\0';
    polyshm_manager *manager = start(name), *client;
    EXPECT_OK(polyshm_manager_connect(name, NULL, 0, &client));
    polyshm_manager_unref(client);
    end(manager);
}

TEST(addresses, of_a_living_manager_are_taken)
{
    runtime_make();
    expect_connect(POLYSHM_ENOENT, "address");
    polyshm_manager *manager = start("address");
    expect_start(POLYSHM_EEXIST, "address");
    end(manager);
    expect_connect(POLYSHM_ENOENT, "address");
    end(start("address"));
}

static void start_and_die(void *unused)
{
    polyshm_segment *segment;
    (void)unused;
    CHECK(polyshm_manager_create_segment(start("address"), NAME, 1, 0, 0, &segment) == POLYSHM_OK);
    runtime_kill_helper();
}

TEST(addresses, of_a_dead_manager_are_free_as_soon_as_they_are_cleaned_up)
{
    runtime_make();
    for (int i = 0; i < 5; i++) {
        EXPECT_CHILD(start_and_die, NULL);
        cr_assert_leq(runtime_books(), 1);
        expect_connect(POLYSHM_ENOENT, "address");
        polyshm_manager *manager = start("address");
        cr_assert_not(block_exists(NAME));
        end(manager);
    }
}

TEST(addresses, need_the_key_that_was_set)
{
    static const char key[256] = "secret\0with a NUL";
    polyshm_manager *manager = NO_MANAGER, *client = NO_MANAGER;
    runtime_make();
    for (uint64_t size = 1; size <= 255; size += 127) {
        EXPECT_OK(polyshm_manager_start("address", key, size, &manager));
        EXPECT_OK(polyshm_manager_connect("address", key, size, &client));
        polyshm_manager_unref(client);
        expect_connect(POLYSHM_EAUTHKEY, "address");
        client = NO_MANAGER;
        EXPECT_FAILURE(POLYSHM_EAUTHKEY, "authkey", polyshm_manager_connect("address", key, size - 1, &client));
        EXPECT_STATUS(POLYSHM_EAUTHKEY, polyshm_manager_connect("address", key + 1, size, &client));
        EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_connect("address", key, 256, &client));
        EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_connect("address", NULL, 1, &client));
        cr_assert_eq(client, NO_MANAGER);
        end(manager);
    }
    manager = NO_MANAGER;
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_start("address", key, 256, &manager));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_start("address", NULL, 1, &manager));
    EXPECT_OK(polyshm_manager_start("address", key, 0, &manager));
    EXPECT_STATUS(POLYSHM_EAUTHKEY, polyshm_manager_connect("address", key, 1, &client));
    end(manager);
}

static void make_file(const void *bytes, size_t size)
{
    FILE *file = fopen(runtime_path("address"), "we");
    cr_assert(file);
    fwrite(bytes, 1, size, file);
    fclose(file);
}

/* The folder is there after a first manager. */
static void make_folder(void)
{
    runtime_make();
    end(start(NULL));
}

static void expect_no_manager(void)
{
    uint64_t size;
    struct stat before, after;
    expect_connect(POLYSHM_ENOTMANAGER, "address");
    expect_start(POLYSHM_ENOTMANAGER, "address");
    cr_assert_eq(lstat(runtime_path("address"), &before), 0);
    EXPECT_OK(polyshm_reap(0, NULL, 0, &size));
    cr_assert_eq(lstat(runtime_path("address"), &after), 0);
    cr_assert_eq(before.st_ino, after.st_ino, "what is none of ours stays");
    cr_assert_eq(remove(runtime_path("address")), 0);
}

TEST(addresses, where_something_else_is_say_so)
{
    char garbage[4096];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (char)(i * 7);
    make_folder();
    make_file(garbage, sizeof garbage);
    expect_no_manager();
    make_file(garbage, 100);
    expect_no_manager();
    cr_assert_eq(mkdir(runtime_path("address"), 0700), 0);
    expect_no_manager();
    cr_assert_eq(mkfifo(runtime_path("address"), 0600), 0);
    expect_no_manager();
    cr_assert_eq(symlink("helper", runtime_path("address")), 0);
    expect_no_manager();
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, runtime_path("address"));
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    expect_no_manager();
    close(listener);
}

TEST(addresses, where_an_empty_file_is_are_free)
{
    make_folder();
    make_file("", 0);
    expect_connect(POLYSHM_ENOTMANAGER, "address");
    end(start("address"));
}

TEST(addresses, of_another_version_say_so)
{
    runtime_make();
    polyshm_manager *manager = start("address");
    const uint32_t version = 2;
    int file = open(runtime_path("address"), O_WRONLY | O_CLOEXEC);
    cr_assert_eq(pwrite(file, &version, sizeof version, 8), sizeof version);
    close(file);
    expect_connect(POLYSHM_ELAYOUT, "address");
    expect_start(POLYSHM_ELAYOUT, "address");
    EXPECT_STATUS(POLYSHM_ELAYOUT, polyshm_manager_shutdown(manager));
    polyshm_manager_unref(manager);
    cr_assert_eq(unlink(runtime_path("address")), 0);
    EXPECT_SOON(runtime_is_quiet());
}

static void be_nobody(void *unused)
{
    (void)unused;
    CHECK(setresuid(65534, 65534, 65534) == 0);
    polyshm_manager *manager = NO_MANAGER;
    CHECK(polyshm_manager_connect("address", NULL, 0, &manager) == POLYSHM_EACCES);
    CHECK(polyshm_manager_start("another", NULL, 0, &manager) == POLYSHM_EACCES);
    CHECK(manager == NO_MANAGER);
}

TEST(addresses, are_for_one_user)
{
    if (geteuid() != 0)
        SKIP("only root becomes another user");
    chmod(runtime_make(), 0755); /* so that the folder itself has to refuse */
    chmod(getenv("POLYSHM_TEST_RUNTIME"), 0755);
    polyshm_manager *manager = start("address");
    EXPECT_CHILD(be_nobody, NULL);
    cr_assert_eq(chown(runtime_path("address"), 65534, 65534), 0);
    expect_connect(POLYSHM_EACCES, "address");
    cr_assert_eq(chown(runtime_path("address"), 0, 0), 0);
    end(manager);
}
