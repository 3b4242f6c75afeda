/* Integers of 64 bits, exact in every Lua.
 *
 * Lua 5.4 has them. In Lua 5.1 and LuaJIT a number is a double, which counts exactly up to 2^53; LuaJIT also has
 * int64_t and uint64_t, as cdata. C can neither make nor tell cdata, so polyshm/core.lua registers two functions that
 * do. Without them an integer beyond 2^53 is an error, never another number. */
#include "lua/binding.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#if LUA_VERSION_NUM >= 503

bool number_to_int64(lua_State *L, int index, int64_t *integer)
{
    int exact = 0;
    if (lua_type(L, index) == LUA_TNUMBER)
        *integer = lua_tointegerx(L, index, &exact);
    return exact;
}

bool number_is_int64(lua_State *L, int index, int64_t *integer)
{
    return lua_isinteger(L, index) && number_to_int64(L, index, integer);
}

void number_push_int64(lua_State *L, int64_t integer)
{
    lua_pushinteger(L, integer);
}

void number_open(lua_State *L)
{
    (void)L;
}

#else

/* The keys of the two functions: load(pointer) gives the int64_t there as cdata, store(pointer, cdata) is true if it
 * could write the cdata there as int64_t. */
static const char number_load_key, number_store_key;

enum { NUMBER_TYPE_CDATA = LUA_TTHREAD + 2 };

static int number_serve_cdata(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    registry_set(L, &number_store_key);
    registry_set(L, &number_load_key);
    return 0;
}

static bool number_from_cdata(lua_State *L, int index, int64_t *integer)
{
    int64_t stored = 0;
    lua_pushvalue(L, index);
    registry_get(L, &number_store_key);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, &stored);
    lua_insert(L, -2);
    lua_call(L, 2, 1);
    bool exact = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (exact)
        *integer = stored;
    return exact;
}

bool number_to_int64(lua_State *L, int index, int64_t *integer)
{
    if (lua_type(L, index) == NUMBER_TYPE_CDATA)
        return number_from_cdata(L, index, integer);
    lua_Number number = lua_tonumber(L, index);
    if (lua_type(L, index) != LUA_TNUMBER || !(number >= -0x1p63 && number < 0x1p63) || number != floor(number))
        return false;
    *integer = (int64_t)number;
    return true;
}

/* What has no fraction, counts exactly, and is not -0.0. */
bool number_is_int64(lua_State *L, int index, int64_t *integer)
{
    lua_Number number = lua_tonumber(L, index);
    if (!(fabs(number) <= 0x1p53) || (number == 0 && signbit(number)))
        return false;
    return number_to_int64(L, index, integer);
}

void number_push_int64(lua_State *L, int64_t integer)
{
    if (integer >= -INT64_C(0x20000000000000) && integer <= INT64_C(0x20000000000000)) {
        lua_pushnumber(L, (lua_Number)integer);
        return;
    }
    registry_get(L, &number_load_key);
    if (lua_isnil(L, -1)) {
        char digits[24];
        snprintf(digits, sizeof digits, "%" PRId64, integer);
        luaL_error(L, "%s is beyond 2^53: this Lua has no exact number for it", digits);
    }
    lua_pushlightuserdata(L, &integer);
    lua_call(L, 1, 1);
}

/* Adds serve_cdata(load, store) to the module on top of the stack. */
void number_open(lua_State *L)
{
    lua_pushcfunction(L, number_serve_cdata);
    lua_setfield(L, -2, "serve_cdata");
}

#endif

int64_t number_check(lua_State *L, int argument, const char *name, int64_t least, int64_t most)
{
    int64_t integer = 0;
    if (number_to_int64(L, argument, &integer) && integer >= least && integer <= most)
        return integer;

    char range[64];
    snprintf(range, sizeof range, "%" PRId64 " to %" PRId64, least, most);
    lua_pushvalue(L, argument);
    const char *got = lua_type(L, -1) == LUA_TNUMBER ? lua_tostring(L, -1) : luaL_typename(L, -1);
    return luaL_error(L, "'%s' must be an integer from %s, got %s", name, range, got);
}

int64_t number_check_index(lua_State *L, int argument, const char *name)
{
    return (int64_t)((uint64_t)number_check(L, argument, name, INT64_MIN, INT64_MAX) - 1);
}
