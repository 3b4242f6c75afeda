/* What libFuzzer calls: bytes that are a list, or one that was damaged, and a script of calls on it.
 *
 *   1 byte   bit 0: the rest is the block itself; else it is a good list's, damaged. bit 1: attached read-only
 *   1 byte   the length of the script
 *   script   the calls, and whatever the platform and the peers do meanwhile (sync_platform.h)
 *   rest     the block; or 4 bytes for each change to the good list's
 *
 * Nothing may leave the block, which AddressSanitizer sees, or take longer than its timeout by the platform's clock. */
#include <math.h>
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync_platform.h"
#include "values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

/* READ: seconds that a reader tries (runtime/list/look.c). Each kind of wait sleeps once more than it should, at most, and
 * a sleep may be longer than it was asked for. */
enum { CALLS_MAX = 32, READ = 10 };
static const double TIMEOUT = 0.004, SLACK = 0.2;

static char *good;
static size_t good_size;

_Noreturn static void fail(const char *condition, int line)
{
    fprintf(stderr, "sync_fuzzer.c:%d: not so: %s\n", line, condition);
    abort();
}

static void check(int32_t status)
{
    REQUIRE(status == POLYSHM_OWNER_DIED || (status <= 0 && status >= POLYSHM_ENOTOWNER));
}

/* The status of a call that may take so long. */
#define CALL(seconds, expression)                                                                                      \
    do {                                                                                                               \
        double begun_ = platform_time();                                                                               \
        check(expression);                                                                                             \
        REQUIRE(platform_time() - begun_ <= (seconds) + SLACK);                                                        \
    } while (0)

/* A good list, once: an item of every sort. */
static void make_good(void)
{
    const polyshm_value values[] = {
        v_int(-7),       v_float(0.5),       v_bool(true),           v_none(), v_str("h\xC3\xA9 and more than a word"),
        v_bytes("\xFF"), v_str_of("a\0", 2), v_bytes_of("12\0\0", 4)};
    polyshm_list *list;
    platform_begin((const uint8_t *)"", 0);
    REQUIRE(polyshm_list_create("good", values, COUNT_OF(values), 0, 0, 0, &list) == POLYSHM_OK);
    good = platform_block;
    good_size = platform_size;
    polyshm_list_unref(list);
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
        return v_int(what & 128 ? INT64_MAX : what);
    }
}

static void read_range(const polyshm_list *list, uint64_t start, uint64_t count, int whole)
{
    uint64_t capacity, version;
    REQUIRE(polyshm_list_capacity(list, (int64_t)start, count, &capacity) == POLYSHM_OK);
    char *buffer = malloc(capacity ? capacity : 1);
    polyshm_value *values = malloc((count + 1) * sizeof *values);
    if (whole)
        CALL(READ + TIMEOUT, polyshm_list_snapshot(list, buffer, capacity, values, &version));
    else
        CALL(READ, polyshm_list_read(list, (int64_t)start, count, buffer, capacity, values));
    free(values);
    free(buffer);
}

static void get(const polyshm_list *list, int64_t index)
{
    polyshm_value value;
    uint64_t capacity;
    REQUIRE(polyshm_list_capacity(list, index, 1, &capacity) == POLYSHM_OK);
    char *buffer = malloc(capacity);
    int32_t status = POLYSHM_OK;
    CALL(READ, status = polyshm_list_get(list, index, buffer, capacity, &value));
    REQUIRE(status || (value.size <= capacity && value.type >= POLYSHM_TYPE_NONE && value.type <= POLYSHM_TYPE_BYTES));
    free(buffer);
}

static void write_two(polyshm_list *list, uint64_t index, uint64_t length)
{
    const polyshm_value values[] = {any_value(), any_value()};
    CALL(TIMEOUT, polyshm_list_write(list, (int64_t)index, values, length - index < 2 ? 1 : 2));
}

static void call_item(polyshm_list *list, int64_t index, uint8_t call)
{
    const polyshm_value value = any_value(), other = any_value();
    uint64_t version = platform_next();
    int32_t type, exchanged;
    int64_t sum;
    switch (call) {
    case 0:
        get(list, index);
        break;
    case 1:
        CALL(TIMEOUT, polyshm_list_set(list, index, &value));
        break;
    case 2:
        CALL(TIMEOUT, polyshm_list_add(list, index, platform_next(), &sum));
        break;
    case 3:
        CALL(TIMEOUT, polyshm_list_compare_exchange(list, index, &value, &other, &exchanged));
        break;
    case 4:
        CALL(READ, polyshm_list_type(list, index, &type));
        break;
    case 5:
        CALL(0, polyshm_list_item_version(list, index, &version));
        CALL(TIMEOUT, polyshm_list_wait_item(list, index, version, TIMEOUT, &version));
        break;
    default:
        CALL(TIMEOUT, polyshm_list_wait_item(list, index, version, TIMEOUT, &version));
    }
}

static void call_whole(polyshm_list *list, uint64_t index, uint64_t length, uint8_t call)
{
    const polyshm_value value = any_value();
    uint64_t version = platform_next(), count;
    int64_t found;
    char *formats;
    switch (call) {
    case 0:
        CALL(TIMEOUT, polyshm_list_lock(list, TIMEOUT));
        break;
    case 1:
        CALL(0, polyshm_list_unlock(list));
        break;
    case 2:
        CALL(0, polyshm_list_lock(list, 0));
        break;
    case 3:
        read_range(list, 0, length, 1);
        break;
    case 4:
        read_range(list, index, length - index, 0);
        break;
    case 5:
        CALL(0, polyshm_list_version(list, &version));
        CALL(TIMEOUT, polyshm_list_wait(list, version, TIMEOUT, &version));
        break;
    case 6:
        CALL(TIMEOUT, polyshm_list_wait(list, version, TIMEOUT, &version));
        break;
    case 7:
        CALL(READ, polyshm_list_count(list, &value, &count));
        CALL(READ, polyshm_list_index(list, &value, &found));
        break;
    default:
        formats = malloc(8 * length + 1);
        CALL(READ, polyshm_list_format(list, formats, 8 * length + 1, &count));
        free(formats);
    }
}

static void call_on(polyshm_list *list)
{
    uint64_t length;
    REQUIRE(polyshm_list_length(list, &length) == POLYSHM_OK);
    REQUIRE(polyshm_list_set_timeout(list, TIMEOUT) == POLYSHM_OK);
    for (int calls = 0; calls < CALLS_MAX && length && !platform_is_over(); calls++) {
        uint8_t call = platform_next();
        uint64_t index = platform_next() % length;
        if (call & 128)
            platform_scribble();
        if ((call & 31) < 10)
            call_item(list, (int64_t)index, call & 31);
        else if ((call & 31) < 20)
            call_whole(list, index, length, (call & 31) - 10);
        else
            write_two(list, index, length);
    }
}

/* Makes the block out of the input's last part. */
static void make_block(const uint8_t *rest, size_t size, int raw)
{
    platform_size = raw ? size : good_size;
    platform_block = malloc(platform_size ? platform_size : 1);
    memcpy(platform_block, raw ? (const void *)rest : good, platform_size);
    platform_begin(rest, raw ? 0 : size);
    while (!raw && !platform_is_over())
        platform_scribble();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!good)
        make_good();
    if (size < 2)
        return 0;
    size_t length = data[1] < size - 2 ? data[1] : size - 2;
    make_block(data + 2 + length, size - 2 - length, data[0] & 1);
    platform_begin(data + 2, length);
    polyshm_list *list;
    if (polyshm_list_attach("fuzz", data[0] & 2 ? POLYSHM_SEGMENT_READONLY : 0, 0, &list) == POLYSHM_OK) {
        call_on(list);
        polyshm_list_unref(list);
    }
    free(platform_block);
    return 0;
}
