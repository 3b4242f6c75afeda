/* list[i], list[i] = v, #list, and what reads item by item: the paths that SWIG's wrappers would slow down.
 *
 * __index and __newindex are closures over the class's metatable, so the check of self is one comparison. */
#include "lua/binding.h"

/* The upvalues. */
enum { SUBSCRIPT_METATABLE = 1, SUBSCRIPT_METHODS = 2 };

/* The object of argument 1. Leaves its metatable on the stack. */
static const list_object *subscript_self(lua_State *L)
{
    const list_object *object = lua_touserdata(L, 1);
    if (!object || !lua_getmetatable(L, 1) || !lua_rawequal(L, -1, lua_upvalueindex(SUBSCRIPT_METATABLE)))
        class_refuse(L, 1, &list_class);
    return object;
}

/* Reads items one after the other. The memory for large ones is Lua's: an error that Lua raises leaks nothing. */
typedef struct {
    const list_object *object;
    char *large;
    uint64_t capacity;
    char small[256];
} reader;

static inline void reader_init(reader *from, const list_object *object)
{
    from->object = object;
    from->large = NULL;
    from->capacity = 0;
}

static int32_t reader_get_large(lua_State *L, reader *from, int64_t index, polyshm_value *value)
{
    uint64_t width = 0;
    int32_t status = polyshm_list_capacity(from->object->handle, index, 1, &width);
    if (status < 0)
        return status;
    if (width > from->capacity) {
        if (from->large)
            lua_pop(L, 1);
        from->large = lua_newuserdata(L, (size_t)width);
        from->capacity = width;
    }
    return polyshm_list_get(list_of(L, from->object), index, from->large, from->capacity, value);
}

/* The value lives until the next call. May leave one object on the stack, where later calls expect it on top. */
static int32_t reader_get(lua_State *L, reader *from, int64_t index, polyshm_value *value)
{
    int32_t status = polyshm_list_get(list_of(L, from->object), index, from->small, sizeof from->small, value);
    return status == POLYSHM_ENOBUFS ? reader_get_large(L, from, index, value) : status;
}

static int32_t subscript_push(lua_State *L, const list_object *object, int64_t index)
{
    reader from;
    polyshm_value value;
    reader_init(&from, object);
    int32_t status = reader_get(L, &from, index, &value);
    if (status >= 0)
        value_push(L, &value);
    return status;
}

/* An item by its index; nil outside, so that ipairs ends; a method by its name. */
static int subscript_index(lua_State *L)
{
    const list_object *object = subscript_self(L);
    int64_t position;
    if (number_to_int64(L, 2, &position)) {
        int32_t status = subscript_push(L, object, (int64_t)((uint64_t)position - 1));
        if (status == POLYSHM_EINDEX)
            lua_pushnil(L);
        else if (status < 0)
            failure_raise(L, status);
        return 1;
    }
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(SUBSCRIPT_METHODS));
    return 1;
}

/* For an item whose list is locked. */
static int32_t subscript_set_locked(lua_State *L, const list_object *object, int64_t index, const polyshm_value *value)
{
    waiting_enter(L, object);
    int32_t status = polyshm_list_set(object->handle, index, value);
    polyshm_list_unlock(object->handle);
    return status;
}

static int subscript_newindex(lua_State *L)
{
    const list_object *object = subscript_self(L);
    int64_t position;
    polyshm_value value;
    if (!number_to_int64(L, 2, &position)) {
        const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);
        return luaL_error(L, "a list is indexed by integers, not by '%s'", key);
    }
    value_check(L, 3, 0, &value);
    int64_t index = (int64_t)((uint64_t)position - 1);
    int32_t status = polyshm_list_set(list_of(L, object), index, &value);
    if (status == POLYSHM_ETIMEDOUT)
        status = subscript_set_locked(L, object, index, &value);
    return status < 0 ? failure_raise(L, status) : 0;
}

static int subscript_len(lua_State *L)
{
    uint64_t length = 0;
    int32_t status = polyshm_list_length(list_of(L, subscript_self(L)), &length);
    if (status < 0)
        return failure_raise(L, status);
    lua_pushinteger(L, (lua_Integer)length);
    return 1;
}

static int subscript_get(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    int32_t status = subscript_push(L, object, number_check_index(L, 2, "index"));
    return status < 0 ? failure_raise(L, status) : 1;
}

/* Goes on from *index to the next item that equals the value; false when there is none. */
static bool subscript_find(lua_State *L, reader *from, const polyshm_value *value, uint64_t *index)
{
    polyshm_value stored;
    uint64_t length = 0;
    int32_t status = polyshm_list_length(list_of(L, from->object), &length);
    for (; status >= 0 && *index < length; ++*index) {
        status = reader_get(L, from, (int64_t)*index, &stored);
        if (status >= 0 && value_equals(&stored, value))
            return true;
    }
    if (status < 0)
        failure_raise(L, status);
    return false;
}

static int subscript_find_first(lua_State *L)
{
    reader from;
    polyshm_value value;
    uint64_t index = 0;
    reader_init(&from, class_check(L, 1, &list_class));
    value_check(L, 2, 0, &value);
    if (subscript_find(L, &from, &value, &index))
        lua_pushinteger(L, (lua_Integer)(index + 1));
    else
        lua_pushnil(L);
    return 1;
}

static int subscript_count(lua_State *L)
{
    reader from;
    polyshm_value value;
    lua_Integer equal = 0;
    reader_init(&from, class_check(L, 1, &list_class));
    value_check(L, 2, 0, &value);
    for (uint64_t index = 0; subscript_find(L, &from, &value, &index); index++)
        equal++;
    lua_pushinteger(L, equal);
    return 1;
}

void subscript_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"get", subscript_get}, {"index", subscript_find_first}, {"count", subscript_count}, {NULL, NULL}};
    static const luaL_Reg closures[] = {
        {"__index", subscript_index}, {"__newindex", subscript_newindex}, {"__len", subscript_len}, {NULL, NULL}};

    class_add_methods(L, methods);
    for (const luaL_Reg *closure = closures; closure->name; closure++) {
        lua_pushvalue(L, -1);
        lua_getfield(L, -2, "methods");
        lua_pushcclosure(L, closure->func, SUBSCRIPT_METHODS);
        lua_setfield(L, -2, closure->name);
    }
}
