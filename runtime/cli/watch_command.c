/* polyshm watch: what changes in a list, as it changes. Ctrl-C ends it as it ends any program: the shell sees 130. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "opening.h"
#include "output.h"

/* How often, in seconds, it looks whether the block still has its name. */
static const double LOOK = 1;

/* All items at one version. */
typedef struct {
    polyshm_value *values;
    char *buffer;
    uint64_t version;
} state;

typedef struct {
    const pshmi_call *call;
    polyshm_list *list;
    pshmi_identity identity;
    uint64_t length, capacity;
    uint64_t left; /* changes to print */
    double deadline;
    state before, now;
} watch;

static int32_t take(const watch *all, state *into)
{
    return polyshm_list_snapshot(all->list, into->buffer, all->capacity, into->values, &into->version);
}

/* The same type and the same bits. */
static bool is_same(const polyshm_value *one, const polyshm_value *other)
{
    return one->type == other->type && one->integer == other->integer &&
           memcmp(&one->real, &other->real, sizeof one->real) == 0 && one->size == other->size &&
           (one->size == 0 || memcmp(one->data, other->data, (size_t)one->size) == 0);
}

static void print_time(char text[40], bool json)
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    if (json)
        gmtime_r(&now.tv_sec, &parts);
    else
        localtime_r(&now.tv_sec, &parts);
    size_t size = strftime(text, 30, json ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &parts);
    snprintf(text + size, 40 - size, ".%03ld%s", now.tv_nsec / 1000000, json ? "Z" : "");
}

static void print(const watch *all, uint64_t index)
{
    char when[40];
    const polyshm_value *old = &all->before.values[index], *new = &all->now.values[index];
    print_time(when, all->call->json);
    if (all->call->json) {
        pshmi_json_print(json_pack("{s:s, s:I, s:I, s:o, s:o}", "time", when, "version", (json_int_t)all->now.version,
                                   "index", (json_int_t)index, "old", pshmi_json_value(old), "new",
                                   pshmi_json_value(new)),
                         true);
        return;
    }
    printf("%s  item %" PRIu64 "  ", when, index);
    pshmi_output_value(stdout, old, 0);
    fputs(" -> ", stdout);
    pshmi_output_value(stdout, new, 0);
    putchar('\n');
}

static int32_t compare(watch *all)
{
    int32_t failure = take(all, &all->now);
    if (failure)
        return failure;
    for (uint64_t i = 0; i < all->length && all->left; i++)
        if (!is_same(&all->before.values[i], &all->now.values[i])) {
            print(all, i);
            all->left--;
        }
    state now = all->now;
    all->now = all->before;
    all->before = now;
    return POLYSHM_OK;
}

static int32_t follow(watch *all)
{
    int32_t failure = POLYSHM_OK;
    while (!failure && all->left && !ferror(stdout)) { /* with SIGPIPE ignored, a reader who is gone ends nobody */
        double left = all->deadline - pshmi_clock_now();
        if (left <= 0)
            return pshmi_fail(POLYSHM_ETIMEDOUT, "list '%s': the time is over", all->call->operands[0]);
        failure = polyshm_list_wait(all->list, all->before.version, left < LOOK ? left : LOOK, NULL);
        if (failure == POLYSHM_OK)
            failure = compare(all);
        else if (failure == POLYSHM_ETIMEDOUT)
            failure = pshmi_file_is(all->call->operands[0], all->identity)
                          ? POLYSHM_OK
                          : pshmi_fail(POLYSHM_ENOENT, "block '%s' was removed", all->call->operands[0]);
    }
    return failure;
}

/* That the time is over is a failure only for who wants so many changes. */
static int end(const watch *all, int32_t failure)
{
    if (!failure || (failure == POLYSHM_ETIMEDOUT && !all->call->count && all->deadline <= pshmi_clock_now()))
        return PSHMI_COMMAND_DONE;
    return pshmi_command_fail();
}

static int32_t begin(watch *all)
{
    int32_t failure = polyshm_list_length(all->list, &all->length);
    if (!failure)
        failure = polyshm_list_capacity(all->list, 0, all->length, &all->capacity);
    if (failure)
        return failure;
    state *states[] = {&all->before, &all->now};
    for (int i = 0; i < 2; i++) {
        states[i]->values = pshmi_must(calloc((size_t)all->length + 1, sizeof(polyshm_value)));
        states[i]->buffer = pshmi_must(malloc((size_t)all->capacity + 1));
    }
    return take(all, &all->before);
}

/* To be woken takes the right to write; without it, the list is looked at again and again. */
static int32_t attach(watch *all)
{
    pshmi_block block;
    const char *name = all->call->operands[0];
    int32_t failure = pshmi_opening_list(name, 0, &all->list);
    if (failure == POLYSHM_EACCES)
        failure = pshmi_opening_list(name, POLYSHM_SEGMENT_READONLY, &all->list);
    if (!failure && (failure = pshmi_block_look(name, &block)))
        polyshm_list_unref(all->list);
    if (!failure)
        all->identity = block.identity;
    return failure;
}

static int run(const pshmi_call *call)
{
    watch all = {.call = call, .left = UINT64_MAX};
    double seconds = INFINITY;
    if (!pshmi_command_seconds(call, &seconds) || !pshmi_command_count(call, &all.left))
        return PSHMI_COMMAND_MISUSED;
    setvbuf(stdout, NULL, _IOLBF, 0);
    all.deadline = pshmi_clock_now() + seconds;
    if (attach(&all))
        return pshmi_command_fail();
    int32_t failure = begin(&all);
    int status = end(&all, failure ? failure : follow(&all));
    polyshm_list_unref(all.list);
    free(all.before.values);
    free(all.before.buffer);
    free(all.now.values);
    free(all.now.buffer);
    return status;
}

const pshmi_command pshmi_watch_command = {
    .name = "watch",
    .arguments = "NAME",
    .summary = "print the changes of a list",
    .help =
        "Prints each change of an item: when, which item, its old and its new value. Of an item that changes several "
        "times\n"
        "between two looks the last value counts. With --json each change is an object on a line of its own.\n"
        "It ends by Ctrl-C (status 130); with status 1 when the block is removed, or when the --timeout comes before\n"
        "the --count.",
    .options = "jcs",
    .least = 1,
    .most = 1,
    .run = run,
};
