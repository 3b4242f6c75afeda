/* Cleaning up after owners that are gone (reaper.h). */
#include "reaper.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* After so many rounds that left but books that it cannot read, the helper ends. */
enum { ROUNDS = 3 };

static void tell(const pshmi_reaper *reaper, const char *name, const pshmi_book *book)
{
    if (reaper->found)
        reaper->found(reaper->user, name, book->name);
}

/* Unlinks a manager's block, unless somebody keeps its name locked, or the system cannot do it now. What is another user's is
 * not ours to wait for. */
static bool is_unlinked(const pshmi_reaper *reaper, const pshmi_book_entry *entry)
{
    int32_t failure = reaper->dry ? POLYSHM_OK : pshmi_file_unlink(entry->name, entry->identity);
    return failure == POLYSHM_OK || failure == POLYSHM_ENOENT || failure == POLYSHM_EACCES;
}

/* A manager's block goes at once, a tracked one when nobody is attached; left counts those that stay. */
static void unlink_one(const pshmi_reaper *reaper, const pshmi_book *book, pshmi_book_kind kind,
                       const pshmi_book_entry *entry, uint64_t *left)
{
    bool gone = true;
    if (!pshmi_file_is(entry->name, entry->identity))
        return;
    if (kind == PSHMI_BOOK_TRACKED)
        pshmi_file_reap(entry->name, entry->identity, reaper->dry, &gone);
    else
        gone = is_unlinked(reaper, entry);
    if (gone) {
        if (reaper->dry || !pshmi_file_is(entry->name, entry->identity))
            tell(reaper, entry->name, book);
        return;
    }
    ++*left;
    if (reaper->watch)
        pshmi_watch_add(reaper->watch, entry->name);
}

static int32_t unlink_all(const pshmi_reaper *reaper, const pshmi_book *book, pshmi_book_kind kind, uint64_t *left)
{
    pshmi_book_entry entry;
    bool used, there = true;
    int32_t failure = POLYSHM_OK;
    for (uint64_t number = 1; !failure && there; number++) {
        failure = pshmi_book_read(book, number, &entry, &used, &there);
        if (!failure && there && used)
            unlink_one(reaper, book, kind, &entry, left);
    }
    return failure;
}

int32_t pshmi_reaper_empty(const pshmi_book *book, uint64_t *left)
{
    *left = 0;
    return unlink_all(&(pshmi_reaper){0}, book, PSHMI_BOOK_MANAGED, left);
}

/* A book whose owner is gone. In its lock. */
static int32_t clean_up(const pshmi_reaper *reaper, const pshmi_book *book, const pshmi_book_title *title,
                        pshmi_reaper_rest *rest)
{
    bool busy = false;
    uint64_t left = 0;
    int32_t failure = POLYSHM_OK;
    if (title->kind == PSHMI_BOOK_MANAGED && (failure = pshmi_book_is_busy(book, &busy)))
        return failure;
    if (!title->stale)
        failure = unlink_all(reaper, book, title->kind, &left);
    rest->busy += busy;
    rest->waiting += left > 0 || reaper->dry;
    if (!failure && !busy && !left && !reaper->dry)
        rest->busy += !pshmi_book_unlink(book);
    return failure;
}

/* One at a time: to see whether a block is in use takes opening it, and so it would seem to be to another who looks. Where the
 * file system has no such locks, it goes without. */
static int32_t clean_up_alone(const pshmi_reaper *reaper, const pshmi_book *book, const pshmi_book_title *title,
                              pshmi_reaper_rest *rest)
{
    int32_t refused = pshmi_file_lock(&book->records.file, "look after book", book->name);
    if (refused == POLYSHM_ETIMEDOUT) {
        rest->locked++;
        return POLYSHM_OK;
    }
    int32_t failure = clean_up(reaper, book, title, rest);
    if (!refused)
        pshmi_file_unlock(&book->records.file);
    return failure;
}

static int32_t look_after(const pshmi_reaper *reaper, const char *name, pshmi_reaper_rest *rest)
{
    pshmi_book book;
    pshmi_book_title title;
    bool owned = true;
    int32_t failure = pshmi_book_open_any(reaper->folder, name, &book, &title);
    if (failure)
        return failure;
    if (title.stale || !title.foreign) {
        failure = pshmi_book_is_owned(&book, &owned);
        rest->living += owned;
        if (!failure && !owned)
            failure = clean_up_alone(reaper, &book, &title, rest);
    }
    pshmi_book_close(&book);
    return failure;
}

typedef struct {
    const pshmi_reaper *reaper;
    pshmi_reaper_rest *rest;
} visit;

/* What is no book, or goes meanwhile, is none of our business. */
static bool is_ours(int32_t failure)
{
    return failure != POLYSHM_ENOENT && failure != POLYSHM_ENOTMANAGER && failure != POLYSHM_ELAYOUT &&
           failure != POLYSHM_EACCES && failure != POLYSHM_ENOTBLOCK && failure != POLYSHM_ENAME;
}

/* A book that the system does not let us look after now, because no descriptor is left, say, is one to come back to. */
static void visit_file(void *user, const char *name)
{
    const visit *now = user;
    pshmi_error_record before = pshmi_error_save();
    int32_t failure = strcmp(name, PSHMI_HELPER_FILE) ? look_after(now->reaper, name, now->rest) : POLYSHM_OK;
    if (failure)
        now->rest->unread += is_ours(failure);
    pshmi_error_restore(&before);
}

int32_t pshmi_reaper_pass(const pshmi_reaper *reaper, pshmi_reaper_rest *rest)
{
    visit now = {reaper, rest};
    *rest = (pshmi_reaper_rest){0};
    return pshmi_folder_visit(reaper->folder, visit_file, &now);
}

static bool is_unread_only(const pshmi_reaper_rest *rest)
{
    return rest->unread && !rest->living && !rest->waiting && !rest->busy && !rest->locked;
}

/* When to look again though nothing was closed: the leases of a closed file go a moment after the word of it comes, and
 * nobody tells when a block has got its name, or a book was looked at. */
static double pause_after(double pause, const pshmi_reaper_rest *rest)
{
    static const double first = 0.005, longest = 1;
    if (pause == 0)
        return first;
    if ((rest->busy || rest->locked) && pause > 0.05)
        return pause;
    return pause < longest ? pause * 5 : INFINITY;
}

/* Ends also when nobody finds the helper any more: its folder, or its file there, was removed or replaced. */
static int32_t wait_and_clean(const pshmi_reaper *reaper, const pshmi_helper *helper, pshmi_reaper_rest *rest)
{
    double pause = 0;
    int32_t failure;
    for (;;) {
        pshmi_watch_reset(reaper->watch);
        failure = pshmi_reaper_pass(reaper, rest);
        if (failure || !pshmi_reaper_is_needed(rest))
            return failure;
        pause = pause_after(pause, rest);
        if (is_unread_only(rest) && isinf(pause))
            return POLYSHM_OK;
        if (pshmi_watch_wait(reaper->watch, pause) == POLYSHM_OK)
            pause = 0;
        if (!pshmi_helper_is_found(helper))
            return POLYSHM_OK;
    }
}

/* Lets go, and goes over the books once more: whoever made one before that has relied on this helper, and may be gone, too.
 * Whether there is something to wait for that nobody else waits for by now. */
static bool is_wanted(const char *folder, pshmi_helper *helper, bool patient)
{
    pshmi_reaper_rest rest;
    bool taken = false;
    const pshmi_reaper last = {.folder = folder};
    pshmi_helper_resign(helper);
    return pshmi_reaper_pass(&last, &rest) == POLYSHM_OK && pshmi_reaper_is_needed(&rest) &&
           (patient || !is_unread_only(&rest)) && pshmi_helper_become(folder, helper, &taken) == POLYSHM_OK && taken &&
           pshmi_helper_sign(helper, (uint32_t)getpid()) == POLYSHM_OK;
}

/* What it cannot read does not keep it for ever. */
int32_t pshmi_reaper_run(const char *folder, pshmi_helper *helper)
{
    pshmi_watch watch;
    pshmi_reaper_rest rest;
    const pshmi_reaper reaper = {.folder = folder, .watch = &watch};
    int32_t failure;
    int unread = 0;
    do {
        pshmi_watch_open(&watch, folder, helper->path);
        failure = wait_and_clean(&reaper, helper, &rest);
        pshmi_watch_close(&watch);
        unread = is_unread_only(&rest) ? unread + 1 : 0;
    } while (!failure && is_wanted(folder, helper, unread < ROUNDS));
    return failure;
}
