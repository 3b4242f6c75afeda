/* One helper a folder. */
#include "helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "expect.h"
#include "idle.h"
#include "leaks.h"
#include "runtimes.h"
#include "system.h"

static const char *make_folder(void)
{
    static char path[PSHMI_PATH_SIZE];
    runtime_make();
    EXPECT_OK(pshmi_folder_path(path));
    return path;
}

static uint32_t find(const char *folder)
{
    bool taken = false;
    uint32_t process = 4711;
    EXPECT_OK(pshmi_helper_find(folder, &taken, &process));
    cr_assert_eq(taken, process != 0);
    return process;
}

static int32_t ensure(const char *folder)
{
    pshmi_helper_contact contact = {0};
    int32_t status = pshmi_helper_ensure(&contact, folder);
    pshmi_helper_forget(&contact);
    return status;
}

TEST(helper, is_one_process_at_a_time)
{
    pshmi_helper helper, other;
    bool taken = false;
    const char *folder = make_folder();
    cr_assert_eq(find(folder), 0);
    EXPECT_OK(pshmi_helper_become(folder, &helper, &taken));
    cr_assert(taken);
    EXPECT_OK(pshmi_helper_sign(&helper, (uint32_t)getpid()));
    cr_assert_eq(find(folder), (uint32_t)getpid());
    EXPECT_OK(pshmi_helper_become(folder, &other, &taken));
    cr_assert_not(taken);
    setenv("POLYSHM_COMMAND", "/bin/false", 1);
    EXPECT_OK(ensure(folder));
    pshmi_helper_resign(&helper);
    cr_assert_eq(find(folder), 0);
    EXPECT_STATUS(POLYSHM_ESYSTEM, ensure(folder));
    EXPECT_OK(pshmi_helper_become(folder, &other, &taken));
    cr_assert(taken);
    pshmi_helper_resign(&other);
}

static int (*real_lstat)(const char *path, struct stat *status);

/* As in a container that shares the folder, but not the blocks. */
static int see_another_device(const char *path, struct stat *status)
{
    int result = real_lstat(path, status);
    status->st_dev += 1;
    return result;
}

TEST(helper, of_another_folder_of_blocks_is_another)
{
    pshmi_helper helper, other;
    bool taken = false;
    const char *folder = make_folder();
    EXPECT_OK(pshmi_helper_become(folder, &helper, &taken));
    real_lstat = pshmi_system.lstat;
    pshmi_system.lstat = see_another_device;
    setenv("POLYSHM_COMMAND", "/bin/false", 1);
    EXPECT_STATUS(POLYSHM_ESYSTEM, ensure(folder));
    EXPECT_OK(pshmi_helper_become(folder, &other, &taken));
    cr_assert(taken);
    pshmi_helper_resign(&other);
    pshmi_helper_resign(&helper);
}

TEST(helper, is_not_what_only_ends_well)
{
    const char *folder = make_folder();
    setenv("POLYSHM_COMMAND", "/bin/true", 1);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "POLYSHM_COMMAND", ensure(folder));
    runtime_be_idle();
    EXPECT_OK(ensure(folder));
    EXPECT_OK(ensure(folder));
    setenv("POLYSHM_COMMAND", "/bin/true", 1);
    EXPECT_FAILURE(POLYSHM_ESYSTEM, "POLYSHM_COMMAND", ensure(folder));
}

static uint64_t another_namespace(void)
{
    return pshmi_pid_namespace() ? pshmi_pid_namespace() + 1 : 0;
}

TEST(helper, of_another_pid_namespace_has_no_number_here)
{
    pshmi_helper helper;
    bool taken = false;
    uint32_t process = 4711;
    char record[PSHMI_RECORD_SIZE] = "";
    const char *folder = make_folder();
    cr_assert_neq(another_namespace(), 0);
    EXPECT_OK(pshmi_helper_become(folder, &helper, &taken));
    snprintf(record, sizeof record, "12\n%llu\n", (unsigned long long)another_namespace());
    EXPECT_OK(pshmi_records_write(&helper.records, 0, record));
    taken = false;
    EXPECT_OK(pshmi_helper_find(folder, &taken, &process));
    cr_assert(taken && process == 0);
    pshmi_helper_resign(&helper);
}

static void be_helper(void *folder)
{
    pshmi_helper helper;
    bool taken;
    CHECK(pshmi_helper_become(folder, &helper, &taken) == POLYSHM_OK && taken);
    CHECK(pshmi_helper_sign(&helper, (uint32_t)getpid()) == POLYSHM_OK);
    CHECK(find(folder) == (uint32_t)getpid() || true);
}

TEST(helper, that_died_is_none_whatever_its_file_says)
{
    const char *folder = make_folder();
    EXPECT_CHILD(be_helper, (void *)(uintptr_t)folder);
    cr_assert_eq(find(folder), 0);
    cr_assert_eq(truncate(runtime_path("helper"), 0), 0);
    cr_assert_eq(find(folder), 0);
}

TEST(helper, whose_file_is_none_of_ours_is_an_error)
{
    pshmi_helper helper;
    bool taken = false;
    uint32_t process = 4711;
    const char *folder = make_folder();
    cr_assert_eq(symlink("nowhere", runtime_path("helper")), 0);
    EXPECT_STATUS(POLYSHM_ENOTBLOCK, ensure(folder));
    EXPECT_STATUS(POLYSHM_ENOTBLOCK, pshmi_helper_become(folder, &helper, &taken));
    EXPECT_STATUS(POLYSHM_ENOTBLOCK, pshmi_helper_find(folder, &taken, &process));
    cr_assert_not(taken);
    cr_assert_eq(process, 4711);
    unlink(runtime_path("helper"));
}
