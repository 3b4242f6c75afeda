/* Failures as Lua sees them: a table {code, name, message} that prints as its message.
 *
 * Everything in C raises it; polyshm/options.lua lets constructors return `nil, message, code` instead, as io.open
 * does. */
#include "lua/binding.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The metatable's key in the registry is this variable's address. */
static const char failure_key;

static int failure_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "message");
    return 1;
}

/* What stands before the item's number in the message of such a failure: the last that looks so, for the block's name
 * stands earlier. NULL: no item is in it. */
static const char *failure_item_mark(int32_t status)
{
    switch (status) {
    case POLYSHM_EINDEX:
    case POLYSHM_ETYPE:
    case POLYSHM_ETOOLONG:
    case POLYSHM_ECORRUPT:
    case POLYSHM_EUTF8:
        return "item ";
    case POLYSHM_ERANGE: /* these two have one or not */
    case POLYSHM_ETIMEDOUT:
        return "', item ";
    default:
        return NULL;
    }
}

/* The number of the item in a message, or NULL. */
static const char *failure_find_item(const char *message, const char *mark)
{
    const char *number = NULL;
    for (const char *next = strstr(message, mark); next; next = strstr(next, mark)) {
        next += strlen(mark);
        if (*next == '-' || (*next >= '0' && *next <= '9'))
            number = next;
    }
    return number;
}

/* Pushes the words for the failure that just happened. The library counts items from 0, Lua from 1. */
static void failure_push_message(lua_State *L, int32_t status)
{
    const char *message = polyshm_error_message();
    const char *mark = failure_item_mark(status), *number = mark ? failure_find_item(message, mark) : NULL;
    if (!number) {
        lua_pushstring(L, *message ? message : polyshm_status_text(status));
        return;
    }
    char *rest, counted[24];
    long long index = strtoll(number, &rest, 10);
    snprintf(counted, sizeof counted, "%" PRId64, (int64_t)((uint64_t)index + 1));
    lua_pushlstring(L, message, (size_t)(number - message));
    lua_pushfstring(L, "%s%s%s", counted, rest, status == POLYSHM_EUTF8 ? " (polyshm.bytes)" : "");
    lua_concat(L, 2);
}

/* Puts an error object in the place of the message on top of the stack. */
static void failure_wrap(lua_State *L, int32_t status)
{
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    lua_pushstring(L, polyshm_status_name(status) + strlen("POLYSHM_"));
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "code");
    registry_get(L, &failure_key);
    lua_setmetatable(L, -2);
}

void failure_push(lua_State *L, int32_t status)
{
    failure_push_message(L, status);
    failure_wrap(L, status);
}

int failure_raise(lua_State *L, int32_t status)
{
    failure_push(L, status);
    return lua_error(L);
}

int failure_raise_words(lua_State *L, int32_t status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    failure_wrap(L, status);
    return lua_error(L);
}

/* What scripts call a function; a class's function that is no method has the class's name twice. */
static const char *failure_name(const char *function, bool *method)
{
    const char *colons = strstr(function, "::"), *name = colons ? colons + 2 : function;
    size_t prefix = colons ? (size_t)(colons - function) : strlen("polyshm");
    bool prefixed = strncmp(name, function, prefix) == 0 && name[prefix] == '_';
    *method = colons && !prefixed;
    name += prefixed ? prefix + 1 : 0;
    return name + (strncmp(name, "is_", 3) == 0 ? 3 : 0);
}

void failure_push_count(lua_State *L, const char *function, int least, int most)
{
    bool method;
    const char *name = failure_name(function, &method);
    int given = lua_gettop(L);
    luaL_where(L, 1);
    if (method && !lua_isuserdata(L, 1)) {
        lua_pushfstring(L, "'%s' is a method: call it with a colon, as object:%s(...)", name, name);
    } else {
        lua_pushfstring(L, "'%s' takes %d", name, least - method);
        if (most > least)
            lua_pushfstring(L, " or %d", most - method);
        else
            lua_pushliteral(L, "");
        lua_pushfstring(L, " argument%s, got %d", most - method == 1 ? "" : "s", given - method);
        lua_concat(L, 3);
    }
    lua_concat(L, 2);
}

void failure_open(lua_State *L)
{
#define X(name, text, errno_, python, ruby)                                                                            \
    lua_pushinteger(L, POLYSHM_##name);                                                                                \
    lua_setfield(L, -2, #name);
#include <polyshm/errors.def>
#undef X
    registry_get(L, &failure_key);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 2);
        lua_pushliteral(L, "polyshm.Error");
        lua_setfield(L, -2, "__name");
        lua_pushcfunction(L, failure_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushvalue(L, -1);
        registry_set(L, &failure_key);
    }
    lua_setfield(L, -2, "Error");
}
