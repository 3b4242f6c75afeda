/* The list of open segments, and what happens to them in a child after fork. */
#include "registry.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static polyshm_segment *first;
static _Atomic uint64_t forks_begun; /* changed under the mutex */

/* fork happens while nobody changes the list. */
static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
    atomic_fetch_add(&forks_begun, 1);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&mutex);
}

/* Leaves the description that another process has, too. */
static void reopen(polyshm_segment *segment)
{
    pshmi_file_reopen(&segment->file, segment->readonly);
    pshmi_mapping_reopen(&segment->file, segment->readonly, segment->address);
}

static void after_fork_in_child(void)
{
    for (polyshm_segment *segment = first; segment; segment = segment->next) {
        reopen(segment);
        if (segment->forked)
            segment->forked(segment->user);
    }
    pthread_mutex_unlock(&mutex);
}

static void install(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

uint64_t pshmi_registry_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    return atomic_load(&forks_begun);
}

void pshmi_registry_add(polyshm_segment *segment, uint64_t forks)
{
    pthread_mutex_lock(&mutex);
    if (forks != forks_begun)
        reopen(segment);
    segment->next = first;
    segment->link = &first;
    if (first)
        first->link = &segment->next;
    first = segment;
    pthread_mutex_unlock(&mutex);
}

void pshmi_registry_remove(polyshm_segment *segment)
{
    pthread_mutex_lock(&mutex);
    *segment->link = segment->next;
    if (segment->next)
        segment->next->link = segment->link;
}

int32_t pshmi_registry_hold(const polyshm_segment *segment)
{
    pthread_mutex_lock(&mutex);
    /* Who closes it marks it closed first, and closes the file while it holds the mutex. */
    if (pshmi_segment_is_open(segment))
        return POLYSHM_OK;
    pthread_mutex_unlock(&mutex);
    return pshmi_segment_fail_closed(segment);
}

void pshmi_registry_let(void)
{
    pthread_mutex_unlock(&mutex);
}

void pshmi_registry_follow(polyshm_segment *segment, void (*forked)(void *user), void *user)
{
    pthread_mutex_lock(&mutex);
    segment->forked = forked;
    segment->user = user;
    pthread_mutex_unlock(&mutex);
}
