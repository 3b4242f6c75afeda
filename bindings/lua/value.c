/* Values of list items, to and from Lua.
 *
 * Three of them are no plain Lua value and travel as userdata that hold a polyshm_value: polyshm.null (None, since a
 * nil would end a table), polyshm.bytes(s) (a Lua string does not say whether it is text), and, where a number does
 * not say whether it is an integer, polyshm.float(x). */
#include "lua/binding.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A marked value. Its bytes follow it in the same userdata. */
const class_info value_class = {"polyshm.Value"};

/* The key of polyshm.null in the registry. */
static const char value_null_key;

static void value_mark_bytes(lua_State *L, const char *bytes, size_t size)
{
    polyshm_value *value = class_new(L, &value_class, sizeof *value + size);
    value->type = POLYSHM_TYPE_BYTES;
    value->data = memcpy(value + 1, bytes, size);
    value->size = size;
}

static int value_bytes(lua_State *L)
{
    size_t size;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *bytes = lua_tolstring(L, 1, &size);
    value_mark_bytes(L, bytes, size);
    return 1;
}

static int value_float(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TNUMBER);
    lua_Number real = lua_tonumber(L, 1);
#if LUA_VERSION_NUM >= 503
    lua_pushnumber(L, real);
#else
    polyshm_value *value = class_new(L, &value_class, sizeof *value);
    value->type = POLYSHM_TYPE_FLOAT64;
    value->real = real;
#endif
    return 1;
}

int value_refuse(lua_State *L, int index, uint64_t position)
{
    char place[32] = "";
    if (position)
        snprintf(place, sizeof place, "item %" PRIu64 ": ", position);
    if (lua_isnil(L, index))
        return luaL_error(L, "%snil is no value of a list; polyshm.null is", place);
    if (strcmp(luaL_typename(L, index), "cdata") == 0)
        return luaL_error(L, "%sa list cannot hold this cdata: only int64_t, and uint64_t below 2^63", place);
    return luaL_error(L, "%sa list cannot hold a %s", place, luaL_typename(L, index));
}

void value_check(lua_State *L, int index, uint64_t position, polyshm_value *value)
{
    const polyshm_value *marked;
    size_t size;
    *value = (polyshm_value){.type = POLYSHM_TYPE_NONE};
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        value->type = POLYSHM_TYPE_BOOL;
        value->integer = lua_toboolean(L, index);
        break;
    case LUA_TNUMBER:
        value->type = POLYSHM_TYPE_INT64;
        if (number_is_int64(L, index, &value->integer))
            break;
        value->type = POLYSHM_TYPE_FLOAT64;
        value->real = lua_tonumber(L, index);
        break;
    case LUA_TSTRING:
        value->type = POLYSHM_TYPE_STR;
        value->data = lua_tolstring(L, index, &size);
        value->size = size;
        break;
    case LUA_TUSERDATA:
        if (!(marked = class_test(L, index, &value_class)))
            value_refuse(L, index, position);
        *value = *marked;
        break;
    default: /* cdata, or nothing that a list can hold */
        value->type = POLYSHM_TYPE_INT64;
        if (!number_to_int64(L, index, &value->integer))
            value_refuse(L, index, position);
    }
}

void value_push(lua_State *L, const polyshm_value *value)
{
    switch (value->type) {
    case POLYSHM_TYPE_BOOL:
        lua_pushboolean(L, value->integer != 0);
        break;
    case POLYSHM_TYPE_INT64:
        number_push_int64(L, value->integer);
        break;
    case POLYSHM_TYPE_FLOAT64:
        lua_pushnumber(L, value->real);
        break;
    case POLYSHM_TYPE_STR:
    case POLYSHM_TYPE_BYTES:
        lua_pushlstring(L, value->size ? value->data : "", (size_t)value->size);
        break;
    default:
        registry_get(L, &value_null_key);
    }
}

/* -2^63 and 2^63 are doubles; what lies between them and has no fraction converts exactly. */
static bool value_equals_exactly(int64_t integer, double real)
{
    return real >= -0x1p63 && real < 0x1p63 && real == floor(real) && (int64_t)real == integer;
}

bool value_equals(const polyshm_value *stored, const polyshm_value *value)
{
    if (stored->type == POLYSHM_TYPE_INT64 && value->type == POLYSHM_TYPE_FLOAT64)
        return value_equals_exactly(stored->integer, value->real);
    if (stored->type == POLYSHM_TYPE_FLOAT64 && value->type == POLYSHM_TYPE_INT64)
        return value_equals_exactly(value->integer, stored->real);
    if (stored->type != value->type && !(stored->type == POLYSHM_TYPE_BYTES && value->type == POLYSHM_TYPE_STR))
        return false;
    /* The fields that a type does not name are 0. */
    return stored->integer == value->integer && stored->real == value->real && stored->size == value->size &&
           (!stored->size || memcmp(stored->data, value->data, stored->size) == 0);
}

static int value_tostring(lua_State *L)
{
    const polyshm_value *value = class_check(L, 1, &value_class);
    if (value->type == POLYSHM_TYPE_NONE)
        lua_pushliteral(L, "null");
    else
        value_push(L, value);
    lua_tostring(L, -1);
    return 1;
}

static int value_eq(lua_State *L)
{
    const polyshm_value *one = class_test(L, 1, &value_class), *other = class_test(L, 2, &value_class);
    lua_pushboolean(L, one && other && one->type == other->type && value_equals(one, other));
    return 1;
}

void value_open(lua_State *L)
{
    static const luaL_Reg functions[] = {{"bytes", value_bytes}, {"float", value_float}, {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__tostring", value_tostring}, {"__eq", value_eq}, {NULL, NULL}};
    class_open(L, &value_class, metamethods);
    lua_pop(L, 1);
    class_add(L, functions);

    registry_get(L, &value_null_key);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        class_new(L, &value_class, sizeof(polyshm_value)); /* zeros: POLYSHM_TYPE_NONE */
        lua_pushvalue(L, -1);
        registry_set(L, &value_null_key);
    }
    lua_setfield(L, -2, "null");
}
