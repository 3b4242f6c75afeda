/* What a scribbler writes, and where (scribbler.h). */
#include "scribbler.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "areas.h"
#include "blocks.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "program.h"
#include "values.h"

enum { WORD = 8, BURST_BITS = 7, REPAIR = 4, PAUSE_MAX_US = 300 };

static uint64_t *word_at(const struct scribbler *scribbler, uint64_t place)
{
    return (uint64_t *)(void *)(scribbler->block + place);
}

struct scribbler scribbler_open(const char *name)
{
    struct scribbler opened = {.size = (uint64_t)block_status(name).st_size};
    int descriptor = open(block_path(name), O_RDWR | O_CLOEXEC);
    CHECK(descriptor >= 0);
    opened.block = mmap(NULL, opened.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    CHECK(opened.block != MAP_FAILED);
    close(descriptor);
    opened.count = *word_at(&opened, 0);
    opened.formats = WORD * (opened.count + 2) + *word_at(&opened, WORD * (opened.count + 1));
    opened.area = area_offset(opened.formats + 9 * opened.count);
    opened.whole = malloc(opened.size);
    CHECK(opened.whole);
    memcpy(opened.whole, opened.block, opened.size);
    return opened;
}

void scribbler_close(struct scribbler *scribbler)
{
    munmap(scribbler->block, scribbler->size);
    free(scribbler->whole);
}

/* A word that matters, by its offset. */
static uint64_t choose_place(const struct scribbler *scribbler, uint64_t *dice)
{
    uint64_t item = dice_below(dice, scribbler->count), area = scribbler->area;
    const uint64_t places[] = {
        0,
        WORD * (item + 1),
        scribbler->formats + WORD * item,
        scribbler->formats + WORD * scribbler->count + item / WORD * WORD,
        area + WORD * dice_below(dice, 5),
        area + AREA_LOCK,
        area + AREA_LOCK,
        area + AREA_VERSION,
        area + AREA_MARK,
        area + AREA_GENERATIONS + WORD * dice_below(dice, 256),
        area + AREA_VERSIONS + WORD * item,
        area + area_journal(scribbler->count) + WORD * dice_below(dice, 3),
        area + area_copy(scribbler->count) + WORD * dice_below(dice, TEXT_MAX / WORD),
        dice_below(dice, scribbler->size) / WORD * WORD,
    };
    return places[dice_below(dice, COUNT_OF(places))];
}

/* A word of any sort, or one that could stand in some other place. */
static uint64_t choose_word(const struct scribbler *scribbler, uint64_t old, uint64_t *dice)
{
    const uint64_t words[] = {
        0,
        1,
        old + 1,
        old - 1,
        old | 1,
        old ^ UINT64_C(1) << dice_below(dice, 64),
        ~old,
        dice_below(dice, 64),
        dice_below(dice, scribbler->count + 2),
        dice_below(dice, 1200) << 16 | dice_below(dice, 65536),
        scribbler->lock_seen,
        scribbler->lock_seen ^ UINT64_C(0x80000000),
        UINT64_MAX >> dice_below(dice, 64),
        UINT64_MAX << dice_below(dice, 64),
        dice_throw(dice),
        scribbler->size - dice_below(dice, 16),
        *word_at(scribbler, scribbler->formats + WORD * dice_below(dice, scribbler->count)),
        *word_at(scribbler, dice_below(dice, scribbler->size / WORD) * WORD),
    };
    return words[dice_below(dice, COUNT_OF(words))];
}

static void scribble(struct scribbler *scribbler, uint64_t *dice)
{
    uint64_t place = choose_place(scribbler, dice), within = dice_below(dice, WORD);
    if (place + WORD > scribbler->size)
        return;
    uint64_t old = __atomic_load_n(word_at(scribbler, place), __ATOMIC_RELAXED);
    uint64_t word = choose_word(scribbler, old, dice);
    if (place == scribbler->area + AREA_LOCK && old)
        scribbler->lock_seen = (uint32_t)old;
    switch (dice_below(dice, 4)) {
    case 0:
        __atomic_store_n((uint8_t *)word_at(scribbler, place) + within, (uint8_t)word, __ATOMIC_RELAXED);
        break;
    case 1:
        __atomic_store_n((uint32_t *)word_at(scribbler, place) + within / 4, (uint32_t)word, __ATOMIC_RELAXED);
        break;
    default:
        __atomic_store_n(word_at(scribbler, place), word, __ATOMIC_RELAXED);
    }
}

void scribbler_run(struct scribbler *scribbler, uint64_t seed)
{
    for (uint64_t dice = seed;;) {
        if (dice_below(&dice, REPAIR) == 0)
            memcpy(scribbler->block, scribbler->whole, scribbler->size);
        for (uint64_t left = dice_below(&dice, UINT64_C(1) << dice_below(&dice, BURST_BITS)); left; left--)
            scribble(scribbler, &dice);
        program_sleep((double)dice_below(&dice, PAUSE_MAX_US) / 1e6);
    }
}
