/* The reaper: unlinks what stands in books whose owner is gone (book.h).
 *
 * It looks at every book in the folder. All that it needs to know stands there, so it may be killed at any instant, and the
 * next one goes on. It is the work of the folder's helper (helper.h), which does it once more when it is helper no longer;
 * others may look what it would do. */
#ifndef PSHMI_REAPER_H
#define PSHMI_REAPER_H

#include "book.h"
#include "helper.h"

/* What to do, and whom to tell. */
typedef struct {
    const char *folder;
    bool dry;           /* only tell */
    pshmi_watch *watch; /* watches the blocks that somebody is attached to; may be NULL */
    void (*found)(void *user, const char *name, const char *book); /* a block that goes, or would; may be NULL */
    void *user;
} pshmi_reaper;

/* What is left. */
typedef struct {
    uint64_t living;  /* books whose owner lives */
    uint64_t waiting; /* books with blocks that cannot go yet; when dry, all books without an owner */
    uint64_t busy;    /* books of managers with a block that is being named at this moment */
    uint64_t locked;  /* books that another process looks after at this moment, and for more than a second */
    uint64_t unread;  /* books that the system did not let us look after, for want of descriptors, say */
} pshmi_reaper_rest;

/* Whether a helper has to be there. */
static inline bool pshmi_reaper_is_needed(const pshmi_reaper_rest *rest)
{
    return rest->living || rest->waiting || rest->busy || rest->locked || rest->unread;
}

/* Goes over all books once, but for those of another /dev/shm. What is no book, or one whose first record is damaged, so that
 * nothing proves whose blocks it names, is left alone. */
int32_t pshmi_reaper_pass(const pshmi_reaper *reaper, pshmi_reaper_rest *rest);

/* Unlinks the blocks of a manager's book of this process's own; left: how many could not go yet. */
int32_t pshmi_reaper_empty(const pshmi_book *book, uint64_t *left);

/* The helper's work, for as long as it is needed: goes over the books whenever a file there was closed, until there is none
 * that it has to wait for, or the folder is gone or another. If only its file was removed, it makes a new one.
 * A book that stays unread does not keep it for more than some seconds. */
int32_t pshmi_reaper_run(const char *folder, pshmi_helper *helper);

#endif
