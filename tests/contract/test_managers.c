/* Managers: what they own, for whom, and until when. */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"

#define NAME  test_name(0)
#define OTHER test_name(1)

static polyshm_manager *const NO_MANAGER = (polyshm_manager *)0x1234;
static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;
static polyshm_list *const NO_LIST = (polyshm_list *)0x1234;

static polyshm_manager *start(void)
{
    polyshm_manager *manager;
    runtime_make();
    EXPECT_OK(polyshm_manager_start("address", NULL, 0, &manager));
    return manager;
}

static polyshm_manager *connect_to(const char *address)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_connect(address, NULL, 0, &manager) == POLYSHM_OK);
    return manager;
}

static void create(polyshm_manager *manager, const char *name)
{
    polyshm_segment *segment;
    CHECK(polyshm_manager_create_segment(manager, name, 1, 0, 0, &segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static void end(polyshm_manager *manager)
{
    EXPECT_OK(polyshm_manager_shutdown(manager));
    polyshm_manager_unref(manager);
    EXPECT_SOON(runtime_is_quiet());
}

TEST(managers, own_what_is_created_through_them_until_they_are_shut_down)
{
    polyshm_manager *manager = start();
    polyshm_segment *segment, *nameless;
    polyshm_list *list;
    const polyshm_value value = v_str("text");
    const char *fresh;
    char bytes[4] = "xxxx";
    EXPECT_OK(polyshm_manager_create_segment(manager, NAME, 4, 0640, POLYSHM_SEGMENT_SPARSE, &segment));
    EXPECT_OK(polyshm_manager_create_segment(manager, NULL, 4, 0, 0, &nameless));
    EXPECT_OK(polyshm_manager_create_list(manager, OTHER, &value, 1, 0, 0, 0, &list));
    EXPECT_OK(polyshm_segment_name(nameless, &fresh));
    cr_assert_eq(block_status(NAME).st_mode & 0777, 0640);
    cr_assert(block_exists(fresh) && block_exists(OTHER));
    EXPECT_OK(polyshm_manager_shutdown(manager));
    cr_assert(!block_exists(NAME) && !block_exists(fresh) && !block_exists(OTHER));
    EXPECT_OK(polyshm_segment_read(segment, 0, bytes, 4));
    cr_assert_arr_eq(bytes, "\0\0\0\0", 4, "who is attached stays so");
    EXPECT_OK(polyshm_list_set(list, 0, &value));
    EXPECT_OK(polyshm_manager_shutdown(manager));
    EXPECT_OK(polyshm_manager_join(manager, 30));
    polyshm_segment_unref(segment);
    polyshm_segment_unref(nameless);
    polyshm_list_unref(list);
    polyshm_manager_unref(manager);
    EXPECT_SOON(runtime_is_quiet());
}

static void leave_blocks(void *how)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_start("address", NULL, 0, &manager) == POLYSHM_OK);
    create(manager, NAME);
    if (*(int *)how == SIGKILL)
        raise(SIGKILL);
    if (*(int *)how == 0)
        polyshm_manager_unref(manager);
}

TEST(managers, end_with_the_process_that_started_them)
{
    int hows[] = {0, 1, SIGKILL};
    runtime_make();
    for (size_t i = 0; i < COUNT_OF(hows); i++) {
        child_wait(child_start(leave_blocks, &hows[i]));
        EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
    }
}

static void create_as_client(void *unused)
{
    (void)unused;
    polyshm_manager *manager = connect_to("address");
    CHECK(polyshm_manager_is_owner(manager) == 0);
    create(manager, NAME);
    CHECK(polyshm_manager_shutdown(manager) == POLYSHM_ENOTSTARTER);
    polyshm_manager_unref(manager);
}

TEST(managers, own_what_other_processes_create_and_outlive_those)
{
    polyshm_manager *manager = start();
    cr_assert_eq(polyshm_manager_is_owner(manager), 1);
    EXPECT_CHILD(create_as_client, NULL);
    cr_assert(block_exists(NAME));
    end(manager);
    cr_assert_not(block_exists(NAME));
}

static void use_inherited(void *argument)
{
    polyshm_manager *manager = argument;
    char names[128];
    uint64_t size;
    CHECK(polyshm_manager_is_owner(manager) == 0);
    CHECK(polyshm_manager_names(manager, names, sizeof names, &size) == POLYSHM_OK && size == strlen(NAME) + 1);
    create(manager, OTHER);
    CHECK(polyshm_manager_shutdown(manager) == POLYSHM_ENOTSTARTER);
    CHECK(polyshm_manager_close(manager) == POLYSHM_OK);
    polyshm_manager_unref(manager);
}

TEST(managers, a_child_of_fork_goes_on_as_a_client)
{
    polyshm_manager *manager = start();
    create(manager, NAME);
    EXPECT_CHILD(use_inherited, manager);
    cr_assert(block_exists(NAME) && block_exists(OTHER));
    cr_assert_eq(polyshm_manager_is_owner(manager), 1);
    end(manager);
    cr_assert(!block_exists(NAME) && !block_exists(OTHER));
}

static void fork_and_die(void *gate)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_start("address", NULL, 0, &manager) == POLYSHM_OK);
    create(manager, NAME);
    if (fork() == 0) {
        gate_wait(*(int *)gate);
        _exit(polyshm_manager_create_segment(manager, OTHER, 1, 0, 0, &(polyshm_segment *){0}) != POLYSHM_ENOENT);
    }
}

TEST(managers, a_child_of_fork_does_not_keep_them_alive)
{
    int gate = gate_make();
    runtime_make();
    EXPECT_CHILD(fork_and_die, &gate);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
    gate_open(gate);
    close(gate);
}

TEST(managers, two_of_them_have_nothing_in_common)
{
    polyshm_manager *one = start(), *two, *three;
    const char *address = NULL, *third = NULL;
    EXPECT_OK(polyshm_manager_start(NULL, NULL, 0, &two));
    EXPECT_OK(polyshm_manager_start(NULL, NULL, 0, &three));
    EXPECT_OK(polyshm_manager_address(two, &address));
    EXPECT_OK(polyshm_manager_address(three, &third));
    cr_assert(strncmp(address, "manager-", 8) == 0 && strlen(address) == 16 && strcmp(address, third) != 0);
    create(one, NAME);
    create(two, OTHER);
    EXPECT_OK(polyshm_manager_shutdown(one));
    cr_assert(!block_exists(NAME) && block_exists(OTHER));
    polyshm_manager_unref(one);
    polyshm_manager_unref(three);
    end(two);
    cr_assert_not(block_exists(OTHER));
}

TEST(managers, adopt_and_release_blocks)
{
    polyshm_manager *manager = start(), *client = connect_to("address");
    block_make(NAME, "x", 1);
    EXPECT_STATUS(POLYSHM_ENOENT, polyshm_manager_adopt(manager, OTHER));
    EXPECT_STATUS(POLYSHM_ENOENT, polyshm_manager_release(manager, OTHER));
    EXPECT_STATUS(POLYSHM_ENOTFOUND, polyshm_manager_release(manager, NAME));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_manager_adopt(manager, "a/b"));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_release(manager, NULL));
    EXPECT_OK(polyshm_manager_adopt(manager, NAME));
    EXPECT_OK(polyshm_manager_adopt(client, NAME));
    EXPECT_OK(polyshm_manager_release(client, NAME));
    EXPECT_STATUS(POLYSHM_ENOTFOUND, polyshm_manager_release(manager, NAME));
    create(client, OTHER);
    EXPECT_OK(polyshm_manager_release(manager, OTHER));
    EXPECT_OK(polyshm_manager_adopt(client, NAME));
    polyshm_manager_unref(client);
    end(manager);
    cr_assert(!block_exists(NAME) && block_exists(OTHER));
    block_remove(OTHER);
}

TEST(managers, name_a_block_that_was_adopted_twice_once)
{
    polyshm_manager *manager = start();
    char names[256] = "";
    uint64_t size = 0;
    block_make(NAME, "x", 1);
    create(manager, OTHER);
    for (int i = 0; i < 3; i++)
        EXPECT_OK(polyshm_manager_adopt(manager, i == 1 ? OTHER : NAME));
    EXPECT_OK(polyshm_manager_names(manager, names, sizeof names, &size));
    cr_assert_eq(size, strlen(NAME) + strlen(OTHER) + 2);
    cr_assert_str_eq(names, OTHER);
    cr_assert_str_eq(names + strlen(names) + 1, NAME);
    end(manager);
}

TEST(managers, tell_whether_their_handle_is_closed)
{
    polyshm_manager *manager = start(), *client = connect_to("address");
    cr_assert(!polyshm_manager_is_closed(manager) && !polyshm_manager_is_closed(client));
    EXPECT_OK(polyshm_manager_close(client));
    cr_assert(polyshm_manager_is_closed(client) && !polyshm_manager_is_closed(manager));
    polyshm_manager_unref(client);
    EXPECT_OK(polyshm_manager_shutdown(manager));
    cr_assert(polyshm_manager_is_closed(manager) && polyshm_manager_is_closed(NULL));
    polyshm_manager_unref(manager);
}

TEST(managers, name_what_they_own_and_is_there)
{
    polyshm_manager *manager = start();
    char names[256] = "x";
    uint64_t size = 4711;
    EXPECT_OK(polyshm_manager_names(manager, NULL, 0, &size));
    cr_assert_eq(size, 0);
    create(manager, NAME);
    create(manager, OTHER);
    uint64_t all = strlen(NAME) + strlen(OTHER) + 2;
    EXPECT_STATUS(POLYSHM_ENOBUFS, polyshm_manager_names(manager, names, all - 1, &size));
    cr_assert_eq(size, all);
    EXPECT_OK(polyshm_manager_names(manager, names, all, &size));
    cr_assert(strcmp(names, NAME) == 0 && strcmp(names + strlen(NAME) + 1, OTHER) == 0);
    block_remove(NAME);
    EXPECT_OK(polyshm_manager_names(manager, names, all, &size));
    cr_assert(size == strlen(OTHER) + 1 && strcmp(names, OTHER) == 0);
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_names(manager, NULL, 1, &size));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_names(manager, names, 1, NULL));
    end(manager);
}

/* Every call but join, address, is_owner and close, with results that must not change. */
static void expect_all(int32_t expected, polyshm_manager *manager)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    char byte = 'x';
    uint64_t size = 4711;
    block_make(OTHER, "x", 1);
    EXPECT_STATUS(expected, polyshm_manager_create_segment(manager, NAME, 1, 0, 0, &segment));
    EXPECT_STATUS(expected, polyshm_manager_create_list(manager, NAME, NULL, 0, 0, 0, 0, &list));
    EXPECT_STATUS(expected, polyshm_manager_adopt(manager, OTHER));
    EXPECT_STATUS(expected, polyshm_manager_release(manager, OTHER));
    EXPECT_STATUS(expected, polyshm_manager_names(manager, &byte, 1, &size));
    cr_assert(segment == NO_SEGMENT && list == NO_LIST && byte == 'x' && size == 4711);
    cr_assert_not(block_exists(NAME));
    block_remove(OTHER);
}

TEST(managers, that_have_ended_say_so_through_any_handle)
{
    polyshm_manager *manager = start(), *client = connect_to("address"), *none = NO_MANAGER;
    const char *address = NULL;
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_manager_join(client, 0.01));
    EXPECT_OK(polyshm_manager_shutdown(manager));
    expect_all(POLYSHM_ENOENT, manager);
    expect_all(POLYSHM_ENOENT, client);
    EXPECT_OK(polyshm_manager_join(client, 30));
    EXPECT_OK(polyshm_manager_join(manager, 0));
    EXPECT_OK(polyshm_manager_address(manager, &address));
    cr_assert_str_eq(address, "address");
    cr_assert_eq(polyshm_manager_is_owner(manager), 0);
    EXPECT_STATUS(POLYSHM_ENOTSTARTER, polyshm_manager_shutdown(client));
    EXPECT_OK(polyshm_manager_close(client));
    EXPECT_OK(polyshm_manager_close(client));
    expect_all(POLYSHM_ENOENT, client);
    EXPECT_OK(polyshm_manager_close(manager));
    EXPECT_STATUS(POLYSHM_ENOENT, polyshm_manager_connect("address", NULL, 0, &none));
    cr_assert_eq(none, NO_MANAGER);
    polyshm_manager_unref(client);
    polyshm_manager_unref(manager);
    EXPECT_SOON(runtime_is_quiet());
}

TEST(managers, without_a_handle_nothing_works_and_nothing_crashes)
{
    const char *address = "x";
    expect_all(POLYSHM_EINVAL, NULL);
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_address(NULL, &address));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_shutdown(NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_join(NULL, 0));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_close(NULL));
    cr_assert_str_eq(address, "x");
    cr_assert_eq(polyshm_manager_is_owner(NULL), 0);
    polyshm_manager_ref(NULL);
    polyshm_manager_unref(NULL);
}

TEST(managers, arguments_are_checked)
{
    polyshm_manager *manager = start();
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    for (uint32_t flag = 1; flag; flag <<= 1) {
        if (flag == POLYSHM_SEGMENT_SPARSE)
            continue;
        EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_segment(manager, NAME, 1, 0, flag, &segment));
        EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_list(manager, NAME, NULL, 0, 0, 0, flag, &list));
    }
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_segment(manager, NAME, 0, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_segment(manager, NAME, 1, 01000, 0, &segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_segment(manager, NAME, 1, 0, 0, NULL));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_manager_create_segment(manager, "a/b", 1, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_ERANGE, polyshm_manager_create_segment(manager, NAME, UINT64_MAX, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_list(manager, NAME, NULL, 1, 0, 0, 0, &list));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_create_list(manager, NAME, NULL, 0, 0, 0, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_join(manager, -1));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_join(manager, 0.0 / 0.0));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_address(manager, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_start("other", NULL, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_connect("address", NULL, 0, NULL));
    EXPECT_STATUS(POLYSHM_EINVAL, polyshm_manager_connect(NULL, NULL, 0, &manager));
    create(manager, NAME);
    EXPECT_STATUS(POLYSHM_EEXIST, polyshm_manager_create_segment(manager, NAME, 1, 0, 0, &segment));
    cr_assert(segment == NO_SEGMENT && list == NO_LIST && runtime_books() == 1);
    cr_assert(block_exists(NAME), "the one that was there stays");
    end(manager);
}

TEST(managers, handles_are_counted_and_the_owners_last_one_ends_it)
{
    polyshm_manager *manager = start();
    create(manager, NAME);
    polyshm_manager_ref(manager);
    polyshm_manager_unref(manager);
    cr_assert(block_exists(NAME));
    polyshm_manager_unref(manager);
    cr_assert_not(block_exists(NAME));
    EXPECT_SOON(runtime_is_quiet());
}

TEST(managers, a_killed_helper_is_replaced_by_the_next_call_and_loses_nothing)
{
    polyshm_manager *manager = start(), *client = connect_to("address");
    for (int i = 0; i < 2; i++) {
        EXPECT_SOON(runtime_helper() != 0);
        runtime_kill_helper();
        create(i ? client : manager, test_name(i));
        EXPECT_SOON(runtime_helper() != 0);
    }
    cr_assert(block_exists(NAME) && block_exists(OTHER));
    polyshm_manager_unref(client);
    end(manager);
    cr_assert(!block_exists(NAME) && !block_exists(OTHER));
}

static void use_up_descriptors(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_manager *other = NO_MANAGER, *manager = connect_to("address");
    struct rlimit limit = {.rlim_cur = 3, .rlim_max = 3};
    (void)unused;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(polyshm_manager_create_segment(manager, NAME, 1, 0, 0, &segment) == POLYSHM_EMFILE);
    CHECK(polyshm_manager_connect("address", NULL, 0, &other) == POLYSHM_EMFILE);
    CHECK(polyshm_manager_start("other", NULL, 0, &other) == POLYSHM_EMFILE);
    CHECK(segment == NO_SEGMENT && other == NO_MANAGER && !block_exists(NAME) && runtime_books() == 0);
}

TEST(managers, a_client_without_descriptors_hinders_nobody)
{
    polyshm_manager *manager = start();
    EXPECT_CHILD(use_up_descriptors, NULL);
    create(manager, NAME);
    cr_assert_eq(runtime_books(), 1);
    end(manager);
}

#ifdef __SANITIZE_ADDRESS__ /* which is ten times slower */
enum { CREATIONS = 10000 };
#else
enum { CREATIONS = 100000 };
#endif

TEST(managers, so_many_blocks_that_are_gone_take_no_room)
{
    SKIP_IF_EMULATED("in the emulator this takes minutes");
    polyshm_manager *manager = start();
    struct stat status;
    for (int i = 0; i < CREATIONS; i++) {
        polyshm_segment *segment;
        EXPECT_OK(polyshm_manager_create_segment(manager, NAME, 1, 0, POLYSHM_SEGMENT_SPARSE, &segment));
        EXPECT_OK(polyshm_segment_unlink(segment));
        polyshm_segment_unref(segment);
    }
    cr_assert_eq(stat(runtime_path("address"), &status), 0);
    cr_assert(status.st_size <= 512 * 1024, "%ld bytes", (long)status.st_size);
    end(manager);
}
