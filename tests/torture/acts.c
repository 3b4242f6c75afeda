/* Writing values that can be checked, and checking them (acts.h). */
#include "acts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "children.h"
#include "dice.h"
#include "values.h"

/* Below how many items a section writes between the pair, and again behind it: kills shall find its holder inside. */
enum { SECTION_MAX = 32 };

static int64_t get_int(const polyshm_list *list, int64_t index)
{
    polyshm_value value;
    CHECK(polyshm_list_get(list, index, NULL, 0, &value) == POLYSHM_OK);
    CHECK(value.type == POLYSHM_TYPE_INT64);
    return value.integer;
}

static void set_int(polyshm_list *list, int64_t index, int64_t integer)
{
    const polyshm_value value = v_int(integer);
    CHECK(polyshm_list_set(list, index, &value) == POLYSHM_OK);
}

/* A value for the item; a text is in text. */
static polyshm_value make(uint64_t index, uint64_t *dice, char text[BIG_MAX + 1])
{
    uint64_t serial = dice_below(dice, 1 << 24);
    switch (dice_below(dice, index < TEXTS ? 4 : 8)) {
    case 0:
        return v_int(checked_int(index, serial));
    case 1:
        return v_float((double)checked_int(index, serial) + 0.5);
    case 2:
        return dice_below(dice, 2) ? v_bool(true) : v_none();
    case 3:
        return v_int(checked_int(index, serial));
    case 4:
        return v_bytes_of(text, checked_text(index, serial, text));
    default:
        return v_str_of(text, checked_text(index, serial, text));
    }
}

static void exchange(polyshm_list *list, uint64_t *dice)
{
    uint64_t index = NUMBERS + dice_below(dice, TEXTS - NUMBERS);
    const polyshm_value desired = v_int(checked_int(index, dice_below(dice, 1 << 24)));
    polyshm_value found;
    int32_t exchanged;
    CHECK(polyshm_list_get(list, (int64_t)index, NULL, 0, &found) == POLYSHM_OK);
    CHECK(polyshm_list_compare_exchange(list, (int64_t)index, &found, &desired, &exchanged) == POLYSHM_OK);
}

static void write_two(polyshm_list *list, uint64_t *dice)
{
    char texts[2][BIG_MAX + 1];
    uint64_t index = NUMBERS + dice_below(dice, PAIR_SECOND - NUMBERS - 1);
    const polyshm_value values[] = {make(index, dice, texts[0]), make(index + 1, dice, texts[1])};
    CHECK(polyshm_list_write(list, (int64_t)index, values, 2) == POLYSHM_OK);
}

static void write_one(polyshm_list *list, uint64_t *dice)
{
    char text[BIG_MAX + 1];
    uint64_t index = NUMBERS + dice_below(dice, PAIR_SECOND - NUMBERS);
    const polyshm_value value = make(index, dice, text);
    CHECK(polyshm_list_set(list, (int64_t)index, &value) == POLYSHM_OK);
}

static void write_some(polyshm_list *list, uint64_t *dice)
{
    for (uint64_t left = dice_below(dice, SECTION_MAX); left; left--)
        write_one(list, dice);
}

static void write_pair(polyshm_list *list, uint64_t *dice)
{
    int32_t status = polyshm_list_lock(list, 10);
    CHECK(status == POLYSHM_OK || status == POLYSHM_OWNER_DIED);
    int64_t first = get_int(list, PAIR_FIRST), second = get_int(list, PAIR_SECOND);
    CHECK(first == second || first == second + 1);
    if (first != second) /* a writer died in between */
        set_int(list, PAIR_SECOND, first);
    set_int(list, PAIR_FIRST, first + 1);
    write_some(list, dice);
    set_int(list, PAIR_SECOND, first + 1);
    write_some(list, dice);
    CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
}

static void add_one(polyshm_list *list, uint64_t *dice, added *add)
{
    int64_t sum;
    int counter = (int)dice_below(dice, COUNTERS_COUNT);
    CHECK(polyshm_list_add(list, COUNTERS + counter, 1, &sum) == POLYSHM_OK);
    if (add)
        *add = (added){counter, sum};
}

bool act_write(polyshm_list *list, uint64_t *dice, added *add)
{
    switch (dice_below(dice, 8)) {
    case 0:
    case 1:
        add_one(list, dice, add);
        return true;
    case 2:
        exchange(list, dice);
        break;
    case 3:
        write_two(list, dice);
        break;
    case 4:
        write_pair(list, dice);
        break;
    default:
        write_one(list, dice);
    }
    return false;
}

static void check(bool well, sight *seen, const char *what, int64_t found, int64_t before)
{
    if (well)
        return;
    fprintf(stderr, "%s: %" PRId64 ", and %" PRId64 "\n", what, found, before);
    seen->torn++;
}

static void check_all(const polyshm_value values[ITEMS], sight *seen)
{
    for (uint64_t i = 0; i < ITEMS; i++)
        seen->torn += !checked_is(i, &values[i]);
    for (int i = 0; i < COUNTERS_COUNT; i++) {
        int64_t found = values[COUNTERS + i].integer, before = seen->counters[i];
        check(found >= before, seen, "a counter has an older value than before", found, before);
        seen->counters[i] = found;
    }
}

static void check_pair(const polyshm_value values[ITEMS], sight *seen)
{
    int64_t first = values[PAIR_FIRST].integer, second = values[PAIR_SECOND].integer;
    check(first == second || first == second + 1, seen, "a snapshot has a part of several sections", first, second);
    if (first == second || first == seen->half)
        return;
    seen->half = first;
    seen->halves++;
}

static void read_whole(const polyshm_list *list, sight *seen)
{
    polyshm_value values[ITEMS];
    char buffer[BUFFER_SIZE];
    uint64_t version = 0;
    int32_t status = polyshm_list_snapshot(list, buffer, sizeof buffer, values, &version);
    seen->starved += status == POLYSHM_ETIMEDOUT;
    if (status == POLYSHM_ETIMEDOUT)
        return;
    CHECK(status == POLYSHM_OK);
    check_all(values, seen);
    check_pair(values, seen);
    check(version >= seen->version, seen, "a snapshot has an older version than before", (int64_t)version,
          (int64_t)seen->version);
    seen->version = version;
}

void act_read(const polyshm_list *list, sight *seen)
{
    polyshm_value values[ITEMS];
    char buffer[BUFFER_SIZE], *end = buffer;
    for (uint64_t i = 0; i < ITEMS; i++) {
        CHECK(polyshm_list_get(list, (int64_t)i, end, (uint64_t)(buffer + sizeof buffer - end), &values[i]) ==
              POLYSHM_OK);
        end += values[i].size;
    }
    check_all(values, seen);
    CHECK(polyshm_list_read(list, 0, ITEMS, buffer, sizeof buffer, values) == POLYSHM_OK);
    check_all(values, seen);
    read_whole(list, seen);
    seen->reads++;
}

int64_t act_sum(const polyshm_list *list)
{
    sight seen = {0};
    int64_t sum = 0;
    act_read(list, &seen);
    CHECK(seen.starved == 0);
    CHECK(seen.torn == 0);
    for (int i = 0; i < COUNTERS_COUNT; i++)
        sum += seen.counters[i];
    return sum;
}
