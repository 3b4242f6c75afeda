/* Waiting: for a list's lock, for a list to change, and for a manager to end.
 *
 * A handle's own timeout is 0 (status.i): a call that finds the lock taken comes back at once with POLYSHM_ETIMEDOUT,
 * takes the lock here, and is done again under it.
 *
 * A signal that comes while the library sleeps ends the sleep; one that comes a moment earlier goes unseen there. So a
 * wait is made of pieces, and in between the hook runs that the signal's handler has set. A hook may raise, and may
 * call anything: nothing is held then, and the handle is looked up anew. */
#include "lua/binding.h"

#include <math.h>
#include <time.h>

/* The longest piece, in seconds. */
static const double PIECE = 0.1;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double piece_of(double left)
{
    return left < PIECE ? fmax(left, 0) : PIECE;
}

static int nothing(lua_State *L)
{
    (void)L;
    return 0;
}

/* Hooks run where functions are called. */
static void run_hook(lua_State *L)
{
    lua_pushcfunction(L, nothing);
    lua_call(L, 0, 0);
}

/* An argument in seconds. */
static double check_timeout(lua_State *L, int argument)
{
    if (lua_type(L, argument) != LUA_TNUMBER)
        luaL_error(L, "'timeout' must be a number, got %s", luaL_typename(L, argument));
    double timeout = lua_tonumber(L, argument);
    if (!(timeout >= 0))
        luaL_error(L, "'timeout' must be 0 seconds or more, got %f", timeout);
    return timeout;
}

/* One that may be missing. */
static double opt_timeout(lua_State *L, int argument, double otherwise)
{
    return lua_isnoneornil(L, argument) ? otherwise : check_timeout(L, argument);
}

/* The bytes live as long as the list. */
static const char *name_of(const polyshm_list *list)
{
    polyshm_segment *segment = NULL;
    const char *name = "";
    if (polyshm_list_segment(list, &segment) >= 0)
        polyshm_segment_name(segment, &name);
    polyshm_segment_unref(segment);
    return name;
}

/* take: polyshm_list_lock or polyshm_list_enter. */
static int32_t wait_to(int32_t (*take)(polyshm_list *, double), lua_State *L, const list_object *object, double timeout)
{
    double deadline = now() + timeout;
    for (;;) {
        double left = deadline - now();
        int32_t status = take(list_of(L, object), piece_of(left));
        if (status >= 0)
            return status;
        if (status == POLYSHM_ETIMEDOUT && left <= PIECE)
            failure_raise_words(L, status, "list '%s': another thread or process has kept the lock for %f seconds",
                                name_of(object->handle), timeout);
        if (status != POLYSHM_ETIMEDOUT && status != POLYSHM_EINTR)
            failure_raise(L, status);
        run_hook(L);
    }
}

int32_t waiting_lock(lua_State *L, const list_object *object, double timeout)
{
    return wait_to(polyshm_list_lock, L, object, timeout);
}

void waiting_enter(lua_State *L, const list_object *object)
{
    wait_to(polyshm_list_enter, L, object, object->timeout);
}

static int enter(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    bool *taken = lua_touserdata(L, 2);
    waiting_enter(L, object);
    *taken = true;
    return 0;
}

bool waiting_try_enter(lua_State *L)
{
    bool taken = false;
    lua_pushcfunction(L, enter);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, &taken);
    if (lua_pcall(L, 2, 0, 0) == 0)
        return true;
    const list_object *object = class_check(L, 1, &list_class);
    if (taken) /* a hook that runs at the end of functions has raised */
        polyshm_list_unlock(object->handle);
    return false;
}

double waiting_deadline(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    return now() + object->timeout;
}

bool waiting_has_time(double deadline)
{
    return now() < deadline;
}

/* Also ends a wait for a list that the hook has collected. */
static int pass(lua_State *L)
{
    run_hook(L);
    list_check(L, 1);
    return 0;
}

bool waiting_try_hook(lua_State *L)
{
    lua_pushcfunction(L, pass);
    lua_pushvalue(L, 1);
    return lua_pcall(L, 1, 0, 0) == 0;
}

static int list_lock(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    double timeout = opt_timeout(L, 2, object->timeout);
    lua_pushboolean(L, waiting_lock(L, object, timeout) == POLYSHM_OWNER_DIED);
    return 1;
}

/* In C, for a hook that raised between the lock and the call would leave the list locked. */
static int list_synchronize(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    luaL_checkany(L, 2);
    if (lua_gettop(L) > 2)
        return luaL_error(L, "synchronize takes a function alone, and calls it with whether the last holder died");
    lua_pushboolean(L, waiting_lock(L, object, object->timeout) == POLYSHM_OWNER_DIED);
    if (lua_pcall(L, 1, LUA_MULTRET, 0)) {
        polyshm_list_unlock(object->handle); /* if the function has not done so; its own error counts */
        return lua_error(L);
    }
    int32_t status = polyshm_list_unlock(list_of(L, object));
    return status < 0 ? failure_raise(L, status) : lua_gettop(L) - 1;
}

static int list_timeout(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    lua_pushnumber(L, object->timeout);
    return 1;
}

static int list_set_timeout(lua_State *L)
{
    list_object *object = class_check(L, 1, &list_class);
    object->timeout = check_timeout(L, 2);
    return 0;
}

/* What a wait waits for. */
typedef struct {
    uint64_t seen;
    bool whole;
    int64_t index; /* unless whole */
} change;

static int32_t wait_piece(const polyshm_list *list, const change *awaited, double timeout, uint64_t *version)
{
    if (awaited->whole)
        return polyshm_list_wait(list, awaited->seen, timeout, version);
    return polyshm_list_wait_item(list, awaited->index, awaited->seen, timeout, version);
}

/* nil, message, code for what is no mistake. */
static int give_up(lua_State *L, int32_t status, const char *name, double timeout)
{
    lua_pushnil(L);
    if (status == POLYSHM_ETIMEDOUT)
        lua_pushfstring(L, "list '%s': no change in %f seconds", name, timeout);
    else
        lua_pushstring(L, polyshm_status_text(status));
    lua_pushinteger(L, status);
    return 3;
}

static int list_wait(lua_State *L)
{
    const list_object *object = class_check(L, 1, &list_class);
    change awaited = {.seen = (uint64_t)number_check(L, 2, "seen", 0, INT64_MAX)};
    double timeout = opt_timeout(L, 3, INFINITY), deadline = now() + timeout;
    awaited.whole = lua_isnoneornil(L, 4);
    if (!awaited.whole)
        awaited.index = number_check_index(L, 4, "index");
    for (;;) {
        uint64_t version = 0;
        double left = deadline - now();
        int32_t status = wait_piece(list_of(L, object), &awaited, piece_of(left), &version);
        if (status >= 0) {
            number_push_int64(L, (int64_t)version);
            return 1;
        }
        if (status == POLYSHM_EINTR || (status == POLYSHM_ETIMEDOUT && left <= PIECE))
            return give_up(L, status, name_of(object->handle), timeout);
        if (status != POLYSHM_ETIMEDOUT)
            return failure_raise(L, status);
        run_hook(L);
    }
}

/* What waits for a manager ends as list_wait does. */
int waiting_join(lua_State *L)
{
    class_check(L, 1, &manager_class);
    double deadline = now() + opt_timeout(L, 2, INFINITY);
    for (;;) {
        double left = deadline - now();
        int32_t status = polyshm_manager_join(manager_check(L, 1), piece_of(left));
        if (status >= 0) {
            lua_pushboolean(L, 1);
            return 1;
        }
        if (status == POLYSHM_EINTR || (status == POLYSHM_ETIMEDOUT && left <= PIECE)) {
            lua_pushnil(L);
            lua_pushstring(L, polyshm_error_message());
            lua_pushinteger(L, status);
            return 3;
        }
        if (status != POLYSHM_ETIMEDOUT)
            return failure_raise(L, status);
        run_hook(L);
    }
}

void waiting_open(lua_State *L)
{
    static const luaL_Reg methods[] = {{"lock", list_lock},       {"synchronize", list_synchronize},
                                       {"timeout", list_timeout}, {"set_timeout", list_set_timeout},
                                       {"wait", list_wait},       {NULL, NULL}};
    class_add_methods(L, methods);
}
