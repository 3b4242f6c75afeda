/* Arguments in memory, libffi, and what comes back. */
#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096 };

static void refuse(const call *made, const char *parameter, const char *why)
{
    fprintf(stderr, "%s: '%s' %s\n", made->function->name, parameter, why);
    exit(EXIT_FAILURE);
}

json_t *call_parameter(const call *made, int place)
{
    return json_array_get(made->function->parameters, (size_t)place);
}

int call_place(const call *made, const char *parameter)
{
    for (int i = 0; i < (int)made->count; i++)
        if (is(call_parameter(made, i), "name", parameter))
            return i;
    return -1;
}

int call_length(const call *made, int place)
{
    return call_place(made, text_of(call_parameter(made, place), "length"));
}

static size_t size_of_number(const char *base)
{
    return strstr(base, "32") ? 4 : 8;
}

/* A number between JSON and memory. */
static void store(const char *base, json_t *value, void *memory)
{
    int64_t integer = json_integer_value(value);
    double real = json_is_string(value) ? strtod(json_string_value(value), NULL) : json_number_value(value);
    memcpy(memory, strcmp(base, "double") == 0 ? (void *)&real : (void *)&integer, size_of_number(base));
}

static json_t *load(const char *base, const void *memory)
{
    scalar found = {0};
    memcpy(&found, memory, size_of_number(base));
    if (strcmp(base, "double") == 0)
        return json_real(found.real);
    return json_integer(strcmp(base, "int32_t") == 0 ? found.i32 : found.i64);
}

void call_set_number(call *made, int place, int64_t number)
{
    json_t *value = json_integer(number);
    store(text_of(call_parameter(made, place), "base"), value, &made->arguments[place]);
    json_decref(value);
}

json_t *call_resolve(json_t *value, json_t *variables)
{
    const char *text = json_string_value(value);
    if (text && *text == '$') {
        json_t *found = json_object_get(variables, text);
        if (found)
            return json_incref(found);
        fprintf(stderr, "%s has no value\n", text);
        exit(EXIT_FAILURE);
    }
    if (text && *text == '@')
        return json_sprintf("%s%s", text_of(variables, "@"), text + 1);
    return json_incref(value);
}

/* Puts one value of a list where the struct's fields are. */
static void store_value(const call *made, const json_t *described, const json_t *value, unsigned char *memory)
{
    static const char *const names[] = {
        [JSON_NULL] = "NONE",    [JSON_TRUE] = "BOOL",  [JSON_FALSE] = "BOOL",  [JSON_INTEGER] = "INT64",
        [JSON_REAL] = "FLOAT64", [JSON_STRING] = "STR", [JSON_OBJECT] = "BYTES"};
    char name[64];
    snprintf(name, sizeof name, "POLYSHM_TYPE_%s", names[json_typeof(value)]);
    const json_t *text = json_is_object(value) ? json_object_get(value, "bytes") : value, *field;
    const char *data = json_string_value(text);
    const struct {
        const char *name;
        int64_t integer;
        double real;
    } fields[] = {{"type", description_constant(made->described, name), 0},
                  {"integer", json_is_true(value) ? 1 : json_integer_value(value), 0},
                  {"real", 0, json_real_value(value)},
                  {"data", (int64_t)(intptr_t)data, 0},
                  {"size", (int64_t)json_string_length(text), 0}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!(field = find_named(json_object_get(described, "fields"), fields[i].name)))
            refuse(made, fields[i].name, "is no field that is described");
        const void *source = is(field, "base", "double") ? (const void *)&fields[i].real : &fields[i].integer;
        memcpy(memory + json_integer_value(json_object_get(field, "offset")), source,
               (size_t)json_integer_value(json_object_get(field, "size")));
    }
}

static int64_t field_of(const json_t *described, const char *name, const unsigned char *memory)
{
    const json_t *field = find_named(json_object_get(described, "fields"), name);
    int64_t value = 0;
    size_t size = (size_t)json_integer_value(json_object_get(field, "size"));
    memcpy(&value, memory + json_integer_value(json_object_get(field, "offset")), size);
    return value;
}

static json_t *load_value(const call *made, const json_t *described, const unsigned char *memory)
{
    int64_t type = field_of(described, "type", memory), integer = field_of(described, "integer", memory);
    int64_t bits = field_of(described, "real", memory);
    const char *data = (const char *)(intptr_t)field_of(described, "data", memory);
    size_t size = (size_t)field_of(described, "size", memory);
    double real;
    memcpy(&real, &bits, sizeof real);
    if (type == description_constant(made->described, "POLYSHM_TYPE_NONE"))
        return json_null();
    if (type == description_constant(made->described, "POLYSHM_TYPE_BOOL"))
        return json_boolean(integer);
    if (type == description_constant(made->described, "POLYSHM_TYPE_INT64"))
        return json_integer(integer);
    if (type == description_constant(made->described, "POLYSHM_TYPE_FLOAT64"))
        return json_real(real);
    json_t *text = json_stringn_nocheck(data, size);
    return type == description_constant(made->described, "POLYSHM_TYPE_STR") ? text : json_pack("{s:o}", "bytes", text);
}

static unsigned char *reserve(call *made, int place, size_t size)
{
    made->sizes[place] = size;
    made->memory[place] = malloc(size ? size : 1);
    memset(made->memory[place], MARK, size);
    made->arguments[place].pointer = made->memory[place];
    return made->memory[place];
}

/* A length is that of its memory, unless the script gives another. */
static void set_length(call *made, int place, const json_t *with, size_t length)
{
    int at = call_length(made, place);
    if (at >= 0 && !json_object_get(with, text_of(call_parameter(made, at), "name")))
        call_set_number(made, at, (int64_t)length);
}

static void prepare_in(call *made, int place, const json_t *with, json_t *value)
{
    const json_t *parameter = call_parameter(made, place);
    const json_t *described = description_struct(made->described, text_of(parameter, "base"));
    bool many = json_object_get(parameter, "length") != NULL;
    if (json_is_null(value) && (many || !described)) {
        set_length(made, place, with, 0);
    } else if (described) {
        size_t size = (size_t)json_integer_value(json_object_get(described, "size"));
        size_t count = many ? json_array_size(value) : 1;
        unsigned char *memory = reserve(made, place, count * size);
        memset(memory, 0, count * size);
        for (size_t i = 0; i < count; i++)
            store_value(made, described, many ? json_array_get(value, i) : value, memory + i * size);
        set_length(made, place, with, count);
    } else if (json_is_string(value)) {
        size_t length = json_string_length(value), text = json_object_get(parameter, "length") == NULL;
        memcpy(reserve(made, place, length + text), json_string_value(value), length + text);
        set_length(made, place, with, length);
    } else {
        made->arguments[place].pointer = (void *)(intptr_t)json_integer_value(value);
    }
}

/* How many structs a function writes: as many as another argument says, or another function. */
static size_t count_of(const call *made, int place)
{
    const char *source = text_of(call_parameter(made, place), "length_function");
    int at = call_length(made, place);
    if (!*source)
        return at >= 0 ? (size_t)made->arguments[at].u64 : 1;
    call asked = {.described = made->described};
    uint64_t count = 0;
    asked.function = description_find(made->described, source);
    asked.arguments[0] = made->arguments[0];
    asked.arguments[1].pointer = &count;
    asked.count = 2;
    call_run(&asked);
    return count;
}

static void prepare_out(call *made, int place, const json_t *with, json_t *value)
{
    const json_t *parameter = call_parameter(made, place);
    const json_t *described = description_struct(made->described, text_of(parameter, "base"));
    if (json_is_null(value)) {
        set_length(made, place, with, 0);
    } else if (described) {
        reserve(made, place, count_of(made, place) * (size_t)json_integer_value(json_object_get(described, "size")));
    } else if (json_object_get(parameter, "length")) {
        size_t size = value ? (size_t)json_integer_value(value) : ROOM;
        reserve(made, place, size);
        set_length(made, place, with, size);
    } else {
        bool pointer = json_integer_value(json_object_get(parameter, "pointers")) == 2;
        reserve(made, place, pointer ? sizeof(void *) : size_of_number(text_of(parameter, "base")));
    }
}

static void prepare(call *made, int place, const json_t *with, json_t *variables)
{
    const json_t *parameter = call_parameter(made, place);
    json_t *value = call_resolve(json_object_get(with, text_of(parameter, "name")), variables);
    bool pointer = json_integer_value(json_object_get(parameter, "pointers")) > 0;
    if (is(parameter, "direction", "out"))
        prepare_out(made, place, with, value);
    else if (pointer && value)
        prepare_in(made, place, with, value);
    else if (pointer)
        refuse(made, text_of(parameter, "name"), "is given nothing");
    else if (json_is_string(value) && !is(parameter, "base", "double"))
        call_set_number(made, place, description_constant(made->described, json_string_value(value)));
    else if (value)
        store(text_of(parameter, "base"), value, &made->arguments[place]);
    json_decref(value);
}

void call_prepare(call *made, const description *described, const char *name, json_t *with, json_t *variables)
{
    const char *given;
    json_t *value;
    *made = (call){.described = described, .function = description_find(described, name)};
    if (!made->function) {
        fprintf(stderr, "%s: no such function is described\n", name);
        exit(EXIT_FAILURE);
    }
    made->count = made->function->count;
    json_object_foreach(with, given, value)
    {
        if (call_place(made, given) < 0)
            refuse(made, given, "is no parameter");
    }
    /* Numbers first: they say how much memory there must be. */
    for (int pointers = 0; pointers < 2; pointers++)
        for (int i = 0; i < (int)made->count; i++)
            if ((json_integer_value(json_object_get(call_parameter(made, i), "pointers")) > 0) == pointers)
                prepare(made, i, with, variables);
}

void call_run(call *made)
{
    void *addresses[PARAMETERS_MAX];
    ffi_arg result = 0;
    for (size_t i = 0; i < made->count; i++)
        addresses[i] = &made->arguments[i];
    ffi_call(&made->function->interface, made->function->code, &result, addresses);
    memcpy(&made->result, &result, sizeof result);
}

void call_free(call *made)
{
    for (size_t i = 0; i < made->count; i++)
        free(made->memory[i]);
}

json_t *call_output(const call *made, int place, size_t size)
{
    const json_t *parameter = call_parameter(made, place);
    const json_t *described = description_struct(made->described, text_of(parameter, "base"));
    const unsigned char *memory = made->memory[place];
    void *pointer;
    if (described) {
        size_t step = (size_t)json_integer_value(json_object_get(described, "size"));
        bool many = made->function && (call_length(made, place) >= 0 || json_object_get(parameter, "length_function"));
        json_t *values = json_array();
        for (size_t at = 0; at < made->sizes[place]; at += step)
            json_array_append_new(values, load_value(made, described, memory + at));
        json_t *first = many ? values : json_incref(json_array_get(values, 0));
        return many ? values : (json_decref(values), first);
    }
    if (json_object_get(parameter, "length"))
        return json_stringn_nocheck((const char *)memory, size < made->sizes[place] ? size : made->sizes[place]);
    if (json_integer_value(json_object_get(parameter, "pointers")) < 2)
        return load(text_of(parameter, "base"), memory);
    memcpy(&pointer, memory, sizeof pointer);
    return is(parameter, "base", "char") ? json_string(pointer) : json_integer((intptr_t)pointer);
}

json_t *call_returned(const call *made)
{
    ffi_type *type = made->function->interface.rtype;
    if (type == &ffi_type_pointer)
        return json_string(made->result.pointer);
    return json_integer(type == &ffi_type_sint32 ? made->result.i32 : (int64_t)made->result.u32);
}

/* Whether something else than what was there before stands in the output. */
static bool is_touched(const call *made, int place)
{
    for (size_t i = 0; i < made->sizes[place]; i++)
        if (made->memory[place][i] != MARK)
            return true;
    return false;
}

bool call_kept_promises(const call *made)
{
    bool failed = strcmp(made->function->kind, "status") == 0 && made->result.i32 < 0, kept = true;
    for (int i = 0; failed && i < (int)made->count; i++) {
        const json_t *parameter = call_parameter(made, i), *set_by = json_object_get(parameter, "set_by");
        if (!is(parameter, "on_failure", "untouched") || !is_touched(made, i))
            continue;
        if (set_by && description_constant(made->described, json_string_value(set_by)) == made->result.i32)
            continue;
        fprintf(stderr, "%s: it failed, but wrote to '%s'\n", made->function->name, text_of(parameter, "name"));
        kept = false;
    }
    if (strcmp(made->function->kind, "status") == 0 && !description_has_status(made->described, made->result.i32)) {
        fprintf(stderr, "%s: %d is no status\n", made->function->name, (int)made->result.i32);
        kept = false;
    }
    return kept;
}

int32_t call_with_handle(const description *described, const char *name, void *handle)
{
    call made = {.described = described, .function = description_find(described, name), .count = 1};
    if (!made.function)
        return -1;
    made.arguments[0].pointer = handle;
    call_run(&made);
    return made.result.i32;
}
