/* Names in a buffer. */
#include "roll.h"

#include "expect.h"
#include "leaks.h"

TEST(roll, has_its_names_one_behind_the_other)
{
    char buffer[8] = "xxxxxxx";
    uint64_t size = 0;
    pshmi_roll roll = {buffer, sizeof buffer, 0};
    pshmi_roll_add(&roll, "abc");
    pshmi_roll_add(&roll, "def");
    EXPECT_OK(pshmi_roll_end(&roll, &size));
    cr_assert_eq(size, 8);
    cr_assert_eq(memcmp(buffer, "abc\0def", 8), 0);
}

TEST(roll, leaves_out_what_does_not_fit_and_tells_what_all_take)
{
    char buffer[7] = "xxxxxx";
    uint64_t size = 0;
    pshmi_roll roll = {buffer, sizeof buffer, 0};
    pshmi_roll_add(&roll, "abc");
    pshmi_roll_add(&roll, "def");
    EXPECT_FAILURE(POLYSHM_ENOBUFS, "take 8 bytes, the buffer has 7", pshmi_roll_end(&roll, &size));
    cr_assert_eq(size, 8);
    cr_assert_eq(memcmp(buffer, "abc\0xx", 7), 0);
}

TEST(roll, needs_no_buffer)
{
    uint64_t size = 1;
    pshmi_roll roll = {NULL, 0, 0};
    EXPECT_OK(pshmi_roll_end(&roll, &size));
    cr_assert_eq(size, 0);
    pshmi_roll_add(&roll, "a");
    EXPECT_STATUS(POLYSHM_ENOBUFS, pshmi_roll_end(&roll, &size));
    cr_assert_eq(size, 2);
}
