/* Writes in sections: their versions, and what a writer leaves that dies in the middle of one. */
#include "section.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "change.h"
#include "expect.h"
#include "format.h"
#include "journal.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

enum { ITEMS = 6, LARGE = 5000 };

static char text[LARGE];

/* One of each type, and a large one. */
static void fill(polyshm_value values[ITEMS])
{
    memset(text, 'x', sizeof text);
    values[0] = v_int(7);
    values[1] = v_float(0.5);
    values[2] = v_bool(true);
    values[3] = v_none();
    values[4] = v_str("some text");
    values[5] = v_bytes_of(text, sizeof text);
}

static polyshm_list *create(void)
{
    polyshm_value values[ITEMS];
    polyshm_list *list;
    fill(values);
    EXPECT_OK(polyshm_list_create(NAME, values, ITEMS, 0, 0, 0, &list));
    return list;
}

static void expect_values(const polyshm_list *list, const polyshm_value *values)
{
    static char buffer[2 * LARGE];
    polyshm_value found[ITEMS];
    EXPECT_OK(polyshm_list_read(list, 0, ITEMS, buffer, sizeof buffer, found));
    for (int i = 0; i < ITEMS; i++)
        cr_assert(value_is(&found[i], &values[i]), "item %d: %s", i, value_show(&found[i]));
}

TEST(section, moves_the_version_once)
{
    polyshm_list *list = create();
    const polyshm_value one = v_int(1), word = v_str("word");
    EXPECT_OK(pshmi_section_enter(list));
    pshmi_section_write(list, 0, &one);
    pshmi_section_write(list, 4, &word);
    cr_assert_eq(list->lock.area.state->version, 1);
    EXPECT_OK(pshmi_section_leave(list));
    cr_assert_eq(list->lock.area.state->version, 2);
    cr_assert(list->lock.area.versions[0] == 2 && list->lock.area.versions[4] == 2);
    cr_assert_eq(list->lock.area.state->lock, 0);
    list_drop(list);
}

TEST(section, without_a_write_moves_nothing)
{
    polyshm_list *list = create();
    EXPECT_OK(pshmi_section_enter(list));
    EXPECT_OK(pshmi_section_leave(list));
    cr_assert_eq(list->lock.area.state->version, 0);
    list_drop(list);
}

TEST(section, of_a_list_that_was_closed_says_so)
{
    SKIP_IF_EMULATED("this test is alone in its process, and closing unmaps");
    polyshm_list *list = create();
    EXPECT_OK(pshmi_section_enter(list));
    EXPECT_OK(polyshm_segment_close(list->segment));
    EXPECT_STATUS(POLYSHM_ECLOSED, pshmi_section_leave(list));
    list_drop(list);
}

TEST(section, steps_only_over_the_same_type_with_a_free_lock)
{
    polyshm_list *list = create(), *other;
    cr_assert_not(pshmi_section_step(list, 0, PSHMI_FORMAT_INT64, 8), "it has not joined");
    EXPECT_OK(polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    cr_assert(pshmi_section_step(list, 0, PSHMI_FORMAT_INT64, 8));
    cr_assert(list->lock.area.versions[0] == 2 && list->lock.area.state->version == 2);
    cr_assert_not(pshmi_section_step(list, 0, PSHMI_FORMAT_FLOAT64, 9));
    cr_assert_not(pshmi_section_step(list, 2, PSHMI_FORMAT_INT64, 9));
    cr_assert_eq(list->lock.area.state->version, 2);

    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &other));
    EXPECT_OK(polyshm_list_lock(other, 0));
    cr_assert_not(pshmi_section_step(list, 0, PSHMI_FORMAT_INT64, 9));
    polyshm_value found;
    EXPECT_OK(polyshm_list_get(list, 0, NULL, 0, &found));
    EXPECT_VALUE(v_int(8), found);
    polyshm_list_unref(other);
    list_drop(list);
}

/* Where a writer dies in the writing of an item. */
struct death {
    uint64_t index;
    const polyshm_value *value;
    int moment;
};
enum { BEFORE, OPENED, SCRIBBLED, WRITTEN, CLOSED, MOMENTS };

static void write_and_die(void *argument)
{
    const struct death *death = argument;
    polyshm_list *list;
    CHECK(polyshm_list_attach(NAME, 0, 0, &list) == POLYSHM_OK);
    pshmi_item item = pshmi_list_item(list, death->index);
    const pshmi_place place = {death->index, item.slot, item.width, item.format, item.kind};
    CHECK(polyshm_list_lock(list, 0) == POLYSHM_OK);
    pshmi_change_begin(&list->lock.area);
    if (death->moment >= OPENED)
        pshmi_journal_begin(&list->lock.area, &place);
    if (death->moment >= SCRIBBLED) {
        memset(item.slot, 0xA5, item.width / 2);
        *item.kind ^= 1;
    }
    if (death->moment >= WRITTEN)
        pshmi_item_set(&item, death->value);
    if (death->moment >= CLOSED)
        pshmi_journal_end(&list->lock.area, death->index);
    raise(SIGKILL);
}

static void kill_writer(struct death death)
{
    int status = child_wait(child_start(write_and_die, &death));
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A writer dies at each moment, for each item. Readers have the old value until the item was closed, before and after
 * the next writer comes. */
static void die_everywhere(void (*come_next)(polyshm_list *list))
{
    polyshm_value values[ITEMS], old;
    const polyshm_value none = v_none(), number = v_int(4711);
    fill(values);
    for (uint64_t i = 0; i < ITEMS; i++)
        for (int moment = 0; moment < MOMENTS; moment++) {
            polyshm_list *list = create(), *reader;
            const polyshm_value *value = i == 3 ? &number : &none;
            EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader));
            kill_writer((struct death){i, value, moment});
            old = values[i];
            if (moment == CLOSED)
                values[i] = *value;
            expect_values(reader, values);
            come_next(list);
            expect_values(reader, values);
            cr_assert_eq(list->lock.area.versions[i] & 1, 0);
            cr_assert_eq(list->lock.area.state->version & 1, 0);
            cr_assert_eq(list->lock.area.state->lock, 0);
            values[i] = old;
            polyshm_list_unref(reader);
            list_drop(list);
        }
}

static void lock_next(polyshm_list *list)
{
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 10));
    EXPECT_OK(polyshm_list_unlock(list));
    EXPECT_OK(polyshm_list_lock(list, 10));
    EXPECT_OK(polyshm_list_unlock(list));
}

TEST(section, of_a_dead_writer_is_undone_by_who_locks_next)
{
    die_everywhere(lock_next);
}

static void write_next(polyshm_list *list)
{
    const polyshm_value seven = v_int(7), half = v_float(0.5);
    polyshm_value found;
    EXPECT_OK(polyshm_list_get(list, 0, NULL, 0, &found));
    EXPECT_OK(found.type == POLYSHM_TYPE_INT64 ? polyshm_list_set(list, 0, &seven) : polyshm_list_set(list, 1, &half));
}

TEST(section, of_a_dead_writer_is_undone_by_who_writes_next)
{
    die_everywhere(write_next);
}

/* Takes the lock over, and dies before everything is put back. */
static void take_over_and_die(void *unused)
{
    polyshm_list *list;
    (void)unused;
    CHECK(polyshm_list_attach(NAME, 0, 0, &list) == POLYSHM_OK);
    CHECK(pshmi_lock_acquire(&list->lock, 10) == POLYSHM_OWNER_DIED);
    pshmi_list_item(list, 5).slot[1] = list->lock.area.copy[1];
    raise(SIGKILL);
}

TEST(section, whose_undoing_was_killed_is_undone_by_the_next)
{
    polyshm_value values[ITEMS];
    const polyshm_value none = v_none();
    polyshm_list *list = create();
    fill(values);
    kill_writer((struct death){5, &none, SCRIBBLED});
    for (int i = 0; i < 3; i++)
        child_wait(child_start(take_over_and_die, NULL));
    expect_values(list, values);
    lock_next(list);
    expect_values(list, values);
    list_drop(list);
}
