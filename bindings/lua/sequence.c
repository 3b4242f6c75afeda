/* Many at once: a table of values that goes in, the items of a range and names that come out. */
#include "lua/binding.h"

#include <limits.h>
#include <string.h>

/* How many values a table has: its field n, as table.pack makes it, or else its largest index. Anything but indices
 * and n is an error, and so is an index beyond n, or more values than a table can be asked for. */
static uint64_t sequence_count(lua_State *L, int table)
{
    int64_t largest = 0, index, count;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (number_to_int64(L, -2, &index) && index >= 1) {
            largest = index > largest ? index : largest;
            continue;
        }
        if (lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "n") == 0)
            continue;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : luaL_typename(L, -2);
        luaL_error(L, "the values are indexed from 1 on, and have a key '%s'; options are the next argument", key);
    }
    lua_pushliteral(L, "n");
    lua_rawget(L, table);
    count = lua_isnil(L, -1) ? largest : number_check(L, lua_gettop(L), "n", largest, INT64_MAX);
    lua_pop(L, 1);
    return (uint64_t)count;
}

/* Raises if a value of the table is missing. Asked before memory is taken for count of them: a table with one index,
 * 10^12, has a hole at its first item. */
static void sequence_check_holes(lua_State *L, int table, uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        if (i > INT_MAX)
            luaL_error(L, "more than %d values", INT_MAX);
        lua_rawgeti(L, table, (int)i);
        if (lua_isnil(L, -1))
            value_refuse(L, -1, i);
        lua_pop(L, 1);
    }
}

/* Leaves the array on the stack, and a copy of the table, which keeps the strings: taking memory may run finalizers,
 * and those may change the table itself. */
polyshm_value *sequence_check(lua_State *L, int argument, const char *name, uint64_t *count)
{
    if (!lua_istable(L, argument))
        luaL_error(L, "'%s' must be a table, got %s", name, luaL_typename(L, argument));
    *count = sequence_count(L, argument);
    sequence_check_holes(L, argument, *count);

    lua_createtable(L, (int)*count, 0);
    int copy = lua_gettop(L);
    polyshm_value *values = lua_newuserdata(L, (size_t)*count * sizeof *values);
    for (int i = 1; (uint64_t)i <= *count; i++) {
        lua_rawgeti(L, argument, i);
        value_check(L, -1, (uint64_t)i, &values[i - 1]);
        lua_rawseti(L, copy, i);
    }
    return values;
}

/* The items of a range, or a text, in malloc's memory: the userdata gives it back even if pushing them fails. */
const class_info items_class = {"polyshm.Items"};

static int items_collect(lua_State *L)
{
    items_free(class_check(L, 1, &items_class));
    return 0;
}

items *items_new(lua_State *L)
{
    return class_new(L, &items_class, sizeof(items));
}

void sequence_push(lua_State *L, const items *many)
{
    if (many->count > INT_MAX)
        luaL_error(L, "more than %d values", INT_MAX);
    lua_createtable(L, (int)many->count, 0);
    for (int i = 1; (uint64_t)i <= many->count; i++) {
        value_push(L, &many->values[i - 1]);
        lua_rawseti(L, -2, i);
    }
}

void names_push(lua_State *L, const names *many)
{
    int count = 0;
    lua_newtable(L);
    for (const char *name = NULL; (name = names_next(many, name));) {
        lua_pushstring(L, name);
        lua_rawseti(L, -2, ++count);
    }
}

void sequence_open(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", items_collect}, {NULL, NULL}};
    class_open(L, &items_class, metamethods);
    lua_pop(L, 1);
}
