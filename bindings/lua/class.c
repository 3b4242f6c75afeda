/* Classes: userdata of our own, and how to tell them.
 *
 * SWIG would take any userdata for a handle, a file or a bare pointer included, and would free a handle again at each
 * call of __gc. So the handles are not SWIG's userdata: what it generates are the methods, and they go into metatables
 * of our own. A method's self is right only if its metatable is the class's, so no script can make a method read
 * foreign memory. */
#include "lua/binding.h"

#include <string.h>

void registry_get(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

void registry_set(lua_State *L, const void *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

void *class_test(lua_State *L, int object, const class_info *class)
{
    void *data = lua_touserdata(L, object);
    if (!data || !lua_getmetatable(L, object))
        return NULL;
    registry_get(L, class);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? data : NULL;
}

int class_refuse(lua_State *L, int argument, const class_info *class)
{
    const char *words = lua_pushfstring(L, "%s expected, got %s", class->name, luaL_typename(L, argument));
    return luaL_argerror(L, argument, words);
}

void *class_check(lua_State *L, int argument, const class_info *class)
{
    void *object = class_test(L, argument, class);
    if (!object)
        class_refuse(L, argument, class);
    return object;
}

void *class_new(lua_State *L, const class_info *class, size_t size)
{
    void *object = memset(lua_newuserdata(L, size), 0, size);
    registry_get(L, class);
    lua_setmetatable(L, -2);
    return object;
}

void class_add(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_setfield(L, -2, functions->name);
    }
}

void class_add_methods(lua_State *L, const luaL_Reg *methods)
{
    lua_getfield(L, -1, "methods");
    class_add(L, methods);
    lua_pop(L, 1);
}

void class_open(lua_State *L, const class_info *class, const luaL_Reg *metamethods)
{
    registry_get(L, class);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        registry_set(L, class);
    }
    lua_pushstring(L, class->name);
    lua_setfield(L, -2, "__name");
    class_add(L, metamethods);

    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__index");
    lua_setfield(L, -2, "methods");
}
