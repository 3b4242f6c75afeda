/* This process's own book. It stays open until the process ends: that is what the helper waits for. */
#include "tracking.h"

#include <pthread.h>
#include <string.h>

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

/* Somebody may have found the block gone already, and given the record to another one. */
static bool stands_for(uint64_t number, const char *name, pshmi_identity identity)
{
    pshmi_book_entry entry;
    bool used = false, there = false;
    return pshmi_book_read(&own, number, &entry, &used, &there) == POLYSHM_OK && there && used &&
           pshmi_identity_equal(entry.identity, identity) && strcmp(entry.name, name) == 0;
}

void pshmi_tracking_forget(uint32_t book, uint64_t number, const char *name, pshmi_identity identity)
{
    pshmi_error_record before = pshmi_error_save();
    pthread_mutex_lock(&making);
    pshmi_fork_hold();
    if (own.owner && own.serial == book && stands_for(number, name, identity))
        pshmi_book_remove(&own, number);
    pshmi_fork_let();
    pthread_mutex_unlock(&making);
    pshmi_error_restore(&before);
}
