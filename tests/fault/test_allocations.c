/* Each allocation fails in its turn: the operation says so, and leaves nothing behind. */
#include <stdlib.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "memory.h"
#include "names.h"
#include "operations.h"

#define NAME test_name(0)

static int allocations_left; /* before the one that fails */

static void *allocate_until(size_t count, size_t size)
{
    return allocations_left-- > 0 ? calloc(count, size) : NULL;
}

/* Runs the operation with so many allocations granted; whether that was enough. */
static bool runs_with(const struct operation *operation, int granted)
{
    struct results results = UNTOUCHED;
    operation_prepare(operation);
    int descriptors = descriptors_count();
    allocations_left = granted;
    int32_t status = operation->run(&results);
    allocations_left = 1000;
    if (status) {
        cr_assert_eq(status, POLYSHM_ENOMEM, "%s: %s", operation->name, polyshm_status_name(status));
        cr_assert(strstr(polyshm_error_message(), "out of memory"), "%s", polyshm_error_message());
        cr_assert(results_are_untouched(&results), "%s", operation->name);
        cr_assert_eq(block_exists(NAME), !operation->creates, "%s", operation->name);
    }
    results_drop(&results);
    cr_assert_eq(descriptors_count(), descriptors, "%s", operation->name);
    block_remove(NAME);
    return status == POLYSHM_OK;
}

TEST(allocations, that_fail_in_turn_leave_nothing_behind)
{
    int failures = 0;
    pshmi_memory_allocator = allocate_until;
    for (size_t i = 0; i < operations_count; i++)
        for (int granted = 0; !runs_with(&operations[i], granted); granted++)
            failures++;
    cr_assert(failures >= 10, "only %d allocations failed", failures);
}
