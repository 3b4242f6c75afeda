/* The handles: userdata that hold one reference on a segment, a list or a manager, NULL when it was given back.
 *
 * __gc gives it back. A script can call __gc itself, or meet a collected object in another object's finalizer: the
 * handle is NULL then, and every method says that it is closed. */
#include "lua/binding.h"

const class_info segment_class = {"polyshm.SharedMemory"};
const class_info list_class = {"polyshm.ShareableList"};
const class_info manager_class = {"polyshm.SharedMemoryManager"};

/* How long a write waits for the lock unless told otherwise, in seconds: what the library has, too. */
static const double DEFAULT_TIMEOUT = 10;

polyshm_segment *segment_check(lua_State *L, int argument)
{
    polyshm_segment **object = class_check(L, argument, &segment_class);
    if (!*object)
        failure_raise_words(L, POLYSHM_ECLOSED, "the segment was collected");
    return *object;
}

polyshm_list *list_of(lua_State *L, const list_object *object)
{
    if (!object->handle)
        failure_raise_words(L, POLYSHM_ECLOSED, "the list was collected");
    return object->handle;
}

list_object *list_new(lua_State *L)
{
    list_object *object = class_new(L, &list_class, sizeof *object);
    object->timeout = DEFAULT_TIMEOUT;
    return object;
}

polyshm_list *list_check(lua_State *L, int argument)
{
    return list_of(L, class_check(L, argument, &list_class));
}

polyshm_manager *manager_check(lua_State *L, int argument)
{
    polyshm_manager **object = class_check(L, argument, &manager_class);
    if (!*object)
        failure_raise_words(L, POLYSHM_ECLOSED, "the manager was collected");
    return *object;
}

static int segment_collect(lua_State *L)
{
    polyshm_segment **object = class_check(L, 1, &segment_class);
    polyshm_segment_unref(*object);
    *object = NULL;
    return 0;
}

static int list_collect(lua_State *L)
{
    list_object *object = class_check(L, 1, &list_class);
    polyshm_list_unref(object->handle);
    object->handle = NULL;
    return 0;
}

static int manager_collect(lua_State *L)
{
    polyshm_manager **object = class_check(L, 1, &manager_class);
    polyshm_manager_unref(*object);
    *object = NULL;
    return 0;
}

/* The end of a `<close>` variable's scope, where the object may be in any state. */
static int segment_leave(lua_State *L)
{
    polyshm_segment **object = class_check(L, 1, &segment_class);
    if (*object)
        polyshm_segment_close(*object);
    return 0;
}

static int list_leave(lua_State *L)
{
    list_object *object = class_check(L, 1, &list_class);
    if (object->handle)
        polyshm_list_close(object->handle);
    return 0;
}

static int manager_leave(lua_State *L)
{
    polyshm_manager **object = class_check(L, 1, &manager_class);
    if (*object)
        polyshm_manager_close(*object);
    return 0;
}

/* A collected handle is closed, too. */
static int segment_closed(lua_State *L)
{
    polyshm_segment **object = class_check(L, 1, &segment_class);
    lua_pushboolean(L, polyshm_segment_is_closed(*object));
    return 1;
}

static int list_closed(lua_State *L)
{
    list_object *object = class_check(L, 1, &list_class);
    lua_pushboolean(L, polyshm_list_is_closed(object->handle));
    return 1;
}

static int manager_closed(lua_State *L)
{
    polyshm_manager **object = class_check(L, 1, &manager_class);
    lua_pushboolean(L, polyshm_manager_is_closed(*object));
    return 1;
}

static int segment_len(lua_State *L)
{
    uint64_t size = 0;
    int32_t status = polyshm_segment_size(segment_check(L, 1), &size);
    if (status < 0)
        return failure_raise(L, status);
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

void segment_open(lua_State *L, const luaL_Reg *methods)
{
    static const luaL_Reg metamethods[] = {
        {"__gc", segment_collect}, {"__close", segment_leave}, {"__len", segment_len}, {NULL, NULL}};
    static const luaL_Reg own_methods[] = {{"buf", buffer_new}, {"closed", segment_closed}, {NULL, NULL}};
    class_open(L, &segment_class, metamethods);
    class_add_methods(L, methods);
    class_add_methods(L, own_methods);
}

void list_open(lua_State *L, const luaL_Reg *methods)
{
    static const luaL_Reg metamethods[] = {{"__gc", list_collect}, {"__close", list_leave}, {NULL, NULL}};
    static const luaL_Reg own_methods[] = {{"closed", list_closed}, {NULL, NULL}};
    class_open(L, &list_class, metamethods);
    class_add_methods(L, methods);
    class_add_methods(L, own_methods);
    subscript_open(L);
    waiting_open(L);
}

void manager_open(lua_State *L, const luaL_Reg *methods)
{
    static const luaL_Reg metamethods[] = {{"__gc", manager_collect}, {"__close", manager_leave}, {NULL, NULL}};
    static const luaL_Reg own_methods[] = {{"join", waiting_join}, {"closed", manager_closed}, {NULL, NULL}};
    class_open(L, &manager_class, metamethods);
    class_add_methods(L, methods);
    class_add_methods(L, own_methods);
}
