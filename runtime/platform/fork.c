/* Who must do something in a child after fork (pthread_atfork(3)). */
#include <pthread.h>
#include <stddef.h>

#include "platform.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pshmi_follower *first;
static _Atomic uint64_t begun; /* changed under the mutex */

/* fork happens while nobody changes the list. */
static void before_fork(void)
{
    pthread_mutex_lock(&mutex);
    atomic_fetch_add(&begun, 1);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&mutex);
}

static void after_fork_in_child(void)
{
    for (pshmi_follower *follower = first; follower; follower = follower->next)
        follower->forked(follower->user);
    pthread_mutex_unlock(&mutex);
}

static void install(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

uint64_t pshmi_fork_count(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    return atomic_load(&begun);
}

void pshmi_fork_hold(void)
{
    pthread_mutex_lock(&mutex);
}

void pshmi_fork_let(void)
{
    pthread_mutex_unlock(&mutex);
}

void pshmi_fork_follow(pshmi_follower *follower)
{
    follower->next = first;
    follower->link = &first;
    if (first)
        first->link = &follower->next;
    first = follower;
}

void pshmi_fork_unfollow(pshmi_follower *follower)
{
    *follower->link = follower->next;
    if (follower->next)
        follower->next->link = follower->link;
}
