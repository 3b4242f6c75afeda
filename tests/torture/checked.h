/* Values that show by themselves whether somebody wrote them, and into which item.
 *
 *   text, bytes   "INDEX:SERIAL:", letters, and the checksum of all that in 8 hexadecimal digits
 *   int64         (SERIAL * 64 + INDEX) * 65536 + a checksum of 16 bits; below 2^46, which LuaJIT's numbers hold
 *   float64       such an int64 and a half
 *   bool, None    always
 *
 * The agents in the other languages (agent.*) make the same ones. */
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
    PAIR_SECOND = 17,
    ITEMS = 18,
    TEXT_MAX = 200
};

/* Room for the values of a whole list. */
enum { BUFFER_SIZE = 8 * (TEXT_MAX + 8) + 8 * ITEMS };

/* Makes such a list, and attaches to it. */
polyshm_list *checked_list(const char *name);

/* Writes a text of a length that depends on the serial number into text; gives its size. */
uint64_t checked_text(uint64_t index, uint64_t serial, char text[TEXT_MAX + 1]);
int64_t checked_int(uint64_t index, uint64_t serial);

/* Whether the value is one that is written to this item; if not, it is shown on stderr. The counters' and the pair's
 * values are any integer. */
bool checked_is(uint64_t index, const polyshm_value *value);

#endif
