/* A library that is known by its file alone: what it says of itself, made callable.
 *
 * The only thing known beforehand is that polyshm_abi_description() takes nothing and gives JSON. */
#ifndef CONFORMANCE_DESCRIPTION_H
#define CONFORMANCE_DESCRIPTION_H

#include <ffi.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { PARAMETERS_MAX = 12 };

typedef struct {
    const char *name;
    json_t *parameters;
    const char *kind; /* of what it returns: status, answer, value, nothing */
    const char *closed;
    size_t count;
    void (*code)(void);
    size_t calls; /* by the script, in all processes */
    ffi_cif interface;
    ffi_type *types[PARAMETERS_MAX];
} function;

typedef struct {
    json_t *root;
    size_t count;
    function *functions; /* shared with children, so that all count */
} description;

/* Loads the library, and its description from itself. file, if there is one, must hold the same; instead of both,
 * `other` is believed, so that a wrong description can be tried. Says what is wrong and gives false. */
bool description_load(const char *library, const char *file, const char *other, description *loaded);

/* NULL when there is none. */
function *description_find(const description *described, const char *name);
json_t *description_struct(const description *described, const char *base);
json_t *description_handle(const description *described, const char *base);

/* The number of a constant, or of several with | between them. Ends the program for a name that is none. */
int64_t description_constant(const description *described, const char *names);

/* Whether a function may return this status: 0, an error or a warning. */
bool description_has_status(const description *described, int32_t status);

/* Text of an object's member, "" if there is none; and whether it is this one. */
const char *text_of(const json_t *object, const char *key);
bool is(const json_t *object, const char *key, const char *text);

/* By which name an element of the array goes. */
json_t *find_named(const json_t *array, const char *name);

#endif
