/* A process that scribbles over a list while others use every function on it.
 *
 *     hostile [--seconds N]
 *
 * Errors and wrong values are what they may get. A crash, a report of a sanitizer (build with POLYSHM_SANITIZE), or a call
 * that takes longer than its timeout is a failure. Each caller notes what it calls and until when that must be back. */
#include <fcntl.h>
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "areas.h"
#include "blocks.h"
#include "checked.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "values.h"

/* SLACK: seconds beyond a timeout that a busy machine may take. READ: those that a reader tries (runtime/list/look.c). */
enum { CALLERS = 4, SLACK = 5, READ = 10, STATUSES = 32 };

#define NAME test_name(0)

/* The timeout of the calls that have one. */
static const double TIMEOUT = 0.002;

/* What a caller is doing. */
struct note {
    const char *_Atomic call; /* the same address in every process */
    _Atomic double begun, allowed;
    _Atomic uint64_t calls, failures, lists;
    _Atomic double longest; /* beyond the timeout */
    _Atomic double longest_read;
    _Atomic uint64_t statuses[STATUSES];
};

/* A caller's own. */
struct caller {
    struct note *note;
    uint64_t dice;
    bool readonly;
    int begun; /* a gate */
};

/* Runs a call of an allowed length, in seconds. */
#define CALL(caller, seconds, expression)                                                                              \
    do {                                                                                                               \
        begin(caller, #expression, seconds);                                                                           \
        end(caller, expression);                                                                                       \
    } while (0)

static void begin(struct caller *caller, const char *call, double allowed)
{
    struct note *note = caller->note;
    atomic_store(&note->allowed, allowed);
    atomic_store(&note->call, call);
    atomic_store(&note->begun, program_now());
}

static void end(struct caller *caller, int32_t status)
{
    struct note *note = caller->note;
    double allowed = atomic_load(&note->allowed), took = program_now() - atomic_exchange(&note->begun, 0);
    _Atomic double *longest = allowed < READ ? &note->longest : &note->longest_read;
    double over = allowed < READ ? took - allowed : took;
    if (over > atomic_load(longest))
        atomic_store(longest, over);
    atomic_fetch_add(&note->calls, 1);
    atomic_fetch_add(&note->failures, status < 0);
    if (status < 0)
        atomic_fetch_add(&note->statuses[-status], 1);
}

/* Memory of exactly that size, so that a sanitizer sees what goes beyond. */
static void *exactly(uint64_t size)
{
    void *memory = malloc(size ? size : 1);
    CHECK(memory);
    return memory;
}

static polyshm_value any_value(struct caller *caller)
{
    static const char text[] = "text that is as long as it has to be, and a little longer";
    switch (dice_below(&caller->dice, 6)) {
    case 0:
        return v_none();
    case 1:
        return v_bool(true);
    case 2:
        return v_int((int64_t)dice_throw(&caller->dice));
    case 3:
        return v_float(0.5);
    case 4:
        return v_bytes_of(text, dice_below(&caller->dice, sizeof text));
    default:
        return v_str_of(text, dice_below(&caller->dice, sizeof text));
    }
}

static void use_item(struct caller *caller, polyshm_list *list, int64_t index)
{
    const polyshm_value value = any_value(caller), other = any_value(caller);
    polyshm_value found;
    uint64_t capacity, version = 0;
    int32_t type, exchanged;
    int64_t sum;
    CHECK(polyshm_list_capacity(list, index, 1, &capacity) == POLYSHM_OK);
    char *buffer = exactly(capacity);
    CALL(caller, READ, polyshm_list_type(list, index, &type));
    CALL(caller, READ, polyshm_list_get(list, index, buffer, capacity, &found));
    CALL(caller, TIMEOUT, polyshm_list_set(list, index, &value));
    CALL(caller, TIMEOUT, polyshm_list_add(list, index, 1, &sum));
    CALL(caller, TIMEOUT, polyshm_list_compare_exchange(list, index, &value, &other, &exchanged));
    CALL(caller, TIMEOUT, polyshm_list_item_version(list, index, &version));
    CALL(caller, TIMEOUT, polyshm_list_wait_item(list, index, version, TIMEOUT, &version));
    free(buffer);
}

/* Buffers for all items. */
struct room {
    uint64_t length, capacity;
    polyshm_value *values;
    char *bytes, *formats;
};

static void use_range(struct caller *caller, polyshm_list *list, struct room *room)
{
    uint64_t start = dice_below(&caller->dice, room->length),
             count = dice_below(&caller->dice, room->length - start) + 1;
    const polyshm_value value = any_value(caller);
    int64_t index;
    for (uint64_t i = 0; i < count; i++)
        room->values[i] = any_value(caller);
    CALL(caller, TIMEOUT, polyshm_list_write(list, (int64_t)start, room->values, count));
    CALL(caller, READ, polyshm_list_read(list, (int64_t)start, count, room->bytes, room->capacity, room->values));
    CALL(caller, READ, polyshm_list_count(list, &value, &count));
    CALL(caller, READ, polyshm_list_index(list, &value, &index));
    CALL(caller, READ, polyshm_list_format(list, room->formats, 8 * room->length + 1, &count));
}

static void use_whole(struct caller *caller, polyshm_list *list, struct room *room)
{
    uint64_t version = 0;
    int32_t status;
    CALL(caller, TIMEOUT, polyshm_list_version(list, &version));
    CALL(caller, TIMEOUT, polyshm_list_wait(list, version, TIMEOUT, &version));
    CALL(caller, READ, polyshm_list_snapshot(list, room->bytes, room->capacity, room->values, &version));
    CALL(caller, TIMEOUT, status = polyshm_list_lock(list, TIMEOUT));
    if (status < 0)
        return;
    use_item(caller, list, (int64_t)dice_below(&caller->dice, room->length));
    CALL(caller, TIMEOUT, polyshm_list_lock(list, TIMEOUT));
    CALL(caller, TIMEOUT, polyshm_list_unlock(list));
    CALL(caller, TIMEOUT, polyshm_list_unlock(list));
}

static void use_list(struct caller *caller, polyshm_list *list)
{
    struct room room;
    CHECK(polyshm_list_length(list, &room.length) == POLYSHM_OK);
    if (room.length == 0)
        return;
    CHECK(polyshm_list_capacity(list, 0, room.length, &room.capacity) == POLYSHM_OK);
    room.values = exactly(room.length * sizeof *room.values);
    room.bytes = exactly(room.capacity);
    room.formats = exactly(8 * room.length + 1);
    CHECK(polyshm_list_set_timeout(list, TIMEOUT) == POLYSHM_OK);
    for (int i = 0; i < 4; i++)
        use_item(caller, list, (int64_t)dice_below(&caller->dice, room.length));
    use_range(caller, list, &room);
    use_whole(caller, list, &room);
    free(room.values);
    free(room.bytes);
    free(room.formats);
}

static polyshm_list *attach(struct caller *caller)
{
    polyshm_list *list = NULL;
    uint32_t flags = caller->readonly ? POLYSHM_SEGMENT_READONLY : 0;
    /* A block that looks unfilled is waited for. */
    CALL(caller, 0.2, polyshm_list_attach(NAME, flags, 0, &list));
    atomic_fetch_add(&caller->note->lists, list != NULL);
    return list;
}

/* Keeps one list that it attached to while all was well; attaches anew besides. */
static void call_on(void *argument)
{
    struct caller *caller = argument;
    polyshm_list *kept = attach(caller);
    CHECK(kept);
    gate_open(caller->begun);
    for (;;) {
        use_list(caller, kept);
        polyshm_list *fresh = attach(caller);
        if (fresh)
            use_list(caller, fresh);
        polyshm_list_unref(fresh);
    }
}

/* Where the scribbler writes. */
struct target {
    char *block;
    uint64_t size, count, formats, area;
    char *whole; /* as it was */
};

/* A word that matters, by its offset. */
static uint64_t choose_place(const struct target *target, uint64_t *dice)
{
    uint64_t item = dice_below(dice, target->count), area = target->area;
    const uint64_t places[] = {
        0,
        8 * (item + 1),
        target->formats + 8 * item,
        target->formats + 8 * target->count + item / 8 * 8,
        area + 8 * dice_below(dice, 5),
        area + AREA_LOCK,
        area + AREA_LOCK,
        area + AREA_VERSION,
        area + AREA_MARK,
        area + AREA_GENERATIONS + 8 * dice_below(dice, 256),
        area + AREA_VERSIONS + 8 * item,
        area + area_journal(target->count),
        area + area_journal(target->count) + 8 * dice_below(dice, 3),
        area + area_copy(target->count) + 8 * dice_below(dice, TEXT_MAX / 8),
        dice_below(dice, target->size) / 8 * 8,
        dice_below(dice, target->size) / 8 * 8,
    };
    return places[dice_below(dice, COUNT_OF(places))];
}

static uint64_t choose_word(const struct target *target, uint64_t old, uint64_t *dice)
{
    const uint64_t words[] = {
        0,
        1,
        old + 1,
        old - 1,
        old ^ UINT64_C(1) << dice_below(dice, 64),
        ~old,
        dice_below(dice, 64),
        dice_below(dice, 1024) + 1,
        (dice_below(dice, 1200) << 16 | dice_below(dice, 65536)),
        UINT64_C(0x80000000) | dice_throw(dice) >> 32,
        UINT64_MAX >> dice_below(dice, 64),
        UINT64_MAX << dice_below(dice, 64),
        dice_throw(dice),
        target->size - dice_below(dice, 16),
        ((uint64_t *)(void *)target->block)[dice_below(dice, target->size / 8)],
    };
    return words[dice_below(dice, COUNT_OF(words))];
}

static void scribble(const struct target *target, uint64_t *dice)
{
    uint64_t place = choose_place(target, dice);
    if (place + 8 > target->size)
        return;
    char *at = target->block + place;
    uint64_t word = choose_word(target, __atomic_load_n((uint64_t *)(void *)at, __ATOMIC_RELAXED), dice);
    uint64_t within = dice_below(dice, 8);
    switch (dice_below(dice, 4)) {
    case 0:
        __atomic_store_n((uint8_t *)at + within, (uint8_t)word, __ATOMIC_RELAXED);
        break;
    case 1:
        __atomic_store_n((uint32_t *)(void *)at + within / 4, (uint32_t)word, __ATOMIC_RELAXED);
        break;
    default:
        __atomic_store_n((uint64_t *)(void *)at, word, __ATOMIC_RELAXED);
    }
}

static struct target open_target(void)
{
    struct target target = {.size = (uint64_t)block_status(NAME).st_size};
    int descriptor = open(block_path(NAME), O_RDWR | O_CLOEXEC);
    CHECK(descriptor >= 0);
    target.block = mmap(NULL, target.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    CHECK(target.block != MAP_FAILED);
    close(descriptor);
    const uint64_t *words = (const uint64_t *)(void *)target.block;
    target.count = words[0];
    target.formats = 8 * (target.count + 2) + words[target.count + 1];
    target.area = area_offset(target.formats + 9 * target.count);
    target.whole = exactly(target.size);
    memcpy(target.whole, target.block, target.size);
    return target;
}

/* In bursts, so that some calls get far; now and then it puts everything right, so that some attach. */
static void scribble_on(void *argument)
{
    struct target *target = argument;
    uint64_t dice = (uint64_t)getpid();
    for (;;) {
        if (dice_below(&dice, 8) == 0)
            memcpy(target->block, target->whole, target->size);
        for (uint64_t left = dice_below(&dice, 64); left; left--)
            scribble(target, &dice);
        program_sleep((double)dice_below(&dice, 300) / 1e6);
    }
}

static bool is_well(pid_t child, struct note *note)
{
    int status;
    double begun = atomic_load(&note->begun), allowed = atomic_load(&note->allowed);
    const char *call = atomic_load(&note->call);
    if (waitpid(child, &status, WNOHANG) != 0) {
        fprintf(stderr, "a caller ended with status 0x%x; its last call: %s\n", (unsigned)status, call);
        return false;
    }
    if (begun == 0 || program_now() - begun < allowed + SLACK)
        return true;
    fprintf(stderr, "not back after %.1f seconds, with %g allowed: %s\n", program_now() - begun, allowed, call);
    return false;
}

static void report(const struct note notes[CALLERS])
{
    struct note all = {0};
    char statuses[1024] = "";
    double longest = 0, longest_read = 0;
    for (int i = 0; i < CALLERS; i++) {
        all.calls += notes[i].calls;
        all.failures += notes[i].failures;
        all.lists += notes[i].lists;
        longest = notes[i].longest > longest ? notes[i].longest : longest;
        longest_read = notes[i].longest_read > longest_read ? notes[i].longest_read : longest_read;
        for (int k = 0; k < STATUSES; k++)
            all.statuses[k] += notes[i].statuses[k];
    }
    for (int k = 0; k < STATUSES; k++)
        if (all.statuses[k])
            snprintf(statuses + strlen(statuses), sizeof statuses - strlen(statuses), " %s %" PRIu64,
                     polyshm_status_name(-k) + strlen("POLYSHM_"), all.statuses[k]);
    program_figure("calls beside a scribbler, of them failed", "%" PRIu64 ", %" PRIu64, all.calls, all.failures);
    program_figure("attached to scribbled lists", "%" PRIu64, all.lists);
    program_figure("the errors", "%s", statuses);
    program_figure("longest beyond a timeout", "%.1f ms", longest * 1e3);
    program_figure("longest read", "%.1f ms", longest_read * 1e3);
}

int main(int count, char **arguments)
{
    double seconds = (double)program_option(count, arguments, "--seconds", 10);
    uint64_t dice = program_option(count, arguments, "--seed", (uint64_t)getpid());
    pid_t callers[CALLERS];
    struct note *notes = shared_memory(CALLERS * sizeof *notes);
    polyshm_list *list = checked_list(NAME);
    struct target target = open_target();
    for (int i = 0; i < CALLERS; i++) {
        struct caller caller = {&notes[i], dice_throw(&dice), i == CALLERS - 1, gate_make()};
        callers[i] = child_start(call_on, &caller);
        CHECK(gate_wait(caller.begun));
        close(caller.begun);
    }
    pid_t scribbler = child_start(scribble_on, &target);
    bool well = true;
    for (double over = program_now() + seconds; well && program_now() < over; program_sleep(0.01))
        for (int i = 0; well && i < CALLERS; i++)
            well = is_well(callers[i], &notes[i]);
    child_kill(scribbler);
    for (int i = 0; i < CALLERS; i++)
        child_kill(callers[i]);
    report(notes);
    CHECK(well);
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    munmap(target.block, target.size);
    free(target.whole);
    return 0;
}
