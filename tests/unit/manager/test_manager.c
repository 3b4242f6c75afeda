/* Managers at the moments that their callers cannot choose. */
#include <polyshm/manager.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"
#include "system.h"

#define NAME test_name(0)

static polyshm_manager *start(void)
{
    polyshm_manager *manager;
    runtime_make();
    setenv("POLYSHM_COMMAND", COMMAND, 1);
    EXPECT_OK(polyshm_manager_start("address", NULL, 0, &manager));
    return manager;
}

static int (*real_linkat)(int from_folder, const char *from, int to_folder, const char *to, int flags);

/* Stops this process just before the block gets its name. */
static int linkat_later(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    raise(SIGSTOP);
    return real_linkat(from_folder, from, to_folder, to, flags);
}

static void create_and_be_stopped(void *unused)
{
    polyshm_manager *manager;
    polyshm_segment *segment;
    (void)unused;
    real_linkat = pshmi_system.linkat;
    pshmi_system.linkat = linkat_later;
    CHECK(polyshm_manager_connect("address", NULL, 0, &manager) == POLYSHM_OK);
    CHECK(polyshm_manager_create_segment(manager, NAME, 1, 0, 0, &segment) == POLYSHM_OK);
    CHECK(polyshm_manager_create_segment(manager, test_name(1), 1, 0, 0, &segment) == POLYSHM_ENOENT);
}

static pid_t start_stopped_client(void)
{
    int status = 0;
    pid_t client = child_start(create_and_be_stopped, NULL);
    cr_assert_eq(waitpid(client, &status, WUNTRACED), client);
    cr_assert(WIFSTOPPED(status), "status 0x%x", (unsigned)status);
    return client;
}

TEST(manager, a_client_that_is_stopped_while_it_creates_holds_nobody_up_and_its_block_goes_when_it_goes_on)
{
    polyshm_manager *manager = start();
    pid_t client = start_stopped_client();
    EXPECT_OK(polyshm_manager_shutdown(manager));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_manager_join(manager, 0));
    cr_assert_eq(runtime_books(), 1);
    EXPECT_SOON(runtime_helper() != 0);
    kill(client, SIGCONT);
    cr_assert_eq(child_wait(client), 0);
    EXPECT_OK(polyshm_manager_join(manager, 30));
    cr_assert_not(block_exists(NAME));
    EXPECT_SOON(runtime_is_quiet());
    polyshm_manager_unref(manager);
}

TEST(manager, a_helper_that_is_killed_before_such_a_shutdown_is_replaced)
{
    polyshm_manager *manager = start();
    pid_t client = start_stopped_client();
    runtime_kill_helper();
    EXPECT_OK(polyshm_manager_shutdown(manager));
    kill(client, SIGCONT);
    cr_assert_eq(child_wait(client), 0);
    EXPECT_SOON(!block_exists(NAME) && runtime_is_quiet());
    polyshm_manager_unref(manager);
}

static void start_and_die(void *unused)
{
    polyshm_manager *manager;
    (void)unused;
    CHECK(polyshm_manager_start("address", NULL, 0, &manager) == POLYSHM_OK);
    start_stopped_client();
    _exit(0);
}

TEST(manager, a_stopped_client_whose_manager_dies_may_die_too)
{
    runtime_make();
    setenv("POLYSHM_COMMAND", COMMAND, 1);
    EXPECT_CHILD(start_and_die, NULL); /* and the client with it, which its parent's death kills */
    EXPECT_SOON(runtime_is_quiet());
    cr_assert_not(block_exists(NAME));
}

static polyshm_manager *shared;

static void *shut_down(void *unused)
{
    (void)unused;
    CHECK(polyshm_manager_shutdown(shared) == POLYSHM_OK);
    return NULL;
}

static pthread_t thread;

/* Another thread shuts the manager down at this moment. */
static int linkat_beside_a_shutdown(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    CHECK(pthread_create(&thread, NULL, shut_down, NULL) == 0);
    usleep(20000);
    return real_linkat(from_folder, from, to_folder, to, flags);
}

static int (*real_unlink)(const char *path);

static int unlink_beside_a_shutdown(const char *path)
{
    pshmi_system.unlink = real_unlink;
    EXPECT_OK(polyshm_manager_shutdown(shared));
    EXPECT_OK(polyshm_manager_close(shared));
    return real_unlink(path);
}

TEST(manager, two_threads_may_shut_it_down_at_once)
{
    shared = start();
    for (int i = 0; i < 2; i++) {
        polyshm_segment *segment;
        EXPECT_OK(polyshm_manager_create_segment(shared, test_name(i), 1, 0, 0, &segment));
        polyshm_segment_unref(segment);
    }
    real_unlink = pshmi_system.unlink;
    pshmi_system.unlink = unlink_beside_a_shutdown;
    EXPECT_OK(polyshm_manager_shutdown(shared));
    cr_assert_not(block_exists(test_name(0)) || block_exists(test_name(1)));
    polyshm_manager_unref(shared);
    EXPECT_SOON(runtime_is_quiet());
}

TEST(manager, a_block_that_another_thread_of_the_owner_is_creating_goes_with_the_others)
{
    polyshm_segment *segment;
    shared = start();
    real_linkat = pshmi_system.linkat;
    pshmi_system.linkat = linkat_beside_a_shutdown;
    EXPECT_OK(polyshm_manager_create_segment(shared, NAME, 1, 0, 0, &segment));
    pthread_join(thread, NULL);
    cr_assert_not(block_exists(NAME));
    polyshm_segment_unref(segment);
    polyshm_manager_unref(shared);
    EXPECT_SOON(runtime_is_quiet());
}
