/* Making the good lists, once (sync_lists.h). */
#include "sync_lists.h"

#include <polyshm.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "sync_block.h"
#include "values.h"

enum { MANY = 40, SPARE = 24 };

static good_list lists[LISTS];

/* The list is in the block. stock: without its sync area, as CPython would have made it. */
static void keep(good_list *list, bool stock)
{
    const uint64_t *words = (const uint64_t *)(void *)block_of_peers;
    size_t count = words[0], data = 8 * (count + 2), formats = data + words[count + 1], kinds = formats + 8 * count;
    size_t end = kinds + count, area = area_offset(end);
    const size_t whole[] = {0,
                            data,
                            formats,
                            kinds,
                            area,
                            area + AREA_GENERATIONS,
                            area + AREA_VERSIONS,
                            area + area_journal(count),
                            block_size};
    for (int i = 0; i <= PARTS; i++)
        list->bounds[i] = stock && whole[i] > end ? end : whole[i];
    list->bytes = malloc(list->bounds[PARTS]);
    memcpy(list->bytes, block_of_peers, list->bounds[PARTS]);
}

static void make(unsigned number, const polyshm_value *values, uint64_t count, uint64_t spare)
{
    polyshm_list *list;
    if (polyshm_list_create("good", values, count, spare, 0, 0, &list) != POLYSHM_OK)
        abort();
    keep(&lists[number], number == LISTS - 1);
    polyshm_list_unref(list);
}

static void make_all(void)
{
    static char wide[200];
    polyshm_value many[MANY];
    const polyshm_value all[] = {
        v_int(-7),       v_float(0.5),       v_bool(true),           v_none(), v_str("h\xC3\xA9 and more than a word"),
        v_bytes("\xFF"), v_str_of("a\0", 2), v_bytes_of("12\0\0", 4)};
    memset(wide, 'w', sizeof wide);
    for (int i = 0; i < MANY; i++)
        many[i] = i % 4 ? v_int(i) : v_float(i);
    const polyshm_value texts[] = {v_str("one"), v_str_of(wide, sizeof wide), v_bytes("three"), v_none()};
    make(0, all, COUNT_OF(all), 0);
    make(1, NULL, 0, 0);
    make(2, many + 1, 1, 0);
    make(3, texts, COUNT_OF(texts), SPARE);
    make(4, many, MANY, 0);
    make(5, texts + 1, 1, 0);
    make(6, all, COUNT_OF(all), SPARE);
    make(7, all, COUNT_OF(all), 0);
}

const good_list *good_list_of(unsigned number)
{
    if (!lists[0].bytes)
        make_all();
    return &lists[number % LISTS];
}
