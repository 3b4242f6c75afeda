/* Values that show by themselves whether somebody wrote them, and into which item.
 *
 *   text, bytes   "INDEX:SERIAL:", letters, and the checksum of all that in 8 hexadecimal digits; then, if SERIAL is odd,
 *                 a NUL. SERIAL says how many letters, and which
 *   int64         (SERIAL * 64 + INDEX) * 65536 + a checksum of 16 bits; below 2^46, which LuaJIT's numbers hold
 *   float64       such an int64 and a half
 *   bool, None    true, None
 *
 * The agents in the other languages (agent.*) make and know the same ones. */
#ifndef TORTURE_CHECKED_H
#define TORTURE_CHECKED_H

#include <polyshm.h>
#include <stdbool.h>

/* The list of the agents. Of a pair each section writes the first, then the second, to one more than the first was:
 * who sees the list whole sees the same number twice or, when a writer died in between, the first one ahead. */
enum {
    PAIR_FIRST = 0,
    COUNTERS = 1, /* where each begins; the next is where it ends */
    NUMBERS = 5,  /* slots of a word */
    TEXTS = 9,    /* slots of anything up to TEXT_MAX bytes */
    BIG = 16,     /* a slot of anything up to BIG_MAX bytes: a write takes some microseconds */
    PAIR_SECOND = 17,
    ITEMS = 18,
    COUNTERS_COUNT = NUMBERS - COUNTERS,
    TEXT_MAX = 200,
    BIG_MAX = 20000
};

/* Room for the values of a whole list. */
enum { BUFFER_SIZE = BIG_MAX + TEXT_MAX + 8 * (TEXT_MAX + 32) };

/* Makes such a list, and attaches to it. */
polyshm_list *checked_list(const char *name);

/* Writes a text whose length depends on the serial number into text; gives its size. */
uint64_t checked_text(uint64_t index, uint64_t serial, char text[BIG_MAX + 1]);
int64_t checked_int(uint64_t index, uint64_t serial);

/* Whether the value is one that is written to this item; if not, it is shown on stderr beside what it should have been.
 * The counters' and the pair's values are any integer. */
bool checked_is(uint64_t index, const polyshm_value *value);

#endif
