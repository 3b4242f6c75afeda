/* Each counter's sums, a bit for each (ledger.h). */
#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "children.h"

enum { SUMS_MAX = 1 << 28 }; /* of a counter: that many bits are 32 MiB */

static struct {
    uint8_t *seen;
    uint64_t size, highest; /* bytes of seen; the highest sum */
} counters[COUNTERS_COUNT];

static void grow(int counter, uint64_t size)
{
    uint8_t *seen = realloc(counters[counter].seen, size);
    CHECK(seen);
    memset(seen + counters[counter].size, 0, size - counters[counter].size);
    counters[counter].seen = seen;
    counters[counter].size = size;
}

static void note(struct ledger *ledger, int counter, uint64_t sum)
{
    CHECK(counter >= 0 && counter < COUNTERS_COUNT && sum > 0 && sum < SUMS_MAX);
    uint8_t bit = (uint8_t)(1 << sum % 8);
    if (sum / 8 >= counters[counter].size)
        grow(counter, (sum / 8 + 1) * 2);
    if (counters[counter].seen[sum / 8] & bit) {
        fprintf(stderr, "counter %d: two acknowledged adds made %" PRIu64 "; one of them is lost\n", counter, sum);
        ledger->lost++;
    }
    counters[counter].seen[sum / 8] |= bit;
    if (sum > counters[counter].highest)
        counters[counter].highest = sum;
    ledger->acknowledged++;
}

void ledger_note(struct ledger *ledger, const char *lines)
{
    for (const char *end; (end = strchr(lines, '\n')); lines = end + 1) {
        char *rest;
        long counter = strtol(lines, &rest, 10);
        note(ledger, (int)counter, strtoull(rest, &rest, 10));
        CHECK(rest == end);
    }
}

void ledger_close(struct ledger *ledger, const polyshm_list *list)
{
    uint64_t made = 0;
    for (int i = 0; i < COUNTERS_COUNT; i++) {
        polyshm_value value;
        CHECK(polyshm_list_get(list, COUNTERS + i, NULL, 0, &value) == POLYSHM_OK);
        made += (uint64_t)value.integer;
        if ((uint64_t)value.integer < counters[i].highest) {
            fprintf(stderr, "counter %d is %" PRId64 ", but an acknowledged add made it %" PRIu64 "\n", i,
                    value.integer, counters[i].highest);
            ledger->lost += counters[i].highest - (uint64_t)value.integer;
        }
        free(counters[i].seen);
    }
    ledger->silent = made + ledger->lost - ledger->acknowledged;
}
