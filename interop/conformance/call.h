/* One call of a described function: its arguments from JSON, and what it gave as JSON.
 *
 * In JSON a value of a list is null, true, a number, a text, or {"bytes": "text"}. "$name" stands for what an earlier
 * call gave, "@name" for a name that no other process uses. A length that is not given is that of the memory that goes
 * with it. Memory that a function writes to is 4096 bytes, or as many as are given, and full of MARK before the call. */
#ifndef CONFORMANCE_CALL_H
#define CONFORMANCE_CALL_H

#include "description.h"

enum { MARK = 0xA5 };

typedef union {
    int32_t i32;
    uint32_t u32;
    int64_t i64;
    uint64_t u64;
    double real;
    void *pointer;
} scalar;

typedef struct {
    const description *described;
    function *function;
    size_t count;
    scalar arguments[PARAMETERS_MAX];
    unsigned char *memory[PARAMETERS_MAX]; /* what a pointer leads to, if that is ours */
    size_t sizes[PARAMETERS_MAX];
    scalar result;
} call;

/* variables: what earlier calls gave, by name; and "@", what names begin with. Ends the program for what it cannot
 * make. */
void call_prepare(call *made, const description *described, const char *name, json_t *with, json_t *variables);
void call_run(call *made);
void call_free(call *made);

/* The place of a parameter, or of the one that is its length; -1 where there is none. */
int call_place(const call *made, const char *parameter);
int call_length(const call *made, int place);

json_t *call_parameter(const call *made, int place);
void call_set_number(call *made, int place, int64_t number);

/* What stands in the output at this place, of `size` bytes if it is memory. A new reference. */
json_t *call_output(const call *made, int place, size_t size);
json_t *call_returned(const call *made);

/* A text of the script as it is meant: a variable, a name of its own, or itself. A new reference. */
json_t *call_resolve(json_t *value, json_t *variables);

/* Whether the status is one that is described and, if it is a failure, the outputs are as they were. Says what is
 * not. */
bool call_kept_promises(const call *made);

/* Calls a function that takes one handle. */
int32_t call_with_handle(const description *described, const char *name, void *handle);

#endif
