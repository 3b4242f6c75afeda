/* From the file of a library to functions that can be called. */
#include "description.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool is(const json_t *object, const char *key, const char *text)
{
    return strcmp(text_of(object, key), text) == 0;
}

json_t *find_named(const json_t *array, const char *name)
{
    size_t index;
    json_t *each;
    json_array_foreach(array, index, each)
    {
        if (is(each, "name", name))
            return each;
    }
    return NULL;
}

/* The C type of a number, or of what a function returns; NULL for a name that is none. */
static ffi_type *type_of(const json_t *described)
{
    static const struct {
        const char *name;
        ffi_type *type;
    } types[] = {{"int32_t", &ffi_type_sint32},  {"uint32_t", &ffi_type_uint32}, {"int64_t", &ffi_type_sint64},
                 {"uint64_t", &ffi_type_uint64}, {"double", &ffi_type_double},   {"void", &ffi_type_void}};
    if (json_integer_value(json_object_get(described, "pointers")) > 0)
        return &ffi_type_pointer;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (is(described, "base", types[i].name))
            return types[i].type;
    return NULL;
}

/* Looks the function up in the library, and tells libffi how it is called. */
static bool bind(void *library, const json_t *described, function *bound)
{
    json_t *returns = json_object_get(described, "returns");
    *bound = (function){.name = text_of(described, "name"),
                        .parameters = json_object_get(described, "parameters"),
                        .kind = text_of(returns, "kind"),
                        .closed = text_of(described, "closed")};
    bound->count = json_array_size(bound->parameters);
    ffi_type *result = type_of(returns);
    bool known = result && bound->count <= PARAMETERS_MAX;
    for (size_t i = 0; known && i < bound->count; i++)
        known = (bound->types[i] = type_of(json_array_get(bound->parameters, i))) != NULL;
    if (!known || ffi_prep_cif(&bound->interface, FFI_DEFAULT_ABI, (unsigned)bound->count, result, bound->types)) {
        fprintf(stderr, "%s: libffi cannot call what is described\n", bound->name);
        return false;
    }
    *(void **)&bound->code = dlsym(library, bound->name);
    if (!bound->code)
        fprintf(stderr, "%s: described, but not in the library\n", bound->name);
    return bound->code != NULL;
}

/* What the library says of itself: the one function that is called before anything is known. */
static json_t *ask(void *library, const char *file)
{
    ffi_cif interface;
    const char *text = NULL;
    void (*code)(void);
    *(void **)&code = dlsym(library, "polyshm_abi_description");
    if (!code || ffi_prep_cif(&interface, FFI_DEFAULT_ABI, 0, &ffi_type_pointer, NULL))
        return NULL;
    ffi_call(&interface, code, &text, NULL);
    json_t *told = json_loads(text, 0, NULL), *written = json_load_file(file, 0, NULL);
    bool same = told && written && json_equal(told, written);
    json_decref(written);
    if (!same)
        fprintf(stderr, "%s does not hold what polyshm_abi_description() gives\n", file);
    return same ? told : NULL;
}

bool description_load(const char *path, const char *file, const char *other, description *loaded)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
    loaded->root = other ? json_load_file(other, 0, NULL) : ask(library, file);
    json_t *functions = json_object_get(loaded->root, "functions"), *each;
    loaded->count = json_array_size(functions);
    loaded->functions = mmap(NULL, (loaded->count + 1) * sizeof *loaded->functions, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool bound = loaded->count > 0;
    size_t index;
    json_array_foreach(functions, index, each)
    {
        bound = bind(library, each, &loaded->functions[index]) && bound;
    }
    return bound;
}

function *description_find(const description *described, const char *name)
{
    for (size_t i = 0; i < described->count; i++)
        if (strcmp(described->functions[i].name, name) == 0)
            return &described->functions[i];
    return NULL;
}

json_t *description_struct(const description *described, const char *base)
{
    return find_named(json_object_get(described->root, "structs"), base);
}

json_t *description_handle(const description *described, const char *base)
{
    return find_named(json_object_get(described->root, "handles"), base);
}

int64_t description_constant(const description *described, const char *names)
{
    char copy[256], *rest = copy;
    int64_t value = 0;
    snprintf(copy, sizeof copy, "%s", names);
    for (char *name; (name = strsep(&rest, "|"));) {
        json_t *constant = find_named(json_object_get(described->root, "constants"), name);
        if (!constant) {
            fprintf(stderr, "%s: no such constant is described\n", name);
            exit(EXIT_FAILURE);
        }
        value |= json_integer_value(json_object_get(constant, "value"));
    }
    return value;
}

bool description_has_status(const description *described, int32_t status)
{
    const json_t *errors = json_object_get(described->root, "errors"), *each;
    size_t index;
    if (status >= 0)
        return status == 0 || status == description_constant(described, "POLYSHM_OWNER_DIED");
    json_array_foreach(errors, index, each)
    {
        if (json_integer_value(json_object_get(each, "number")) == status)
            return true;
    }
    return false;
}
