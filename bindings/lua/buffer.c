/* The bytes of a segment without a copy: an object that pins them, so that they stay mapped at their address until
 * it is closed or collected, whatever happens to the segment meanwhile.
 *
 * It knows the library's segment, not the Lua object, so the two are no cycle. Bytes go through private memory on
 * their way into a Lua string: Lua hashes a short string before it copies it, and shared bytes can change between the
 * two. */
#include "lua/binding.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    polyshm_segment *segment; /* pinned, or NULL */
    char *address;
    uint64_t size;
    uint64_t pointers; /* of LuaJIT, which keep the pin beyond close (polyshm/segment.lua) */
    bool closed;
} buffer;

const class_info buffer_class = {"polyshm.Buffer"};

int buffer_new(lua_State *L)
{
    buffer *view = class_new(L, &buffer_class, sizeof *view);
    polyshm_segment *segment = segment_check(L, 1);
    void *address = NULL;
    int32_t status = polyshm_segment_pin(segment);
    if (status < 0)
        return failure_raise(L, status);
    view->segment = segment;
    if ((status = polyshm_segment_address(segment, &address)) < 0 ||
        (status = polyshm_segment_size(segment, &view->size)) < 0)
        return failure_raise(L, status);
    view->address = address;
    return 1;
}

static buffer *buffer_self(lua_State *L)
{
    buffer *view = class_check(L, 1, &buffer_class);
    if (view->closed || !view->segment)
        failure_raise_words(L, POLYSHM_ECLOSED, "the buffer is closed");
    return view;
}

/* Unpins when nobody needs the bytes any more. */
static int buffer_let_go(buffer *view)
{
    if (view->closed && view->pointers == 0 && view->segment) {
        polyshm_segment_unpin(view->segment);
        view->segment = NULL;
    }
    return 0;
}

/* The buffer of argument 1, if size bytes from offset on are in it. */
static const buffer *buffer_range(lua_State *L, uint64_t offset, uint64_t size)
{
    const buffer *view = buffer_self(L);
    if (offset <= view->size && size <= view->size - offset)
        return view;
    char words[128];
    snprintf(words, sizeof words,
             "the buffer has %" PRIu64 " bytes: %" PRIu64 " bytes from offset %" PRIu64 " reach beyond", view->size,
             size, offset);
    failure_raise_words(L, POLYSHM_ERANGE, "%s", words);
    return NULL;
}

void buffer_check(lua_State *L, uint64_t offset, uint64_t size)
{
    buffer_range(L, offset, size);
}

void buffer_load(lua_State *L, uint64_t offset, void *bytes, size_t size)
{
    memcpy(bytes, buffer_range(L, offset, size)->address + offset, size);
}

void buffer_store(lua_State *L, uint64_t offset, const void *bytes, size_t size)
{
    const buffer *view = buffer_range(L, offset, size);
    if (polyshm_segment_is_readonly(view->segment))
        failure_raise_words(L, POLYSHM_EREADONLY, "the buffer's block was attached read-only");
    memcpy(view->address + offset, bytes, size);
}

void buffer_push(lua_State *L, uint64_t offset, uint64_t size)
{
    char small[1024], *bytes = small;
    buffer_range(L, offset, size);
    if (size > sizeof small)
        bytes = lua_newuserdata(L, (size_t)size);
    buffer_load(L, offset, bytes, (size_t)size);
    lua_pushlstring(L, bytes, (size_t)size);
    if (bytes != small)
        lua_remove(L, -2);
}

uint64_t buffer_find_nul(lua_State *L, uint64_t offset)
{
    const buffer *view = buffer_range(L, offset, 0);
    const char *start = view->address + offset, *nul = memchr(start, 0, (size_t)(view->size - offset));
    if (!nul)
        failure_raise_words(L, POLYSHM_ERANGE, "no NUL ends the text before the buffer does");
    return (uint64_t)(nul - start);
}

static int buffer_read(lua_State *L)
{
    uint64_t offset = (uint64_t)number_check(L, 2, "offset", 0, INT64_MAX);
    buffer_push(L, offset, (uint64_t)number_check(L, 3, "size", 0, INT64_MAX));
    return 1;
}

static int buffer_write(lua_State *L)
{
    uint64_t offset = (uint64_t)number_check(L, 2, "offset", 0, INT64_MAX);
    size_t size;
    luaL_checktype(L, 3, LUA_TSTRING);
    const char *bytes = lua_tolstring(L, 3, &size);
    buffer_store(L, offset, bytes, size);
    return 0;
}

static int buffer_pointer(lua_State *L)
{
    lua_pushlightuserdata(L, buffer_self(L)->address);
    return 1;
}

/* The two halves of a pointer's life, for polyshm/segment.lua alone. */
static int buffer_hold(lua_State *L)
{
    buffer_self(L)->pointers++;
    return 0;
}

static int buffer_drop(lua_State *L)
{
    buffer *view = class_check(L, 1, &buffer_class);
    view->pointers--;
    return buffer_let_go(view);
}

static int buffer_readonly(lua_State *L)
{
    lua_pushboolean(L, polyshm_segment_is_readonly(buffer_self(L)->segment));
    return 1;
}

static int buffer_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)buffer_self(L)->size);
    return 1;
}

static int buffer_closed(lua_State *L)
{
    const buffer *view = class_check(L, 1, &buffer_class);
    lua_pushboolean(L, view->closed || !view->segment);
    return 1;
}

static int buffer_close(lua_State *L)
{
    buffer *view = class_check(L, 1, &buffer_class);
    view->closed = true;
    return buffer_let_go(view);
}

void buffer_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", buffer_read},       {"write", buffer_write}, {"pack", buffer_pack}, {"unpack", buffer_unpack},
        {"pointer", buffer_pointer}, {"hold", buffer_hold},   {"drop", buffer_drop}, {"readonly", buffer_readonly},
        {"closed", buffer_closed},   {"close", buffer_close}, {NULL, NULL},
    };
    static const luaL_Reg metamethods[] = {
        {"__gc", buffer_close}, {"__close", buffer_close}, {"__len", buffer_len}, {NULL, NULL}};
    class_open(L, &buffer_class, metamethods);
    class_add_methods(L, methods);
}
