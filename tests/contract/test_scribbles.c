/* A sync area that somebody has damaged: errors and wrong values are fine, but nobody crashes or waits for ever. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "areas.h"
#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "lists.h"
#include "names.h"

#define NAME test_name(0)

/* [7, 'text', 0.5]: 99 bytes in the stock layout. */
enum { ITEMS = 3, AREA = 128, AREA_BYTES = 2200 + 40 + 64 + 8, ROUNDS = 60 };

static polyshm_list *create(void)
{
    const polyshm_value values[ITEMS] = {v_int(7), v_str("text"), v_float(0.5)};
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, values, ITEMS, 0, 0, 0, &list));
    cr_assert_eq((size_t)block_status(NAME).st_size, AREA + area_size(ITEMS, 8));
    EXPECT_OK(polyshm_list_set_timeout(list, 0.05));
    return list;
}

static void damage(size_t place, uint64_t word)
{
    block_write(NAME, AREA + place, &word, sizeof word);
}

static void expect_writable(polyshm_list *list)
{
    const polyshm_value values[ITEMS] = {v_none(), v_str("word"), v_int(3)}, number = v_int(9);
    polyshm_value found[ITEMS];
    char text[8];
    EXPECT_OK(polyshm_list_write(list, 0, values, ITEMS));
    EXPECT_OK(polyshm_list_set(list, 2, &number));
    EXPECT_OK(polyshm_list_snapshot(list, text, sizeof text, found, NULL));
    EXPECT_VALUE(v_none(), found[0]);
    EXPECT_VALUE(v_str("word"), found[1]);
    EXPECT_VALUE(number, found[2]);
}

TEST(scribbles, on_the_lock_word_that_name_nobody_are_taken_over)
{
    static const uint32_t words[] = {1, 0xFFFF, 0x10000, 0x10001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x04000007};
    polyshm_list *list = create();
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        block_write(NAME, AREA + AREA_LOCK, &words[i], sizeof *words);
        expect_writable(list);
    }
    list_drop(list);
}

TEST(scribbles, on_the_lock_word_that_name_a_living_participant_cost_others_their_timeout)
{
    polyshm_list *list = create(), *other;
    uint32_t word;
    char bytes[AREA + 128];
    const polyshm_value none = v_none();
    polyshm_value found;
    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &other));
    EXPECT_OK(polyshm_list_lock(other, 0));
    block_read(NAME, bytes, sizeof bytes);
    memcpy(&word, bytes + AREA + AREA_LOCK, sizeof word);
    EXPECT_OK(polyshm_list_unlock(other));
    block_write(NAME, AREA + AREA_LOCK, &word, sizeof word);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_set(list, 0, &none));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_list_lock(list, 0.02));
    EXPECT_OK(polyshm_list_get(list, 0, NULL, 0, &found));
    EXPECT_VALUE(v_int(7), found);
    polyshm_list_unref(other);
    expect_writable(list);
    list_drop(list);
}

TEST(scribbles, on_versions_are_put_right_by_the_next_write)
{
    polyshm_list *list = create();
    for (int i = 0; i < ITEMS; i++)
        damage(AREA_VERSIONS + 8 * (size_t)i, 0x1234567);
    damage(AREA_VERSION, 0x12345);
    expect_writable(list);
    for (int i = 0; i < ITEMS; i++)
        damage(AREA_VERSIONS + 8 * (size_t)i, 1);
    const polyshm_value numbers[ITEMS] = {v_none(), v_str("x"), v_int(5)};
    EXPECT_OK(polyshm_list_write(list, 0, numbers, ITEMS)); /* the last one is a single store */
    expect_writable(list);
    list_drop(list);
}

TEST(scribbles, on_the_journal_do_not_lead_out_of_the_list)
{
    static const uint64_t items[] = {ITEMS + 1, UINT64_MAX, UINT64_C(1) << 63, 1, ITEMS};
    polyshm_list *list = create();
    const uint32_t nobody = 0x7FFFFFFF;
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        damage(area_journal(ITEMS), items[i]);
        damage(area_journal(ITEMS) + 8, UINT64_MAX);
        for (int k = 0; k < ITEMS; k++)
            damage(AREA_VERSIONS + 8 * (size_t)k, 1);
        block_write(NAME, AREA + AREA_LOCK, &nobody, sizeof nobody);
        EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
        EXPECT_OK(polyshm_list_unlock(list));
        expect_writable(list);
    }
    list_drop(list);
}

/* A read takes its own ten seconds, a snapshot of who may only read those of the handle: both are tried at once. */
static void read_number(void *inherited)
{
    polyshm_value found = v_none();
    CHECK(polyshm_list_get(inherited, 0, NULL, 0, &found) == POLYSHM_ETIMEDOUT);
    CHECK(found.type == POLYSHM_TYPE_NONE);
}

static void read_snapshot(void *unused)
{
    polyshm_list *reader;
    polyshm_value found[ITEMS];
    char text[8];
    (void)unused;
    CHECK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &reader) == POLYSHM_OK);
    CHECK(polyshm_list_snapshot(reader, text, sizeof text, found, NULL) == POLYSHM_ETIMEDOUT);
}

TEST(scribbles, that_keep_readers_from_an_end_cost_them_some_seconds)
{
    polyshm_list *list = create();
    damage(AREA_VERSIONS, 1); /* odd, and no journal says why */
    damage(AREA_VERSION, 1);
    pid_t reader = child_start(read_number, list), other = child_start(read_snapshot, NULL);
    cr_assert_eq(child_wait(reader), 0);
    cr_assert_eq(child_wait(other), 0);
    list_drop(list);
}

/* Every call, whatever comes of it. */
static void use_everything(polyshm_list *list, uint64_t random)
{
    const polyshm_value values[ITEMS] = {v_int((int64_t)random), v_str("words"), v_float(0.25)}, none = v_none();
    polyshm_value found[ITEMS];
    char text[64];
    uint64_t version;
    int32_t number;
    int64_t index = (int64_t)(random % ITEMS);
    polyshm_list_set(list, index, random & 64 ? &values[index] : &none);
    polyshm_list_lock(list, 0.01);
    polyshm_list_add(list, index, 1, NULL);
    polyshm_list_compare_exchange(list, index, &none, values, &number);
    polyshm_list_write(list, 0, values, ITEMS);
    polyshm_list_get(list, index, text, sizeof text, found);
    polyshm_list_read(list, 0, ITEMS, text, sizeof text, found);
    polyshm_list_snapshot(list, text, sizeof text, found, &version);
    polyshm_list_unlock(list);
    polyshm_list_version(list, &version);
    polyshm_list_wait(list, version, 0.001, &version);
    polyshm_list_wait_item(list, index, version, 0.001, &version);
}

TEST(scribbles, by_chance_crash_nobody)
{
    polyshm_list *list = create();
    uint64_t random = 88172645463325252u; /* xorshift, so that a failure comes again */
    for (int i = 0; i < ROUNDS; i++) {
        char noise[AREA_BYTES];
        for (size_t k = 0; k < sizeof noise; k++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            noise[k] = (char)(random & (i % 2 ? 0xFF : 0x01));
        }
        /* Item versions stay even: what an odd one costs has a test of its own. */
        for (size_t k = 0; k < ITEMS; k++)
            noise[AREA_VERSIONS - AREA_LOCK + 8 * k] = (char)(noise[AREA_VERSIONS - AREA_LOCK + 8 * k] & ~1);
        block_write(NAME, AREA + AREA_LOCK, noise, area_size(ITEMS, 8) - AREA_LOCK);
        use_everything(list, random);
    }
    damage(AREA_LOCK, 0);
    expect_writable(list);
    list_drop(list);
}

/* Changes the format of an item to that of a text and back. */
static void flicker(void *unused)
{
    uint64_t formats[2] = {'q', '8' | 's' << 8};
    (void)unused;
    for (int i = 0;; i ^= 1)
        block_write(NAME, 8 * (ITEMS + 2) + 24, &formats[i], sizeof *formats);
}

TEST(scribbles, on_a_format_while_it_is_looked_at_make_no_call_lack_room)
{
    polyshm_list *list = create();
    const polyshm_value one = v_int(1);
    int32_t exchanged;
    pid_t scribbler = child_start(flicker, NULL);
    for (int i = 0; i < 100000; i++) {
        int32_t added = polyshm_list_add(list, 0, 1, NULL);
        int32_t compared = polyshm_list_compare_exchange(list, 0, &one, &one, &exchanged);
        bool torn = added == POLYSHM_ECORRUPT; /* the kernel copies a byte after the other */
        cr_assert(added == POLYSHM_OK || added == POLYSHM_ETYPE || torn, "%s", polyshm_error_message());
        cr_assert(compared == POLYSHM_OK || compared == POLYSHM_ECORRUPT, "%s", polyshm_error_message());
    }
    child_kill(scribbler);
    list_drop(list);
}
