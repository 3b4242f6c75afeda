/* Every call on a list, with what the script says (sync_calls.h). No call may take longer than its timeout by the
 * platform's clock, give what its description rules out, or read or write beyond the memory that it was given. */
#include "sync_calls.h"

#include <math.h>
#include <polyshm.h>
#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync_block.h"
#include "sync_platform.h"
#include "utf8.h"
#include "values.h"

#define REQUIRE(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

enum { CALLS_MAX = 32, WRITE_MAX = 4 };

/* In seconds: the handle's, that of a reader (runtime/list/look.c), that for a list that its creator may not have
 * filled, and what looking at the clock takes. */
static const double TIMEOUT = 0.004, READ = 10, FOREIGN = 0.2, LOOKS = 0.0005;

/* What the calls are made on; NULL when the block was no list. */
static polyshm_list *list;
static uint64_t length;
static bool readonly, closed;

_Noreturn static void fail(const char *condition, int line)
{
    fprintf(stderr, "sync_calls.c:%d: not so: %s (%s)\n", line, condition, polyshm_error_message());
    abort();
}

/* Whether peers can make a call with good arguments, and room enough, end like that. */
static bool is_possible(int32_t status)
{
    switch (status) {
    case POLYSHM_ECLOSED:
        return closed;
    case POLYSHM_EREADONLY:
        return readonly;
    case POLYSHM_EINDEX:
        return length == 0;
    case POLYSHM_EEMPTY:
        return block_size == 0;
    case POLYSHM_OK:
    case POLYSHM_EMFILE:
    case POLYSHM_ETIMEDOUT:
    case POLYSHM_EINTR:
    case POLYSHM_ERANGE:
    case POLYSHM_ETYPE:
    case POLYSHM_ETOOLONG:
    case POLYSHM_ENOTFOUND:
    case POLYSHM_ENOTLIST:
    case POLYSHM_ELAYOUT:
    case POLYSHM_ECORRUPT:
    case POLYSHM_EUTF8:
    case POLYSHM_ENOSYNC:
    case POLYSHM_ENOTOWNER:
        return true;
    default:
        return false;
    }
}

static double begun;

static void begin(void)
{
    begun = platform_time();
}

/* Those who poll sleep longer than they ask for: once with what they wait for over, once for a lock besides. */
static int32_t end(double seconds, int32_t status)
{
    REQUIRE(platform_time() - begun <= seconds + LOOKS + (seconds < FOREIGN ? 0 : 2 * PLATFORM_NAP));
    return status;
}

/* The status of a call that may take so long. */
#define CALL(seconds, expression)       (begin(), end(seconds, expression))
#define CHECK_CALL(seconds, expression) REQUIRE(is_possible(CALL(seconds, expression)))

/* Memory of exactly that size. */
static void *exactly(uint64_t size)
{
    void *memory = malloc(size ? size : 1);
    if (size == 0)
        __asan_poison_memory_region(memory, 1);
    return memory;
}

static void let_go(void *memory)
{
    __asan_unpoison_memory_region(memory, 1);
    free(memory);
}

static polyshm_value any_value(void)
{
    static const char text[] = "0123456789 h\xC3\xA9 0123456789";
    uint8_t what = platform_next();
    switch (what & 7) {
    case 0:
        return v_none();
    case 1:
        return v_bool(what & 8);
    case 2:
        return v_float(what / 8);
    case 3:
        return v_str_of(text, (what >> 3) % sizeof text);
    case 4:
        return v_bytes_of(text, (what >> 3) % sizeof text);
    default:
        return v_int(what & 128 ? INT64_MAX : what >> 3);
    }
}

/* A value that was read lies in the buffer, from there on, and a text is one whatever the block has by now. */
static void check_value(const polyshm_value *value, const char *from, const char *to)
{
    REQUIRE(value->type >= POLYSHM_TYPE_NONE && value->type <= POLYSHM_TYPE_BYTES && value->flags == 0);
    if (value->type < POLYSHM_TYPE_STR) {
        REQUIRE(value->size == 0 && value->data == NULL);
        REQUIRE(value->type != POLYSHM_TYPE_BOOL || value->integer == 0 || value->integer == 1);
        return;
    }
    const char *data = value->data;
    REQUIRE(data >= from && data <= to && value->size <= (uint64_t)(to - data));
    REQUIRE(value->type != POLYSHM_TYPE_STR || pshmi_utf8_is_valid(data, value->size));
}

static int64_t any_item(void)
{
    uint8_t item = platform_next();
    return length ? (int64_t)(item % length) : 0;
}

static void get(void)
{
    int64_t index = any_item();
    uint64_t capacity = 0, less = platform_next();
    int32_t asked = polyshm_list_capacity(list, index, 1, &capacity);
    REQUIRE(is_possible(asked));
    less = less < 128 || less - 128 > capacity ? 0 : less - 128;
    char *buffer = exactly(capacity - less);
    polyshm_value value = {.type = -1};
    int32_t status = CALL(READ, polyshm_list_get(list, index, buffer, capacity - less, &value));
    REQUIRE(is_possible(status) || (status == POLYSHM_ENOBUFS && less));
    if (status)
        REQUIRE(value.type == -1);
    else
        check_value(&value, buffer, buffer + capacity - less);
    let_go(buffer);
}

static void read_from(uint64_t start, uint64_t count, bool whole)
{
    uint64_t capacity = 0, version;
    REQUIRE(polyshm_list_capacity(list, (int64_t)start, count, &capacity) == POLYSHM_OK || closed);
    char *buffer = exactly(capacity);
    polyshm_value *values = exactly(count * sizeof *values);
    int32_t status = whole ? CALL(READ + TIMEOUT, polyshm_list_snapshot(list, buffer, capacity, values, &version))
                           : CALL(READ, polyshm_list_read(list, (int64_t)start, count, buffer, capacity, values));
    REQUIRE(is_possible(status));
    for (uint64_t i = 0; !status && i < count; i++)
        check_value(&values[i], buffer, buffer + capacity);
    let_go(values);
    let_go(buffer);
}

static void write_range(void)
{
    int64_t start = any_item();
    uint64_t left = length - (uint64_t)start, most = left < WRITE_MAX ? left : WRITE_MAX;
    uint64_t count = platform_next() % (most + 1);
    polyshm_value *values = exactly(count * sizeof *values);
    for (uint64_t i = 0; i < count; i++)
        values[i] = any_value();
    CHECK_CALL(TIMEOUT, polyshm_list_write(list, start, values, count));
    let_go(values);
}

static void look_for(void)
{
    const polyshm_value value = any_value();
    uint64_t count = 0;
    int64_t found = 0;
    CHECK_CALL(READ, polyshm_list_count(list, &value, &count));
    int32_t status = CALL(READ, polyshm_list_index(list, &value, &found));
    REQUIRE(is_possible(status) && count <= length && (status || (found >= 0 && (uint64_t)found < length)));
}

static void format(void)
{
    uint64_t room = 8 * length + 1, size = 0;
    char *formats = exactly(room);
    int32_t status = CALL(0, polyshm_list_format(list, formats, room, &size));
    REQUIRE(is_possible(status) && (status || (size < room && strlen(formats) == size)));
    let_go(formats);
}

static void read_range(void)
{
    uint64_t start = (uint64_t)any_item();
    read_from(start, length - start, false);
}

static void snapshot(void)
{
    read_from(0, length, true);
}

static void set(void)
{
    int64_t index = any_item();
    const polyshm_value value = any_value();
    CHECK_CALL(TIMEOUT, polyshm_list_set(list, index, &value));
}

static void add(void)
{
    int64_t index = any_item(), sum;
    CHECK_CALL(TIMEOUT, polyshm_list_add(list, index, platform_next(), &sum));
}

static void compare_exchange(void)
{
    int64_t index = any_item();
    const polyshm_value expected = any_value(), desired = any_value();
    int32_t exchanged = -1, status;
    status = CALL(TIMEOUT, polyshm_list_compare_exchange(list, index, &expected, &desired, &exchanged));
    REQUIRE(is_possible(status) && (status ? exchanged == -1 : exchanged == 0 || exchanged == 1));
}

static void type(void)
{
    int32_t found = -1, status = CALL(READ, polyshm_list_type(list, any_item(), &found));
    REQUIRE(is_possible(status) && (status ? found == -1 : found >= POLYSHM_TYPE_NONE && found <= POLYSHM_TYPE_BYTES));
}

static void lock_for(double timeout)
{
    int32_t status = CALL(timeout, polyshm_list_lock(list, timeout));
    REQUIRE(status == POLYSHM_OWNER_DIED || is_possible(status));
}

static void lock(void)
{
    lock_for(TIMEOUT);
}

static void lock_at_once(void)
{
    lock_for(0);
}

static void unlock(void)
{
    CHECK_CALL(0, polyshm_list_unlock(list));
}

/* For a version to end that it just had, or that it never had. */
static void wait_for_list(void)
{
    uint64_t version = platform_next();
    if (version & 1)
        CHECK_CALL(0, polyshm_list_version(list, &version));
    CHECK_CALL(TIMEOUT, polyshm_list_wait(list, version, TIMEOUT, &version));
}

static void wait_for_item(void)
{
    int64_t index = any_item();
    uint64_t version = platform_next();
    if (version & 1)
        CHECK_CALL(0, polyshm_list_item_version(list, index, &version));
    CHECK_CALL(TIMEOUT, polyshm_list_wait_item(list, index, version, TIMEOUT, &version));
}

static void attach(void)
{
    polyshm_list_unref(list);
    list = NULL;
    length = 0;
    closed = false;
    int32_t status = CALL(FOREIGN, polyshm_list_attach("fuzz", readonly ? POLYSHM_SEGMENT_READONLY : 0, 0, &list));
    REQUIRE(is_possible(status) && !status == !!list);
    if (status)
        return;
    REQUIRE(polyshm_list_length(list, &length) == POLYSHM_OK && length <= block_size / 25);
    REQUIRE(polyshm_list_set_timeout(list, TIMEOUT) == POLYSHM_OK);
}

static void attach_anew(void)
{
    readonly = platform_next() & 1;
    attach();
}

static void close_it(void)
{
    REQUIRE(polyshm_list_close(list) == POLYSHM_OK);
    closed = true;
}

/* The state of a lock that was taken decides what the other calls meet, so it is taken and given back often. */
static void (*const calls[])(void) = {get,           set,          add,    compare_exchange, type,     wait_for_list,
                                      wait_for_item, read_range,   lock,   write_range,      snapshot, look_for,
                                      format,        lock_at_once, unlock, attach_anew,      lock,     unlock,
                                      close_it};

void calls_make(bool read_only)
{
    readonly = read_only;
    attach();
    for (int count = 0; count < CALLS_MAX && list && !platform_is_over(); count++)
        calls[platform_next() % COUNT_OF(calls)]();
    polyshm_list_unref(list);
    list = NULL;
}
