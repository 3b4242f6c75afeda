/* What the C files behind polyshm.lua54 and polyshm.lua51 share.
 *
 * SWIG makes the methods and the module (polyshm.i); the files here do what its typemaps call, and the objects:
 *
 *   failure.c    a status becomes an error object
 *   class.c      metatables, and telling objects by them
 *   handle.c     the objects that hold a segment, a list or a manager
 *   buffer.c     the object that holds a segment's bytes
 *   pack.c       numbers and strings in a buffer, as string.pack has them
 *   number.c     integers that come in and go out, exact in every Lua
 *   value.c      Lua values and polyshm_value, both ways
 *   sequence.c   tables of values, both ways
 *   subscript.c  list[i], list[i] = value, #list, without a wrapper in between
 *   waiting.c    waiting for a list's lock, for a list to change, and for a manager to end
 *
 * Each file is compiled for Lua 5.4 and for the API of Lua 5.1.
 *
 * Two rules hold throughout. A function that fails raises a Lua error, that is, it does not return: whatever must be
 * given back then is in the hands of Lua's collector before. And whatever takes memory from Lua can run finalizers,
 * even that of the object in hand, if a script met it in another object's finalizer: so a handle is looked up, or a
 * reference taken, behind the last such call before it is used. */
#ifndef POLYSHM_LUA_BINDING_H
#define POLYSHM_LUA_BINDING_H

#include <lauxlib.h>
#include <lua.h>

#include <polyshm.h>

#include "swig/items.h"
#include "swig/names.h"

#include <stdbool.h>

/* A metatable. The address of the struct is its key in the registry. */
typedef struct {
    const char *name;
} class_info;

extern const class_info segment_class, list_class, manager_class, buffer_class, value_class, items_class;

/* The registry by addresses: lua_rawgetp and lua_rawsetp, which Lua 5.1 has not. */
void registry_get(lua_State *L, const void *key);
void registry_set(lua_State *L, const void *key);

/* The object at an index if it is of the class, else NULL. */
void *class_test(lua_State *L, int object, const class_info *class);

/* The object that an argument must be. */
void *class_check(lua_State *L, int argument, const class_info *class);

/* Raises because an argument is not of the class. */
int class_refuse(lua_State *L, int argument, const class_info *class);

/* Pushes an object of the class, filled with zeros, as its __gc must take it. */
void *class_new(lua_State *L, const class_info *class, size_t size);

/* Adds functions to the table on top of the stack. */
void class_add(lua_State *L, const luaL_Reg *functions);

/* Adds methods to the metatable on top of the stack. */
void class_add_methods(lua_State *L, const luaL_Reg *methods);

/* Pushes the class's metatable, with an empty table of methods that __index looks into. When the module is loaded
 * again, the objects that are there keep their metatable and get its new content. */
void class_open(lua_State *L, const class_info *class, const luaL_Reg *metamethods);

/* Pushes an error object for the failure that just happened, with the library's words for it. */
void failure_push(lua_State *L, int32_t status);

/* Raises it. Never returns; the result is there for `return failure_raise(...)`, also of those that follow. */
int failure_raise(lua_State *L, int32_t status);

/* Raises a failure in words of the binding's own; the format is lua_pushfstring's. */
int failure_raise_words(lua_State *L, int32_t status, const char *format, ...);

/* Pushes words for a wrong number of arguments; function is SWIG's name of it, CLASS::NAME for a method. */
void failure_push_count(lua_State *L, const char *function, int least, int most);

/* What a list's userdata holds. */
typedef struct {
    polyshm_list *handle; /* NULL when it was collected */
    double timeout;       /* of a call that waits for the lock, in seconds; the handle's own is 0 (waiting.c) */
} list_object;

/* The handle of an argument; never NULL. */
polyshm_segment *segment_check(lua_State *L, int argument);
polyshm_list *list_check(lua_State *L, int argument);
polyshm_manager *manager_check(lua_State *L, int argument);

/* The handle in a list's object that is known to be one; never NULL. */
polyshm_list *list_of(lua_State *L, const list_object *object);

/* Pushes a list's object without a handle. */
list_object *list_new(lua_State *L);

/* Whether a Lua value is an integer of 64 bits: a number without a fraction, or one of LuaJIT's cdata. */
bool number_to_int64(lua_State *L, int index, int64_t *integer);

/* Whether a number is an integer when it is a list's value, where 3.0 is none. */
bool number_is_int64(lua_State *L, int index, int64_t *integer);

void number_push_int64(lua_State *L, int64_t integer);

/* An argument that must be an integer in a range; name is for the error. */
int64_t number_check(lua_State *L, int argument, const char *name, int64_t least, int64_t most);

/* An item's index: from 1 in Lua, from 0 in the library. */
int64_t number_check_index(lua_State *L, int argument, const char *name);

/* Reads a value. The result points into it: it must stay on the stack, or in a table that nobody else knows.
 * position is its place among others for the error, from 1, or 0 when there is but one value. */
void value_check(lua_State *L, int index, uint64_t position, polyshm_value *value);

/* Raises because a value is none that a list can hold. */
int value_refuse(lua_State *L, int index, uint64_t position);

void value_push(lua_State *L, const polyshm_value *value);

/* Whether a list's item equals a value, as == has it in Lua: true is no 1, but 1 is 1.0. A plain string equals text
 * and bytes alike, since both are read as strings; a marked one equals bytes only. */
bool value_equals(const polyshm_value *stored, const polyshm_value *value);

/* Reads a table of values. They live as long as what this leaves on the stack. */
polyshm_value *sequence_check(lua_State *L, int argument, const char *name, uint64_t *count);

/* Pushes a table of the values. */
void sequence_push(lua_State *L, const items *many);

/* Pushes a table of the names. */
void names_push(lua_State *L, const names *many);

/* Pushes an object that frees the items, should anything fail before items_free. */
items *items_new(lua_State *L);

/* Each file's part of loading the module, which is on top of the stack: failure_open adds the codes and Error,
 * number_open (but for Lua 5.4) serve_cdata, value_open null, bytes and float. */
void failure_open(lua_State *L);
void number_open(lua_State *L);
void value_open(lua_State *L);
void sequence_open(lua_State *L);

/* Push a class's metatable; methods are those that SWIG made, to which these add their own. */
void segment_open(lua_State *L, const luaL_Reg *methods);
void list_open(lua_State *L, const luaL_Reg *methods);
void manager_open(lua_State *L, const luaL_Reg *methods);
void buffer_open(lua_State *L);

/* The method SharedMemory:buf. */
int buffer_new(lua_State *L);

/* Bytes of the buffer that is argument 1; they raise if any lies outside, or it is closed, or read-only for store. The
 * second pushes them as a string, the last gives how many bytes are before the next NUL. */
void buffer_check(lua_State *L, uint64_t offset, uint64_t size);
void buffer_push(lua_State *L, uint64_t offset, uint64_t size);
void buffer_load(lua_State *L, uint64_t offset, void *bytes, size_t size);
void buffer_store(lua_State *L, uint64_t offset, const void *bytes, size_t size);
uint64_t buffer_find_nul(lua_State *L, uint64_t offset);

/* The methods of a buffer. */
int buffer_pack(lua_State *L);
int buffer_unpack(lua_State *L);

/* Takes the lock: POLYSHM_OK, or POLYSHM_OWNER_DIED. Raises if it cannot, and when a hook does. */
int32_t waiting_lock(lua_State *L, const list_object *object, double timeout);

/* The same for a single write, which has nobody to tell of a dead holder; within the list's timeout. */
void waiting_enter(lua_State *L, const list_object *object);

/* For a method of argument 1 that found the lock taken, and must not raise itself: takes it as waiting_enter does.
 * False, and the error is on top of the stack, if it cannot. */
bool waiting_try_enter(lua_State *L);

/* For a method of argument 1 that tries again until its list's timeout is over: when that is, whether it is not yet, and
 * the hook, between two tries. False if that raised, or the list was collected; then the error is on the stack. */
double waiting_deadline(lua_State *L);
bool waiting_has_time(double deadline);
bool waiting_try_hook(lua_State *L);

/* Put the subscript functions and methods, and the methods that wait, into the list's metatable, which is on top of the
 * stack. */
void subscript_open(lua_State *L);
void waiting_open(lua_State *L);

/* The method SharedMemoryManager:join. */
int waiting_join(lua_State *L);

#endif
