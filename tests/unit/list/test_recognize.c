/* What tells that a block is a list is read through its file: whatever happens to the block, nobody dies of it. */
#include "recognize.h"

#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

static int32_t recognize(uint64_t claimed, pshmi_geometry *geometry, bool *synchronized)
{
    pshmi_file file;
    EXPECT_OK(pshmi_file_open(NAME, true, &file));
    if (claimed)
        file.size = claimed;
    pshmi_verdict verdict = pshmi_recognize(&file, NAME, geometry, synchronized);
    pshmi_file_close(&file);
    return verdict.status;
}

TEST(recognize, finds_a_list_and_its_sync_area)
{
    bool synchronized = false;
    pshmi_geometry geometry;
    polyshm_list *list = list_make();
    EXPECT_OK(recognize(0, &geometry, &synchronized));
    cr_expect(synchronized && geometry.count == 2 && geometry.offsets[2] == 16 && geometry.largest == 8);
    free(geometry.offsets);
    list_drop(list);
}

TEST(recognize, a_block_that_shrinks_meanwhile_is_none)
{
    bool synchronized;
    pshmi_geometry geometry;
    polyshm_list *list = list_make();
    const uint64_t size = block_size(NAME), behind_the_header = 192;
    for (uint64_t left = behind_the_header; left--;) {
        block_resize(NAME, left);
        EXPECT_STATUS(POLYSHM_ENOTLIST, recognize(size, &geometry, &synchronized));
    }
    list_drop(list);
}

TEST(recognize, looking_at_a_huge_hole_takes_no_memory)
{
    bool synchronized;
    pshmi_geometry geometry;
    const uint64_t count = 1 << 24;
    block_make(NAME, &count, sizeof count);
    block_resize(NAME, 64 * count);
    EXPECT_STATUS(POLYSHM_ENOTLIST, recognize(0, &geometry, &synchronized));
    cr_assert_leq(block_memory(NAME), 4096);
    block_remove(NAME);
}
