/* Attaching: what may stand under a name, whose it may be, and how long to wait for it. */
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;
static polyshm_list *const NO_LIST = (polyshm_list *)0x1234;

static void expect_refused(int32_t expected)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    int32_t created = 4711;
    EXPECT_FAILURE(expected, NAME, polyshm_segment_attach(NAME, 0, 0, &segment));
    EXPECT_STATUS(expected, polyshm_segment_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &segment));
    EXPECT_STATUS(expected, polyshm_list_attach(NAME, 0, 0, &list));
    if (expected != POLYSHM_ENOENT)
        EXPECT_STATUS(expected, polyshm_segment_create_or_attach(NAME, 1, 0, 0, &segment, &created));
    cr_assert(segment == NO_SEGMENT && list == NO_LIST && created == 4711, "an output changed");
}

TEST(attach, a_missing_name_is_an_error)
{
    expect_refused(POLYSHM_ENOENT);
    cr_assert_not(block_exists(NAME));
}

TEST(attach, a_link_is_not_followed)
{
    block_make(test_name(1), "block", 5);
    cr_assert_eq(symlink(test_name(1), block_path(NAME)), 0);
    expect_refused(POLYSHM_ENOTBLOCK);
    cr_assert(block_exists(NAME));
    block_remove(NAME);
    block_remove(test_name(1));
}

TEST(attach, a_fifo_is_not_waited_for)
{
    cr_assert_eq(mkfifo(block_path(NAME), 0600), 0);
    expect_refused(POLYSHM_ENOTBLOCK);
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

TEST(attach, a_folder_is_no_block)
{
    cr_assert_eq(mkdir(block_path(NAME), 0700), 0);
    expect_refused(POLYSHM_ENOTBLOCK);
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

TEST(attach, a_block_without_bytes_is_waited_for_and_then_an_error)
{
    polyshm_segment *segment = NO_SEGMENT;
    block_make(NAME, "", 0);
    EXPECT_FAILURE(POLYSHM_EEMPTY, NAME, polyshm_segment_attach(NAME, 0, 0, &segment));
    cr_assert_eq(segment, NO_SEGMENT);
    cr_assert(block_exists(NAME));
    block_remove(NAME);
}

TEST(attach, a_handle_knows_its_name_and_size)
{
    polyshm_segment *segment;
    const char *name;
    uint64_t size;
    block_make(NAME, "12345", 5);
    EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &segment));
    EXPECT_OK(polyshm_segment_name(segment, &name));
    EXPECT_OK(polyshm_segment_size(segment, &size));
    cr_assert_str_eq(name, NAME);
    cr_assert_eq(size, 5);
    block_resize(NAME, 5000);
    EXPECT_OK(polyshm_segment_size(segment, &size));
    cr_assert_eq(size, 5, "later growth is not seen");
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

TEST(attach, read_only_means_that_nothing_is_written)
{
    polyshm_segment *segment;
    polyshm_list *list;
    const polyshm_value value = v_int(7), other = v_int(8);
    char data[4] = "abc";
    EXPECT_OK(polyshm_list_create(NAME, &value, 1, 0, 0444, 0, &list));
    polyshm_list_unref(list);
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &list));
    EXPECT_OK(polyshm_list_segment(list, &segment));
    cr_assert_eq(polyshm_segment_is_readonly(segment), 1);
    EXPECT_STATUS(POLYSHM_EREADONLY, polyshm_segment_write(segment, 0, data, 1));
    EXPECT_STATUS(POLYSHM_EREADONLY, polyshm_list_set(list, 0, &other));
    EXPECT_STATUS(POLYSHM_EREADONLY, polyshm_list_write(list, 0, &other, 1));
    EXPECT_OK(polyshm_segment_read(segment, 0, data, 1));
    cr_assert_eq(data[0], 1);
    EXPECT_OK(polyshm_segment_unlink(segment));
    EXPECT_OK(polyshm_list_close(list));
    cr_assert_eq(polyshm_segment_is_readonly(segment), 1);
    polyshm_segment_unref(segment);
    polyshm_list_unref(list);
}

static void write_to_address(void *address)
{
    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)address = 'x';
}

TEST(attach, a_write_to_a_read_only_address_is_a_fault)
{
    polyshm_segment *segment;
    void *address;
    block_make(NAME, "12345", 5);
    EXPECT_OK(polyshm_segment_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &segment));
    EXPECT_OK(polyshm_segment_address(segment, &address));
    int status = child_wait(child_start(write_to_address, address));
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    block_remove(NAME);
    polyshm_segment_unref(segment);
}

static void attach_as_nobody(void *mode)
{
    polyshm_segment *segment = NO_SEGMENT;
    bool may_read = *(mode_t *)mode & 0004, may_write = *(mode_t *)mode & 0002;
    become_nobody();
    int32_t status = polyshm_segment_attach(NAME, 0, 0, &segment);
    CHECK(status == (may_read && may_write ? POLYSHM_OK : POLYSHM_EACCES));
    status = polyshm_segment_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &segment);
    CHECK(status == (may_read ? POLYSHM_OK : POLYSHM_EACCES));
    status = polyshm_segment_attach(NAME, POLYSHM_SEGMENT_READONLY | POLYSHM_SEGMENT_SAME_USER, 0, &segment);
    CHECK(status == POLYSHM_EACCES);
    CHECK(may_read == (strstr(polyshm_error_message(), "belongs to user 0") != NULL));
}

TEST(attach, permissions_are_the_systems_and_other_users_can_be_refused)
{
    static mode_t modes[] = {0600, 0644, 0666};
    if (geteuid() != 0)
        SKIP("only root can become another user");
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        polyshm_segment *segment, *own;
        EXPECT_OK(polyshm_segment_create(NAME, 1, modes[i], 0, &segment));
        EXPECT_CHILD(attach_as_nobody, &modes[i]);
        EXPECT_OK(polyshm_segment_attach(NAME, POLYSHM_SEGMENT_SAME_USER, 0, &own));
        EXPECT_OK(polyshm_segment_unlink(segment));
        polyshm_segment_unref(segment);
        polyshm_segment_unref(own);
    }
}

static void create_or_attach_as_nobody(void *unused)
{
    polyshm_segment *segment = NO_SEGMENT;
    (void)unused;
    become_nobody();
    CHECK(polyshm_segment_create_or_attach(NAME, 1, 0, POLYSHM_SEGMENT_SAME_USER, &segment, NULL) == POLYSHM_EACCES);
    CHECK(segment == NO_SEGMENT);
    CHECK(polyshm_segment_create_or_attach(NAME, 1, 0, 0, &segment, NULL) == POLYSHM_OK);
}

TEST(attach, create_or_attach_refuses_other_users_as_well)
{
    polyshm_segment *segment;
    if (geteuid() != 0)
        SKIP("only root can become another user");
    EXPECT_OK(polyshm_segment_create(NAME, 1, 0666, 0, &segment));
    EXPECT_CHILD(create_or_attach_as_nobody, NULL);
    EXPECT_OK(polyshm_segment_unlink(segment));
    polyshm_segment_unref(segment);
}

TEST(attach, a_timeout_ends_the_wait_for_a_name)
{
    polyshm_segment *segment = NO_SEGMENT;
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, NAME, polyshm_segment_attach(NAME, 0, 0.02, &segment));
    cr_assert_eq(segment, NO_SEGMENT);
}

static void attach_and_read(void *gate)
{
    polyshm_list *list;
    polyshm_value found;
    char text[8];
    gate_open(*(int *)gate);
    CHECK(polyshm_list_attach(NAME, 0, INFINITY, &list) == POLYSHM_OK);
    CHECK(polyshm_list_get(list, 0, text, sizeof text, &found) == POLYSHM_OK);
    CHECK(found.size == 5 && memcmp(text, "later", 5) == 0);
}

TEST(attach, waits_for_a_block_that_another_process_creates_later)
{
    int gate = gate_make();
    pid_t waiter = child_start(attach_and_read, &gate);
    cr_assert(gate_wait(gate) && child_sleeps(waiter));
    polyshm_list *list; /* a list has its contents when it gets its name */
    const polyshm_value value = v_str("later");
    EXPECT_OK(polyshm_list_create(NAME, &value, 1, 0, 0, 0, &list));
    cr_assert_eq(child_wait(waiter), 0);
    close(gate);
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

TEST(attach, a_signal_ends_the_wait)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    interrupts_start();
    int32_t status = polyshm_segment_attach(NAME, 0, INFINITY, &segment);
    int32_t list_status = polyshm_list_attach(NAME, 0, INFINITY, &list);
    interrupts_stop();
    cr_assert_eq(status, POLYSHM_EINTR);
    cr_assert_eq(list_status, POLYSHM_EINTR);
    cr_assert(segment == NO_SEGMENT && list == NO_LIST);
}
