/* Mappings of blocks into memory. */
#include <signal.h>
#include <sys/wait.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "platform.h"

#define NAME test_name(0)

static const char CONTENTS[] = "what the block holds";

static pshmi_file open_block(bool readonly)
{
    pshmi_file file;
    block_make(NAME, CONTENTS, sizeof CONTENTS);
    EXPECT_OK(pshmi_file_open(NAME, readonly, &file));
    return file;
}

static void close_block(pshmi_file *file)
{
    pshmi_file_close(file);
    block_remove(NAME);
}

TEST(mapping, shows_the_blocks_bytes)
{
    pshmi_file file = open_block(false);
    void *address;
    EXPECT_OK(pshmi_mapping_open(&file, false, NAME, &address));
    cr_assert_arr_eq(address, CONTENTS, sizeof CONTENTS);
    pshmi_mapping_close(address, file.size);
    close_block(&file);
}

TEST(mapping, what_is_written_is_in_the_block)
{
    pshmi_file file = open_block(false);
    char found[sizeof CONTENTS];
    void *address;
    EXPECT_OK(pshmi_mapping_open(&file, false, NAME, &address));
    memcpy(address, "WHAT", 4);
    block_read(NAME, found, sizeof found);
    cr_assert_str_eq(found, "WHAT the block holds");
    pshmi_mapping_close(address, file.size);
    close_block(&file);
}

static void write_to(void *address)
{
    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)address = 'x';
}

TEST(mapping, a_write_through_a_read_only_one_is_a_fault)
{
    pshmi_file file = open_block(true);
    void *address;
    EXPECT_OK(pshmi_mapping_open(&file, true, NAME, &address));
    int status = child_wait(child_start(write_to, address));
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    pshmi_mapping_close(address, file.size);
    close_block(&file);
}

TEST(mapping, a_blank_one_holds_zeros_and_the_block_keeps_its_bytes)
{
    pshmi_file file = open_block(false);
    char zeros[sizeof CONTENTS] = {0}, found[sizeof CONTENTS];
    void *address;
    EXPECT_OK(pshmi_mapping_open(&file, false, NAME, &address));
    pshmi_mapping_blank(address, file.size);
    cr_assert_arr_eq(address, zeros, sizeof zeros);
    memset(address, 'x', file.size);
    block_read(NAME, found, sizeof found);
    cr_assert_str_eq(found, CONTENTS);
    pshmi_mapping_close(address, file.size);
    close_block(&file);
}

TEST(mapping, a_size_that_no_address_space_has_is_refused)
{
    pshmi_file file = open_block(false);
    void *address = &file;
    file.size = INT64_MAX;
    EXPECT_FAILURE(POLYSHM_ENOMEM, sizeof address == 4 ? "are more than 32 bits can address" : "cannot map",
                   pshmi_mapping_open(&file, false, NAME, &address));
    cr_assert_eq(address, &file, "the output changed");
    close_block(&file);
}

TEST(mapping, that_is_reopened_lets_the_old_description_go)
{
    bool taken;
    void *address;
    pshmi_file file = open_block(false), other;
    EXPECT_OK(pshmi_mapping_open(&file, false, NAME, &address));
    EXPECT_OK(pshmi_lease_take(&file, NAME, 1, &taken));
    EXPECT_OK(pshmi_file_open(NAME, true, &other));
    pshmi_file_reopen(&file, false);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 1, &taken));
    cr_assert(taken, "the mapping still has it");
    pshmi_mapping_reopen(&file, false, address);
    EXPECT_OK(pshmi_lease_is_taken(&other, NAME, 1, &taken));
    cr_assert_not(taken);
    memcpy(address, "WHAT", 4);
    pshmi_mapping_close(address, file.size);
    char found[sizeof CONTENTS];
    block_read(NAME, found, sizeof found);
    cr_assert_str_eq(found, "WHAT the block holds");
    pshmi_file_close(&other);
    close_block(&file);
}

TEST(mapping, without_a_file_stays_as_it_is)
{
    void *address;
    pshmi_file file = open_block(true), closed = file;
    closed.descriptor = -1;
    EXPECT_OK(pshmi_mapping_open(&file, true, NAME, &address));
    pshmi_mapping_reopen(&closed, true, address);
    cr_assert_arr_eq(address, CONTENTS, sizeof CONTENTS);
    pshmi_mapping_close(address, file.size);
    close_block(&file);
}
