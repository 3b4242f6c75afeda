/* Private memory is zeroed, and what cannot be had is a failure in words. */
#include <stdlib.h>

#include "expect.h"
#include "leaks.h"
#include "memory.h"

TEST(memory, is_zeroed)
{
    unsigned char zeros[300] = {0}, *memory = pshmi_memory_allocate(3, 100);
    cr_assert(memory);
    cr_assert_arr_eq(memory, zeros, sizeof zeros);
    free(memory);
}

TEST(memory, a_count_of_0_gives_memory)
{
    void *memory = pshmi_memory_allocate(0, 8);
    cr_assert(memory);
    free(memory);
}

static void expect_refused(uint64_t count, size_t size)
{
    void *memory = pshmi_memory_allocate(count, size);
    cr_assert_null(memory);
    cr_assert(strstr(polyshm_error_message(), "out of memory"), "%s", polyshm_error_message());
}

TEST(memory, a_product_that_does_not_fit_is_refused)
{
    expect_refused(UINT64_C(1) << 61, 8);
    expect_refused((UINT64_C(1) << 61) + 1, 8);
    expect_refused(UINT64_MAX, 2);
    expect_refused(UINT64_MAX, SIZE_MAX);
}

static void *refuse(size_t count, size_t size)
{
    (void)count, (void)size;
    return NULL;
}

TEST(memory, an_allocator_that_refuses_is_a_failure)
{
    pshmi_memory_allocator = refuse;
    expect_refused(1, 1);
}
