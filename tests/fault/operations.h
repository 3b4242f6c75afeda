/* What the runtime does for a caller, one call each, so that every one can meet every fault. */
#ifndef TEST_OPERATIONS_H
#define TEST_OPERATIONS_H

#include <polyshm.h>
#include <stdbool.h>
#include <stddef.h>

/* What a call gives. Filled with what no call gives before it, so that a change shows. */
struct results {
    polyshm_segment *segment;
    polyshm_list *list;
    int32_t number;
};

struct operation {
    const char *name;
    bool creates; /* makes the block; else there is one before */
    bool names;   /* gives the name that is asked for */
    int32_t (*run)(struct results *results);
};

extern const struct operation operations[];
extern const size_t operations_count;

/* What stands in results before a call. */
extern const struct results UNTOUCHED;

bool results_are_untouched(const struct results *results);

/* Gives back what a call gave, and removes the block that it made. */
void results_drop(struct results *results);

/* Makes the block that the operation needs: a list of 7 and 'text', as a stock CPython has it. */
void operation_prepare(const struct operation *operation);

/* Whether the block is what it was made to be, to the last byte: a list of 7 and 'text', that of a stock CPython or of
 * polyshm, or zeros. */
bool block_is_whole(const char *name);

#endif
