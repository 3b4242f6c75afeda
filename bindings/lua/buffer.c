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
    polyshm_segment *segment; /* pinned; NULL when closed */
    char *address;
    uint64_t size;
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
    if (!view->segment)
        failure_raise_words(L, POLYSHM_ECLOSED, "the buffer is closed");
    return view;
}

/* The buffer of argument 1, if size bytes from offset on are in it. */
static const buffer *buffer_check_range(lua_State *L, uint64_t offset, uint64_t size)
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

static int buffer_read(lua_State *L)
{
    uint64_t offset = (uint64_t)number_check(L, 2, "offset", 0, INT64_MAX);
    uint64_t size = (uint64_t)number_check(L, 3, "size", 0, INT64_MAX);
    buffer_check_range(L, offset, size);

    char small[1024], *bytes = size <= sizeof small ? small : lua_newuserdata(L, (size_t)size);
    memcpy(bytes, buffer_self(L)->address + offset, (size_t)size);
    lua_pushlstring(L, bytes, (size_t)size);
    return 1;
}

static int buffer_write(lua_State *L)
{
    uint64_t offset = (uint64_t)number_check(L, 2, "offset", 0, INT64_MAX);
    size_t size;
    luaL_checktype(L, 3, LUA_TSTRING);
    const char *bytes = lua_tolstring(L, 3, &size);
    const buffer *view = buffer_check_range(L, offset, size);
    if (polyshm_segment_is_readonly(view->segment))
        return failure_raise_words(L, POLYSHM_EREADONLY, "the buffer's block was attached read-only");
    memcpy(view->address + offset, bytes, size);
    return 0;
}

static int buffer_pointer(lua_State *L)
{
    lua_pushlightuserdata(L, buffer_self(L)->address);
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
    lua_pushboolean(L, !view->segment);
    return 1;
}

static int buffer_close(lua_State *L)
{
    buffer *view = class_check(L, 1, &buffer_class);
    if (view->segment)
        polyshm_segment_unpin(view->segment);
    view->segment = NULL;
    return 0;
}

void buffer_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", buffer_read},     {"write", buffer_write}, {"pointer", buffer_pointer},
        {"closed", buffer_closed}, {"close", buffer_close}, {NULL, NULL},
    };
    static const luaL_Reg metamethods[] = {
        {"__gc", buffer_close}, {"__close", buffer_close}, {"__len", buffer_len}, {NULL, NULL}};
    class_open(L, &buffer_class, metamethods);
    class_add_methods(L, methods);
}
