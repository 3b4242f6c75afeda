/* The C half of the Lua binding; polyshm/core.lua picks the one for the Lua that runs, and polyshm.lua is the module
 * that users load. The build names this module with -module: polyshm_lua54, polyshm_lua51. */
%module polyshm_lua

%{
#include "lua/binding.h"

/* SWIG's own words are about its C functions, and count the object before the colon. */
#undef SWIG_check_num_args
#define SWIG_check_num_args(function, least, most)                                                                     \
    if (lua_gettop(L) < (least) || lua_gettop(L) > (most)) {                                                           \
        failure_push_count(L, function, least, most);                                                                  \
        goto fail;                                                                                                     \
    }
%}

%include "lua/status.i"
%include "lua/number.i"
%include "lua/bytes.i"
%include "lua/value.i"
%include "lua/waiting.i"

/* Written by hand, in subscript.c, waiting.c and handle.c: they are the hot path, follow Lua's idea of equality, wait,
 * or serve collected objects. */
%ignore polyshm_list::get;
%ignore polyshm_list::count;
%ignore polyshm_list::index;
%ignore polyshm_list::capacity;
%ignore polyshm_list::length;
%ignore polyshm_list::lock;
%ignore polyshm_list::set_timeout;
%ignore polyshm_list::wait;
%ignore polyshm_list::wait_item;
%ignore polyshm_list::is_closed;
%ignore polyshm_segment::is_closed;
%ignore polyshm_manager::is_closed;
%ignore polyshm_manager::join;

%rename(readonly) polyshm_segment::is_readonly;
%rename(readonly) polyshm_list::is_readonly;
%rename(synchronized) polyshm_list::is_synchronized;
%rename(owner) polyshm_manager::is_owner;

%include "swig/polyshm.i"

%init %{
    /* Two globals that SWIG makes, and that crash on userdata which is not SWIG's. */
    lua_pushnil(L);
    lua_setglobal(L, "swig_type");
    lua_pushnil(L);
    lua_setglobal(L, "swig_equals");

    failure_open(L);
    number_open(L);
    value_open(L);
    sequence_open(L);

    lua_newtable(L);
    segment_open(L, swig_SharedMemory_methods);
    lua_setfield(L, -2, "SharedMemory");
    list_open(L, swig_ShareableList_methods);
    lua_setfield(L, -2, "ShareableList");
    manager_open(L, swig_SharedMemoryManager_methods);
    lua_setfield(L, -2, "SharedMemoryManager");
    buffer_open(L);
    lua_setfield(L, -2, "Buffer");
    lua_setfield(L, -2, "classes");
%}
