/* Spoils one argument at a time, in a child. */
#include "edges.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 60 };

/* What is spoilt, and how. */
typedef enum { IS_NULL, IS_NULL_AND_EMPTY, IS_CLOSED, IS_NUMBER } kind;

typedef struct {
    int place;
    kind kind;
    scalar number;
    char words[64];
} change;

/* Where in the script the function is called first. */
typedef struct {
    const description *described;
    json_t *steps;
    size_t at;
} origin;

static bool fail(const call *made, const change *spoilt, const char *why)
{
    fprintf(stderr, "%s, '%s' %s: %s (it returned %d)\n", made->function->name,
            text_of(call_parameter(made, spoilt->place), "name"), spoilt->words, why, (int)made->result.i32);
    return false;
}

static void apply(call *made, const change *spoilt)
{
    const json_t *parameter = call_parameter(made, spoilt->place);
    scalar *argument = &made->arguments[spoilt->place];
    if (spoilt->kind == IS_NUMBER) {
        *argument = spoilt->number;
    } else if (spoilt->kind == IS_CLOSED) {
        json_t *handle = description_handle(made->described, text_of(parameter, "base"));
        call_with_handle(made->described, text_of(handle, "close"), argument->pointer);
    } else {
        argument->pointer = NULL;
        made->sizes[spoilt->place] = 0;
    }
    if (spoilt->kind == IS_NULL_AND_EMPTY)
        call_set_number(made, call_length(made, spoilt->place), 0);
}

/* Whether the status is the one that is described for this change. */
static bool is_as_described(const call *made, const change *spoilt)
{
    int32_t status = made->result.i32;
    bool refused = status == description_constant(made->described, "POLYSHM_EINVAL");
    if (strcmp(made->function->kind, "status") != 0)
        return strcmp(made->function->kind, "answer") != 0 || status == 0 || status == 1 ||
               fail(made, spoilt, "this is no answer");
    if (spoilt->kind == IS_CLOSED && strcmp(made->function->closed, "works") == 0)
        return status >= 0 || fail(made, spoilt, "it should work on a closed handle");
    if (spoilt->kind == IS_CLOSED)
        return status == description_constant(made->described, made->function->closed) ||
               fail(made, spoilt, "it should say that the handle is closed");
    bool may_be_null =
        is(call_parameter(made, spoilt->place), "nullable", "always") || spoilt->kind == IS_NULL_AND_EMPTY;
    if (spoilt->kind != IS_NUMBER && refused == may_be_null)
        return fail(made, spoilt, may_be_null ? "this may be NULL" : "this is invalid");
    return true;
}

/* What a call that succeeded made goes again. */
static void remove_outputs(const call *made)
{
    for (int i = 0; i < (int)made->count && made->result.i32 >= 0; i++) {
        const json_t *parameter = call_parameter(made, i);
        const json_t *handle = description_handle(made->described, text_of(parameter, "base"));
        void *given = NULL;
        char unlink_it[128];
        if (!handle || !made->memory[i] || !made->sizes[i])
            continue;
        memcpy(&given, made->memory[i], sizeof given);
        snprintf(unlink_it, sizeof unlink_it, "%s_unlink", text_of(handle, "name"));
        call_with_handle(made->described, unlink_it, given);
        call_with_handle(made->described, text_of(handle, "unref"), given);
    }
}

static bool run_spoilt(const origin *from, const change *spoilt)
{
    scene played = scene_begin(from->described);
    json_t *step = json_array_get(from->steps, from->at);
    call made;
    if (!scene_run(&played, from->steps, from->at))
        return false;
    call_prepare(&made, from->described, text_of(step, "call"), json_object_get(step, "with"), played.variables);
    apply(&made, spoilt);
    call_run(&made);
    bool fine = call_kept_promises(&made) && is_as_described(&made, spoilt);
    remove_outputs(&made);
    return scene_end(&played) && fine;
}

static void try_change(const origin *from, const change *spoilt, edges_result *result)
{
    int status = 0;
    const char *name = text_of(json_array_get(from->steps, from->at), "call");
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE);
        _exit(run_spoilt(from, spoilt) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    result->calls++;
    if (waitpid(child, &status, 0) != child || status != 0) {
        result->failures++;
        json_t *parameters = description_find(from->described, name)->parameters;
        fprintf(stderr, "%s, '%s' %s: %s\n", name, text_of(json_array_get(parameters, (size_t)spoilt->place), "name"),
                spoilt->words, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed");
    }
    scene_remove_blocks(child);
}

static void try_numbers(const origin *from, int place, const ffi_type *type, edges_result *result)
{
    static const double reals[] = {0, -0.0, -1, -DBL_MAX, DBL_MAX, DBL_TRUE_MIN, INFINITY, -INFINITY, NAN};
    static const int64_t integers[] = {0, 1, -1, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
    /* A number in between would be a lie about memory, which no function can see through. */
    static const int64_t unsigned_integers[] = {0, 1, INT64_MAX, INT64_MIN, -1};
    bool is_real = type == &ffi_type_double, is_signed = type == &ffi_type_sint32 || type == &ffi_type_sint64;
    size_t count = is_real     ? sizeof reals / sizeof *reals
                   : is_signed ? sizeof integers / sizeof *integers
                               : sizeof unsigned_integers / sizeof *unsigned_integers;
    for (size_t i = 0; i < count; i++) {
        change spoilt = {.place = place, .kind = IS_NUMBER};
        int64_t integer = is_real ? 0 : is_signed ? integers[i] : unsigned_integers[i];
        if (is_real)
            spoilt.number.real = reals[i];
        else
            spoilt.number.i64 = type->size == 4 && integer == INT64_MIN ? INT32_MIN : integer;
        snprintf(spoilt.words, sizeof spoilt.words, "is %.17g", is_real ? reals[i] : (double)integer);
        try_change(from, &spoilt, result);
    }
}

static void try_pointer(const origin *from, int place, const json_t *parameter, edges_result *result)
{
    bool if_empty = is(parameter, "nullable", "if_empty");
    const change null = {place, IS_NULL, {0}, "is NULL"};
    const change empty = {place, IS_NULL_AND_EMPTY, {0}, "is NULL, of length 0"};
    const change closed = {place, IS_CLOSED, {0}, "is closed"};
    try_change(from, &null, result);
    if (if_empty)
        try_change(from, &empty, result);
    if (description_handle(from->described, text_of(parameter, "base")) && is(parameter, "direction", "in"))
        try_change(from, &closed, result);
}

edges_result edges_run(const description *described, json_t *scenes)
{
    edges_result result = {0};
    json_t *seen = json_object(), *each;
    size_t index;
    json_array_foreach(scenes, index, each)
    {
        origin from = {described, json_object_get(each, "steps"), 0};
        for (; from.at < json_array_size(from.steps); from.at++) {
            const char *name = text_of(json_array_get(from.steps, from.at), "call");
            const function *called = description_find(described, name);
            if (!called || json_object_get(seen, name))
                continue;
            json_object_set_new(seen, name, json_true());
            for (int i = 0; i < (int)called->count; i++) {
                const json_t *parameter = json_array_get(called->parameters, (size_t)i);
                if (called->types[i] == &ffi_type_pointer)
                    try_pointer(&from, i, parameter, &result);
                else
                    try_numbers(&from, i, called->types[i], &result);
            }
        }
    }
    json_decref(seen);
    return result;
}
