/* This process's own book. It stays open until the process ends: that is what the helper waits for. */
#include "tracking.h"

#include <pthread.h>

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static pshmi_book own;

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
    bool made = own.owner;
    int32_t failure;
    pthread_mutex_lock(&making);
    failure = make();
    pthread_mutex_unlock(&making);
    if (!failure && made)
        failure = pshmi_book_ensure_helper(&own);
    *book = &own;
    return failure;
}
