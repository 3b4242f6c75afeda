/* Leases on a block's alive byte. */
#include <fcntl.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "platform.h"

#define NAME test_name(0)

static pshmi_file open_block(void)
{
    pshmi_file file;
    EXPECT_OK(pshmi_file_open(NAME, false, &file));
    return file;
}

static bool is_held(void)
{
    pshmi_file file;
    bool held;
    CHECK(pshmi_file_open(NAME, true, &file) == POLYSHM_OK);
    CHECK(pshmi_lease_is_held(&file, NAME, &held) == POLYSHM_OK);
    pshmi_file_close(&file);
    return held;
}

TEST(lease, many_share_it_and_the_last_one_ends_it)
{
    block_make(NAME, "x", 1);
    pshmi_file one = open_block(), other = open_block();
    cr_assert_not(is_held());
    EXPECT_OK(pshmi_lease_share(&one, NAME));
    EXPECT_OK(pshmi_lease_share(&other, NAME));
    cr_assert(is_held());
    pshmi_file_close(&one);
    cr_assert(is_held());
    pshmi_file_close(&other);
    cr_assert_not(is_held());
    block_remove(NAME);
}

TEST(lease, does_not_see_itself)
{
    bool held;
    block_make(NAME, "x", 1);
    pshmi_file file = open_block();
    EXPECT_OK(pshmi_lease_share(&file, NAME));
    EXPECT_OK(pshmi_lease_is_held(&file, NAME, &held));
    cr_assert_not(held);
    pshmi_file_close(&file);
    block_remove(NAME);
}

TEST(lease, a_read_only_attachment_can_share_it)
{
    pshmi_file file;
    block_make(NAME, "x", 1);
    EXPECT_OK(pshmi_file_open(NAME, true, &file));
    EXPECT_OK(pshmi_lease_share(&file, NAME));
    cr_assert(is_held());
    pshmi_file_close(&file);
    block_remove(NAME);
}

TEST(lease, changes_nothing_in_the_block)
{
    block_make(NAME, "x", 1);
    pshmi_file file = open_block();
    EXPECT_OK(pshmi_lease_share(&file, NAME));
    cr_assert_eq(block_size(NAME), 1);
    pshmi_file_close(&file);
    block_remove(NAME);
}

static void hold_for_ever(void *gate)
{
    pshmi_file file;
    CHECK(pshmi_file_open(NAME, false, &file) == POLYSHM_OK);
    CHECK(pshmi_lease_share(&file, NAME) == POLYSHM_OK);
    gate_open(*(int *)gate);
    for (;;)
        pause();
}

TEST(lease, ends_with_a_holder_that_is_killed)
{
    int gate = gate_make();
    block_make(NAME, "x", 1);
    pid_t holder = child_start(hold_for_ever, &gate);
    cr_assert(gate_wait(gate));
    cr_assert(is_held());
    child_kill(holder);
    cr_assert_not(is_held());
    close(gate);
    block_remove(NAME);
}

static void close_in_child(void *file)
{
    CHECK(is_held());
    pshmi_file_close(file);
    CHECK(is_held());
}

TEST(lease, a_child_shares_its_parents_and_cannot_end_it)
{
    block_make(NAME, "x", 1);
    pshmi_file file = open_block();
    EXPECT_OK(pshmi_lease_share(&file, NAME));
    EXPECT_CHILD(close_in_child, &file);
    cr_assert(is_held());
    pshmi_file_close(&file);
    cr_assert_not(is_held());
    block_remove(NAME);
}

TEST(lease, one_that_somebody_keeps_to_himself_is_not_waited_for)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    block_make(NAME, "x", 1);
    int selfish = open(block_path(NAME), O_RDWR | O_CLOEXEC);
    cr_assert_eq(fcntl(selfish, F_OFD_SETLK, &all), 0);
    pshmi_file file = open_block();
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "keeps its lease to itself", pshmi_lease_share(&file, NAME));
    pshmi_file_close(&file);
    close(selfish);
    block_remove(NAME);
}

TEST(lease, of_a_participants_number_is_one_descriptions)
{
    bool taken = false, seen = true;
    block_make(NAME, "x", 1);
    pshmi_file one = open_block(), other = open_block();
    EXPECT_OK(pshmi_lease_take(&one, NAME, 5, &taken));
    cr_assert(taken);
    EXPECT_OK(pshmi_lease_take(&other, NAME, 5, &taken));
    cr_assert_not(taken);
    EXPECT_OK(pshmi_lease_take(&other, NAME, 6, &taken));
    cr_assert(taken);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 5, &seen));
    cr_assert(seen);
    EXPECT_OK(pshmi_lease_is_taken(&one, NAME, 5, &seen));
    cr_assert_not(seen, "the kernel does not show a description its own");
    pshmi_file_close(&one);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 5, &seen));
    cr_assert_not(seen);
    cr_assert_not(is_held(), "a number's byte is not the alive byte");
    pshmi_file_close(&other);
    block_remove(NAME);
}

TEST(lease, of_a_number_can_not_be_taken_by_who_may_only_read)
{
    pshmi_file file;
    bool taken;
    block_make(NAME, "x", 1);
    EXPECT_OK(pshmi_file_open(NAME, true, &file));
    EXPECT_STATUS(POLYSHM_ESYSTEM, pshmi_lease_take(&file, NAME, 5, &taken));
    EXPECT_OK(pshmi_lease_is_taken(&file, NAME, 5, &taken));
    cr_assert_not(taken);
    pshmi_file_close(&file);
    block_remove(NAME);
}

TEST(lease, can_be_given_back_while_the_file_stays_open)
{
    bool taken;
    block_make(NAME, "x", 1);
    pshmi_file file = open_block();
    EXPECT_OK(pshmi_lease_share(&file, NAME));
    pshmi_lease_end(&file);
    cr_assert_not(is_held());
    pshmi_lease_end(&file);

    pshmi_file other = open_block();
    EXPECT_OK(pshmi_lease_take(&file, NAME, 5, &taken));
    pshmi_lease_give(&file, 6);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 5, &taken));
    cr_assert(taken, "another number's lease is not given back");
    pshmi_lease_give(&file, 5);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 5, &taken));
    cr_assert_not(taken);
    pshmi_file_close(&other);
    pshmi_file_close(&file);
    block_remove(NAME);
}
