/* The adds that writers acknowledged, held against the counters.
 *
 * Every add is of 1 and gives the sum that it made, so no two adds of a counter give the same. If an acknowledged one
 * is lost, the next add makes its sum once more; or the counter stays below it. Adding up alone would not show it where an
 * add that was never acknowledged stands in for one that is lost. */
#ifndef TORTURE_LEDGER_H
#define TORTURE_LEDGER_H

#include <polyshm.h>
#include <stdint.h>

struct ledger {
    uint64_t acknowledged;
    uint64_t lost;   /* each is on stderr */
    uint64_t silent; /* adds that were made and not acknowledged: their writers died in between */
};

/* Takes in a writer's lines, "COUNTER SUM"; one that the writer could not end does not count. */
void ledger_note(struct ledger *ledger, const char *lines);

/* Holds all that was noted against the list. */
void ledger_close(struct ledger *ledger, const polyshm_list *list);

#endif
