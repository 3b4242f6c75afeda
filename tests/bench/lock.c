/* What a list's lock costs, against the system's own for the same purpose, in one run; and what a list takes for it.
 *
 * get, set and add of an int, each on its own, against locking and unlocking a process-shared robust pthread mutex; and
 * opening a list of a million ints. All are timed in short turns, by processor time, and each keeps its best: what else
 * the machine does falls on all alike, and some turns escape it. */
#include <polyshm.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "children.h"
#include "names.h"
#include "program.h"
#include "values.h"

enum { CALLS = 10000, ITEMS = 1000000, OPENS = 10, TEXT = 100000 };

#define NAME test_name(0)

static pthread_mutex_t *mutex;
static polyshm_list *list;

static void make_mutex(void)
{
    pthread_mutexattr_t attributes;
    mutex = shared_memory(sizeof *mutex);
    CHECK(pthread_mutexattr_init(&attributes) == 0);
    CHECK(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
    CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
    CHECK(pthread_mutex_init(mutex, &attributes) == 0);
    pthread_mutexattr_destroy(&attributes);
}

static void use_mutex(void)
{
    for (int i = 0; i < CALLS; i++) {
        pthread_mutex_lock(mutex);
        pthread_mutex_unlock(mutex);
    }
}

static void get(void)
{
    polyshm_value value;
    for (int i = 0; i < CALLS; i++)
        polyshm_list_get(list, 500, NULL, 0, &value);
}

static void set(void)
{
    const polyshm_value value = v_int(7);
    for (int i = 0; i < CALLS; i++)
        polyshm_list_set(list, 500, &value);
}

static void add(void)
{
    for (int i = 0; i < CALLS; i++)
        polyshm_list_add(list, 500, 1, NULL);
}

static void lock(void)
{
    for (int i = 0; i < CALLS; i++) {
        polyshm_list_lock(list, 10);
        polyshm_list_unlock(list);
    }
}

static struct {
    const char *what;
    void (*run)(void);
    double wanted; /* at most, of the mutex; 0: any */
    double best;   /* seconds */
} cases[] = {
    {"mutex lock and unlock", use_mutex, 0, 0}, {"get", get, 0.5, 0}, {"set", set, 1.2, 0}, {"add", add, 0, 0},
    {"list lock and unlock", lock, 0, 0},
};

static double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void keep_best(double *best, double took)
{
    if (*best == 0 || took < *best)
        *best = took;
}

static void create(void)
{
    polyshm_value *values = malloc(ITEMS * sizeof *values);
    CHECK(values);
    for (int i = 0; i < ITEMS; i++)
        values[i] = v_int(i);
    CHECK(polyshm_list_create(NAME, values, ITEMS, 0, 0, 0, &list) == POLYSHM_OK);
    free(values);
}

static double open_list(void)
{
    polyshm_list *opened;
    double begin = processor_time();
    CHECK(polyshm_list_attach(NAME, 0, 0, &opened) == POLYSHM_OK);
    double took = processor_time() - begin;
    polyshm_list_unref(opened);
    return took;
}

static void report_calls(void)
{
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        char what[64];
        program_figure(cases[k].what, "%.1f ns", cases[k].best / CALLS * 1e9);
        snprintf(what, sizeof what, "%s, of a mutex", cases[k].what);
        if (cases[k].wanted > 0)
            program_at_most(what, cases[k].best / cases[0].best, "", cases[k].wanted);
    }
}

/* What the list takes beside its stock part, 8 bytes an item and one slot of the widest: in bytes. */
static double extra(polyshm_list *one, uint64_t count, uint64_t widest, uint64_t slots)
{
    polyshm_segment *segment;
    uint64_t size;
    CHECK(polyshm_list_segment(one, &segment) == POLYSHM_OK && polyshm_segment_size(segment, &size) == POLYSHM_OK);
    polyshm_segment_unref(segment);
    uint64_t stock = 8 * (count + 2) + slots + 9 * count;
    return (double)size - (double)(stock + 8 * count + widest);
}

static void report_sizes(void)
{
    char *text = calloc(1, TEXT);
    const polyshm_value values[] = {v_int(0), v_bytes_of(text, TEXT - 1)};
    polyshm_list *wide;
    memset(text, 'x', TEXT - 1);
    CHECK(polyshm_list_create(test_name(1), values, 2, 0, 0, 0, &wide) == POLYSHM_OK);
    program_at_most("sync area beside 8 bytes an item and a slot", extra(list, ITEMS, 8, 8 * ITEMS), " bytes", 8192);
    program_at_most("the same with an item of 100,000 bytes", extra(wide, 2, TEXT, 8 + TEXT), " bytes", 8192);
    CHECK(polyshm_list_unlink(wide) == POLYSHM_OK);
    polyshm_list_unref(wide);
    free(text);
}

int main(int count, char **arguments)
{
    uint64_t rounds = 500;
    const program_usage usage = {
        "Compares a list's calls with a robust mutex.", NULL, {{"rounds", "turns of each call", &rounds}}};
    program_begin(count, arguments, &usage);
    double opening = 0;
    make_mutex();
    create();
    for (uint64_t i = 0; i < rounds; i++)
        for (size_t k = 0; k < COUNT_OF(cases); k++) {
            double begin = processor_time();
            cases[k].run();
            keep_best(&cases[k].best, processor_time() - begin);
        }
    for (int i = 0; i < OPENS; i++)
        keep_best(&opening, open_list());
    report_calls();
    program_at_most("opening a million ints", opening * 1e3, " ms", 10);
    report_sizes();
    CHECK(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    return program_end();
}
