/* The calls, one after the other, each noted with the time that it may take (callers.h). */
#include "callers.h"

#include <polyshm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "children.h"
#include "dice.h"
#include "program.h"
#include "values.h"

enum { THREADS_MAX = 4 };

/* In seconds: of the calls that have a timeout; what a reader tries (runtime/list/look.c); what attaching waits for the
 * creator of a list that looks unfilled. */
static const double TIMEOUT = 0.002, READ = 10, FOREIGN = 0.2;

/* A caller's own. */
struct caller {
    struct note *note;
    uint64_t dice;
    const struct callers *of;
    polyshm_list *kept; /* that all threads of the process share */
};

/* Runs a call that may take so many seconds. */
#define CALL(caller, seconds, expression)                                                                              \
    do {                                                                                                               \
        begin((caller)->note, #expression, seconds);                                                                   \
        end((caller)->note, expression);                                                                               \
    } while (0)

static void begin(struct note *note, const char *call, double allowed)
{
    atomic_store(&note->allowed, allowed);
    atomic_store(&note->call, call);
    atomic_store(&note->begun, program_now());
}

static void end(struct note *note, int32_t status)
{
    double allowed = atomic_load(&note->allowed), took = program_now() - atomic_exchange(&note->begun, 0);
    _Atomic double *longest = allowed < READ ? &note->longest : &note->longest_read;
    double over = allowed < READ ? took - allowed : took;
    if (over > atomic_load(longest)) {
        atomic_store(longest, over);
        if (longest == &note->longest)
            atomic_store(&note->longest_call, atomic_load(&note->call));
    }
    atomic_fetch_add(&note->calls, 1);
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
    uint32_t flags = caller->of->readonly ? POLYSHM_SEGMENT_READONLY : 0;
    CALL(caller, FOREIGN, polyshm_list_attach(caller->of->name, flags, 0, &list));
    atomic_fetch_add(&caller->note->lists, list != NULL);
    return list;
}

/* Uses the list that the process attached to while all was well, and attaches anew besides. */
static void *call_on(void *argument)
{
    struct caller *caller = argument;
    for (;;) {
        use_list(caller, caller->kept);
        polyshm_list *fresh = attach(caller);
        if (fresh)
            use_list(caller, fresh);
        polyshm_list_unref(fresh);
    }
    return NULL;
}

void callers_run(void *argument)
{
    const struct callers *callers = argument;
    struct caller threads[THREADS_MAX];
    pthread_t thread;
    for (unsigned i = 0; i < callers->threads; i++)
        threads[i] = (struct caller){.note = &callers->notes[i], .dice = callers->seed + i, .of = callers};
    polyshm_list *kept = attach(&threads[0]);
    CHECK(kept);
    gate_open(callers->begun);
    for (unsigned i = 0; i < callers->threads; i++)
        threads[i].kept = kept;
    for (unsigned i = 1; i < callers->threads; i++)
        CHECK(pthread_create(&thread, NULL, call_on, &threads[i]) == 0);
    call_on(&threads[0]);
}
