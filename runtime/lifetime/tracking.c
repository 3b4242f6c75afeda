/* This process's own book. It stays open until the process ends: that is what the helper waits for. */
#include "tracking.h"

#include <pthread.h>

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static pshmi_book own;
static pshmi_follower follower;

/* Another thread of the parent may have been making its book. */
static void let_go(void *unused)
{
    static const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    (void)unused;
    making = fresh;
}

static void follow_forks(void)
{
    (void)pshmi_fork_count();
    follower.forked = let_go;
    pshmi_fork_hold();
    pshmi_fork_follow(&follower);
    pshmi_fork_let();
}

/* A child of fork finds its parent's book, which it does not own. */
static int32_t make(void)
{
    if (own.owner)
        return POLYSHM_OK;
    pshmi_book_close(&own);
    return pshmi_book_create(PSHMI_BOOK_TRACKED, NULL, NULL, 0, &own);
}

int32_t pshmi_tracking_book(pshmi_book **book)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, follow_forks);
    pthread_mutex_lock(&making);
    bool made = own.owner;
    int32_t failure = make();
    pthread_mutex_unlock(&making);
    if (!failure && made)
        failure = pshmi_book_ensure_helper(&own);
    *book = &own;
    return failure;
}
