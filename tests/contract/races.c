/* Threads that share handles, and threads with handles of their own, all on one list, while a handle is closed.
 *
 * A program without a test framework, for ThreadSanitizer, under which Criterion does not start. Every value that is
 * read must be one that somebody wrote whole, every sum must add up, and a call on the handle that is closed meanwhile
 * gives its result or POLYSHM_ECLOSED. Bytes that are written through the segment may race by contract; none are
 * here. */
#include <polyshm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 12, STEPS = 400, PAIRS = 2, TEXT_SIZE = 100 };
enum { COUNTER, SHARED_COUNTER, TEXT, MIXED, PAIR, PAIR_END = PAIR + PAIRS, ITEMS = PAIR_END };

/* Close puts blank pages in the place of the block's while others read there (runtime/segment/segment.h). To the kernel
 * that is a change of the page tables, which an access comes before or after; ThreadSanitizer takes mmap for a write of
 * every byte. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:pshmi_mapping_blank\n";
}

/* What the threads of a round have in common. */
static struct {
    char name[64];
    polyshm_list *shared; /* closed while it is in use */
    _Atomic int64_t added;
    _Atomic int64_t shared_added;
    _Atomic int64_t cut_off; /* additions that met the close: done or not */
} now;

static void fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: not so: %s; last failure: %s\n", file, line, condition, polyshm_error_message());
    exit(EXIT_FAILURE);
}
#define CHECK(condition) ((condition) ? (void)0 : fail(__FILE__, __LINE__, #condition))

static polyshm_value number(int64_t integer)
{
    return (polyshm_value){.type = POLYSHM_TYPE_INT64, .integer = integer};
}

/* A text of one letter, as long as the letter says. */
static polyshm_value text_of(unsigned step, char buffer[TEXT_SIZE])
{
    size_t size = 1 + step % 26 * 3;
    memset(buffer, 'a' + (char)(step % 26), size);
    return (polyshm_value){.type = POLYSHM_TYPE_STR, .data = buffer, .size = size};
}

static bool is_whole(const polyshm_value *value)
{
    const char *text = value->data;
    if (value->type != POLYSHM_TYPE_STR)
        return value->type == POLYSHM_TYPE_NONE || value->type == POLYSHM_TYPE_INT64;
    if (value->size != 1 + (uint64_t)(text[0] - 'a') * 3)
        return false;
    for (uint64_t i = 1; i < value->size; i++)
        if (text[i] != text[0])
            return false;
    return true;
}

/* Whether the call succeeded; false if it met the close, which only the shared handle may. */
static bool done(const polyshm_list *list, int32_t status)
{
    CHECK(status >= 0 || (status == POLYSHM_ECLOSED && list == now.shared));
    return status >= 0;
}

static polyshm_list *attach(uint32_t flags)
{
    polyshm_list *list;
    CHECK(polyshm_list_attach(now.name, flags, 0, &list) == POLYSHM_OK);
    return list;
}

static bool write_values(polyshm_list *list)
{
    char buffer[TEXT_SIZE];
    const polyshm_value none = {.type = POLYSHM_TYPE_NONE};
    for (unsigned step = 0; step < STEPS; step++) {
        polyshm_value values[] = {text_of(step, buffer), step % 3 ? number(step) : none};
        if (!done(list, polyshm_list_set(list, TEXT, &values[0])) ||
            !done(list, polyshm_list_write(list, TEXT, values, 2)) ||
            !done(list, polyshm_list_set(list, MIXED, step % 2 ? &values[0] : &values[1])))
            return false;
    }
    return true;
}

static bool read_values(polyshm_list *list)
{
    char buffer[ITEMS * TEXT_SIZE];
    polyshm_value found[ITEMS];
    int32_t type;
    uint64_t count;
    for (int step = 0; step < STEPS; step++) {
        if (!done(list, polyshm_list_get(list, TEXT, buffer, sizeof buffer, found)))
            return false;
        CHECK(is_whole(found));
        if (!done(list, polyshm_list_read(list, 0, ITEMS, buffer, sizeof buffer, found)))
            return false;
        CHECK(is_whole(&found[TEXT]) && is_whole(&found[MIXED]));
        if (!done(list, polyshm_list_type(list, MIXED, &type)) ||
            !done(list, polyshm_list_count(list, &found[MIXED], &count)))
            return false;
    }
    return true;
}

static bool add_own(polyshm_list *list)
{
    for (int step = 0; step < STEPS; step++) {
        int64_t sum, before = atomic_load(&now.added);
        if (!done(list, polyshm_list_add(list, COUNTER, 1, &sum)))
            return false;
        CHECK(sum > before);
        atomic_fetch_add(&now.added, 1);
    }
    return true;
}

static bool add_shared(polyshm_list *list)
{
    for (int step = 0; step < STEPS; step++) {
        bool added = done(list, polyshm_list_add(list, SHARED_COUNTER, 1, NULL));
        atomic_fetch_add(added ? &now.shared_added : &now.cut_off, 1);
        if (!added)
            return false;
    }
    return true;
}

static bool exchange(polyshm_list *list)
{
    for (int step = 0; step < STEPS; step++) {
        polyshm_value found, next;
        int32_t exchanged = 0;
        while (!exchanged) {
            if (!done(list, polyshm_list_get(list, COUNTER, NULL, 0, &found)))
                return false;
            next = number(found.integer + 1);
            if (!done(list, polyshm_list_compare_exchange(list, COUNTER, &found, &next, &exchanged)))
                return false;
        }
        atomic_fetch_add(&now.added, 1);
    }
    return true;
}

/* Under the lock, all of a pair are the same. */
static bool write_pairs(polyshm_list *list)
{
    for (int step = 0; step < STEPS; step++) {
        polyshm_value first;
        CHECK(polyshm_list_lock(list, 60) >= 0);
        CHECK(polyshm_list_get(list, PAIR, NULL, 0, &first) == POLYSHM_OK);
        const polyshm_value next = number(first.integer + 1);
        for (int i = PAIR; i < PAIR_END; i++)
            CHECK(polyshm_list_set(list, i, &next) == POLYSHM_OK);
        CHECK(polyshm_list_unlock(list) == POLYSHM_OK);
    }
    return true;
}

static bool take_snapshots(polyshm_list *list)
{
    char buffer[ITEMS * TEXT_SIZE];
    polyshm_value found[ITEMS];
    uint64_t version, before = 0;
    for (int step = 0; step < STEPS; step++) {
        if (!done(list, polyshm_list_snapshot(list, buffer, sizeof buffer, found, &version)))
            return false;
        for (int i = PAIR; i < PAIR_END; i++)
            CHECK(found[i].integer == found[PAIR].integer);
        CHECK(is_whole(&found[TEXT]) && is_whole(&found[MIXED]));
        CHECK(version >= before);
        before = version;
    }
    return true;
}

static bool wait_for_changes(polyshm_list *list)
{
    uint64_t version = 0, item;
    for (int step = 0; step < STEPS / 10; step++) {
        int32_t status = polyshm_list_wait(list, version, 0.01, &version);
        if (status != POLYSHM_ETIMEDOUT && !done(list, status))
            return false;
        if (!done(list, polyshm_list_item_version(list, COUNTER, &item)))
            return false;
        status = polyshm_list_wait_item(list, COUNTER, item, 0.01, NULL);
        if (status != POLYSHM_ETIMEDOUT && !done(list, status))
            return false;
        if (!done(list, polyshm_list_set_timeout(list, 60)))
            return false;
    }
    return true;
}

/* Handles that come and go, one of them with the lock in its hand. */
static bool open_and_close(polyshm_list *unused)
{
    (void)unused;
    for (int step = 0; step < STEPS / 10; step++) {
        polyshm_list *list = attach(0);
        CHECK(polyshm_list_add(list, COUNTER, 1, NULL) == POLYSHM_OK);
        atomic_fetch_add(&now.added, 1);
        if (step % 4 == 0)
            CHECK(polyshm_list_lock(list, 60) >= 0);
        if (step % 2)
            CHECK(polyshm_list_close(list) == POLYSHM_OK);
        polyshm_list_unref(list);
    }
    return true;
}

/* A thread: what it does, and through which handle. */
struct job {
    bool (*run)(polyshm_list *list);
    enum { SHARED, COMMON, OWN, OWN_READONLY } handle;
};

static const struct job jobs[] = {
    {write_values, SHARED},
    {read_values, SHARED},
    {add_shared, SHARED},
    {add_shared, SHARED},
    {read_values, COMMON},
    {write_values, COMMON},
    {add_own, COMMON},
    {exchange, COMMON},
    {write_pairs, COMMON},
    {write_pairs, COMMON},
    {take_snapshots, COMMON},
    {wait_for_changes, COMMON},
    {write_values, OWN},
    {read_values, OWN},
    {add_own, OWN},
    {write_pairs, OWN},
    {take_snapshots, OWN},
    {wait_for_changes, OWN},
    {open_and_close, OWN},
    {wait_for_changes, SHARED},
    {add_shared, OWN},
    {read_values, OWN_READONLY},
    {wait_for_changes, OWN_READONLY},
};
enum { JOBS = sizeof jobs / sizeof *jobs };

static polyshm_list *common; /* shared as well, and open all the time */

static void *run_job(void *argument)
{
    const struct job *job = argument;
    polyshm_list *list = job->handle == SHARED ? now.shared : common;
    if (job->handle >= OWN)
        list = attach(job->handle == OWN_READONLY ? POLYSHM_SEGMENT_READONLY : 0);
    while (job->handle == SHARED && job->run(list))
        ; /* until it is closed */
    if (job->handle != SHARED)
        CHECK(job->run(list));
    if (job->handle >= OWN)
        polyshm_list_unref(list);
    return NULL;
}

static void create(void)
{
    polyshm_value values[ITEMS];
    char texts[2][TEXT_SIZE];
    for (int i = 0; i < ITEMS; i++)
        values[i] = number(0);
    values[TEXT] = text_of(0, texts[0]);
    values[MIXED] = text_of(1, texts[1]);
    snprintf(now.name, sizeof now.name, "t_races_%d", (int)getpid());
    CHECK(polyshm_list_create(now.name, values, ITEMS, TEXT_SIZE, 0, 0, &now.shared) == POLYSHM_OK);
    common = attach(0);
}

/* All threads run; when those with the shared handle have done something, it is closed under them. */
static void run_round(int64_t enough)
{
    pthread_t threads[JOBS];
    now.added = now.shared_added = now.cut_off = 0;
    create();
    for (int i = 0; i < JOBS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_job, (void *)(uintptr_t)&jobs[i]) == 0);
    for (uint64_t version = 0; atomic_load(&now.shared_added) < enough;)
        CHECK(polyshm_list_wait(common, version, 60, &version) == POLYSHM_OK);
    CHECK(polyshm_list_close(now.shared) == POLYSHM_OK);
    for (int i = 0; i < JOBS; i++)
        pthread_join(threads[i], NULL);

    polyshm_value counters[2];
    CHECK(polyshm_list_read(common, COUNTER, 2, NULL, 0, counters) == POLYSHM_OK);
    CHECK(counters[0].integer == now.added);
    CHECK(counters[1].integer >= now.shared_added && counters[1].integer <= now.shared_added + now.cut_off);
    CHECK(polyshm_list_unlink(common) == POLYSHM_OK);
    polyshm_list_unref(common);
    polyshm_list_unref(now.shared);
}

int main(void)
{
    for (int i = 0; i < ROUNDS; i++)
        run_round(i * 100);
    return EXIT_SUCCESS;
}
