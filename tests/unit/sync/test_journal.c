/* The journal, with each of its steps as the last one that a process did. */
#include "journal.h"

#include "expect.h"
#include "leaks.h"

enum { COUNT = 2, WIDTH = 24, FORMAT = 4711, KIND = 2 };

/* An area, and one item that it is about. */
static struct {
    _Alignas(64) char bytes[8192];
    uint64_t slot[WIDTH / 8];
    uint64_t format;
    uint8_t kind;
} memory;

static pshmi_area area;

static pshmi_place make(void)
{
    memset(&memory, 0, sizeof memory);
    pshmi_area_open(memory.bytes, COUNT, WIDTH, &area);
    memory.slot[0] = 1, memory.slot[1] = 2, memory.slot[2] = 3;
    memory.format = FORMAT;
    memory.kind = KIND;
    return (pshmi_place){1, memory.slot, WIDTH, &memory.format, &memory.kind};
}

static void change(void)
{
    memset(memory.slot, 0xFF, sizeof memory.slot);
    memory.format = 1;
    memory.kind = 1;
}

static bool is_as_before(void)
{
    return memory.slot[0] == 1 && memory.slot[1] == 2 && memory.slot[2] == 3 && memory.format == FORMAT &&
           memory.kind == KIND;
}

static bool is_pending(void)
{
    uint64_t index = 4711;
    bool pending = pshmi_journal_pending(&area, &index);
    cr_assert(!pending || index == 1);
    return pending;
}

TEST(journal, begin_copies_the_item_and_makes_its_version_odd)
{
    pshmi_place place = make();
    cr_assert_not(is_pending());
    pshmi_journal_begin(&area, &place);
    cr_assert(is_pending());
    cr_assert(area.versions[0] == 0 && area.versions[1] == 1);
    cr_assert_eq(area.journal->item, 2);
    cr_assert(area.journal->format == FORMAT && area.journal->kind == KIND);
    cr_assert_arr_eq(area.copy, memory.slot, WIDTH);
    cr_assert(is_as_before());
}

TEST(journal, end_makes_the_version_even_and_forgets_the_copy)
{
    pshmi_place place = make();
    pshmi_journal_begin(&area, &place);
    change();
    pshmi_journal_end(&area, 1);
    cr_assert_not(is_pending());
    cr_assert_eq(area.versions[1], 2);
    cr_assert_eq(area.journal->item, 0);
    cr_assert_not(is_as_before());
}

TEST(journal, roll_back_puts_the_copy_back)
{
    pshmi_place place = make();
    pshmi_journal_begin(&area, &place);
    change();
    pshmi_journal_roll_back(&area, &place);
    cr_assert(is_as_before());
    cr_assert_not(is_pending());
    cr_assert_eq(area.versions[1], 2, "readers of the half-written item shall look again");
}

TEST(journal, roll_back_may_be_done_again)
{
    pshmi_place place = make();
    pshmi_journal_begin(&area, &place);
    change();
    memory.slot[0] = 1; /* one that came so far and was killed */
    pshmi_journal_roll_back(&area, &place);
    cr_assert(is_as_before());
}

TEST(journal, a_copy_whose_item_was_not_opened_or_is_closed_is_forgotten)
{
    pshmi_place place = make();
    pshmi_journal_begin(&area, &place);
    for (uint64_t version = 0; version <= 2;
         version += 2) { /* killed before it was odd, or before the journal was cleared */
        change();
        area.versions[1] = version;
        area.journal->item = 2;
        cr_assert(is_pending());
        pshmi_journal_roll_back(&area, &place);
        cr_assert_not(is_as_before());
        cr_assert_eq(area.versions[1], version + 2, "who waits for the item shall look");
        cr_assert_not(is_pending());
    }
}

TEST(journal, an_item_that_the_list_does_not_have_is_not_believed)
{
    pshmi_place place = make();
    pshmi_journal_begin(&area, &place);
    static const uint64_t wrong[] = {0, COUNT + 1, UINT64_MAX, UINT64_C(1) << 63};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        area.journal->item = wrong[i];
        cr_assert_not(is_pending());
    }
}

TEST(journal, begin_and_end_put_a_damaged_version_right)
{
    pshmi_place place = make();
    area.versions[1] = 5;
    pshmi_journal_begin(&area, &place);
    pshmi_journal_end(&area, 1);
    cr_assert_eq(area.versions[1], 6);
}

TEST(journal, a_step_stores_and_moves_the_version_to_the_next_even_one)
{
    pshmi_place place = make();
    pshmi_journal_step(&area, 1, place.slot, 4711);
    cr_assert_eq(*place.slot, 4711);
    cr_assert_eq(area.versions[1], 2);
    cr_assert_eq(area.journal->item, 0);
    area.versions[1] = 5; /* damaged: no journal says why it is odd */
    pshmi_journal_step(&area, 1, place.slot, 4712);
    cr_assert_eq(area.versions[1], 6);
    area.versions[1] = UINT64_MAX - 1;
    pshmi_journal_step(&area, 1, place.slot, 4713);
    cr_assert_eq(area.versions[1], 0);
}
