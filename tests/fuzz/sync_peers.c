/* What the peers do (sync_peers.h). */
#include "sync_peers.h"

#include <string.h>

#include "areas.h"
#include "sync_block.h"

enum { WORD = sizeof(uint64_t), SHORT = 128, LONG_UNIT = 32, KINDS_OF_WORDS = 16, FLICKER = 128 };

static const uint8_t *next, *end;
static const size_t *bounds;
static uint64_t pause; /* turns until they act, that one included */
static uint64_t seen;  /* what stood in the lock when they last changed it */

/* What changes at every other turn by a pattern that begins at 1, so that whoever looks twice at it sees two things,
 * however many looks are in between. */
static struct {
    char *at;
    size_t size; /* 0: nothing does */
    uint64_t other;
    uint32_t pattern;
} flicker;

/* Any part, and twice as often those that few bytes say much in. */
static size_t choose_place(uint8_t part, size_t word)
{
    static const uint8_t parts[] = {PART_STATE,   PART_STATE, PART_FORMATS, PART_VERSIONS,
                                    PART_JOURNAL, PARTS,      PARTS,        PARTS};
    part %= PARTS + sizeof parts;
    if (part >= PARTS)
        part = parts[part - PARTS];
    if (part < PARTS && bounds[part + 1] - bounds[part] >= WORD)
        return bounds[part] + word * WORD % ((bounds[part + 1] - bounds[part]) / WORD * WORD);
    return block_size < WORD ? 0 : word * (block_size / WORD / 256 + 1) * WORD % (block_size / WORD * WORD);
}

/* A number that looks like one of the layout's. */
static uint64_t choose_word(uint64_t old, uint8_t how, uint8_t more)
{
    static const char *const formats[] = {"q", "d", "xxxxxxx?", "xxxxxx?x", "8s", "9s", "2s ", "9999999s"};
    uint64_t word = 0;
    switch (how % KINDS_OF_WORDS) {
    case 0:
        return more;
    case 1:
        return old + 1;
    case 2:
        return old ^ UINT64_C(1) << more % 64;
    case 3:
        return UINT64_MAX << more % 64;
    case 4:
        return UINT64_MAX >> more % 64;
    case 5: /* a lock word, of any generation */
        return (uint64_t)more << 16 | how >> 4;
    case 6: /* one that stood there */
        return seen;
    case 7:
        return block_size - more;
    case 8:
        return more * UINT64_C(0x0101010101010101);
    case 9:
        strncpy((char *)&word, formats[more % 8], sizeof word);
        return word;
    case 10:
        return (uint64_t)8 * more;
    case 11:
        return old | 1;
    case 12:
        return (uint64_t)more << 56;
    case 13: /* a word of UTF-8 that is cut */
        return UINT64_C(0xC3C3C3C3C3C3C3C3) << more % 64;
    case 14:
        return old + ((uint64_t)more << 32);
    default:
        return old - more;
    }
}

/* A word, half of one, or a byte; what is beyond the block's end is left out. */
static void act(const uint8_t *what)
{
    flicker.size = 0;
    size_t at = choose_place(what[1], what[2]);
    if (at >= block_size)
        return;
    size_t left = block_size - at, size = left < WORD ? left : WORD, from = 0;
    uint64_t word = 0;
    memcpy(&word, block_of_peers + at, size);
    if (word && bounds[PART_STATE] + AREA_LOCK == at)
        seen = word;
    word = choose_word(word, what[3], what[4]);
    if (what[5] & 2)
        from = what[5] & 4, size = WORD / 2;
    else if (what[5] & 1)
        from = what[5] >> 2 & 7, size = 1;
    if (from + size > left)
        return;
    char *place = block_of_peers + at + from;
    if (what[5] & FLICKER) {
        flicker.at = place;
        flicker.size = size;
        flicker.pattern = 1;
        memcpy(&flicker.other, place, size);
    }
    memcpy(place, &word, size);
}

static void change_back(void)
{
    uint64_t now;
    flicker.pattern = flicker.pattern * 1664525 + 1013904223;
    if (flicker.pattern >> 31)
        return;
    memcpy(&now, flicker.at, flicker.size);
    memcpy(flicker.at, &flicker.other, flicker.size);
    flicker.other = now;
}

/* Sets when the next act is due. */
static void plan(void)
{
    pause = UINT64_MAX;
    if (next < end)
        pause = *next < SHORT ? *next : (uint64_t)(*next - SHORT + 1) * LONG_UNIT;
}

void peers_begin(const uint8_t *acts, size_t count, const size_t parts[PARTS + 1])
{
    next = acts;
    end = acts + count * PEERS_ACT;
    bounds = parts;
    seen = 0;
    flicker.size = 0;
    for (plan(); pause == 0; plan()) {
        act(next);
        next += PEERS_ACT;
    }
}

void peers_turn(void)
{
    if (flicker.size)
        change_back();
    if (--pause)
        return;
    do {
        pause = UINT64_MAX; /* what acts load is no turn */
        act(next);
        next += PEERS_ACT;
        plan();
    } while (pause == 0);
}

/* Before each load of the fuzzed code (-fsanitize-coverage=trace-loads), but not before those of these functions. */
#define LOAD(size, type)                                                                                               \
    void __sanitizer_cov_load##size(const type *address);                                                              \
    __attribute__((no_sanitize("coverage"))) void __sanitizer_cov_load##size(const type *address)                      \
    {                                                                                                                  \
        if (block_has(address))                                                                                        \
            peers_turn();                                                                                              \
    }
LOAD(1, uint8_t)
LOAD(2, uint16_t)
LOAD(4, uint32_t)
LOAD(8, uint64_t)
LOAD(16, __int128)
