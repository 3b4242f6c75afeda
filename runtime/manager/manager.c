/* Managers: handles on a book that others write in, too (lifetime/book.h). */
#include <inttypes.h>
#include <polyshm/manager.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "collection.h"
#include "list.h"
#include "memory.h"
#include "reaper.h"
#include "segment.h"

/* How long start waits for a helper to clean up after a dead manager at its address, in seconds. */
static const double CLEANING_TIMEOUT = 5;

struct polyshm_manager {
    _Atomic uint32_t references;
    _Atomic bool ending; /* a thread of the owner's is shutting it down, or has done so */
    pshmi_book book;
};

static int32_t check(const polyshm_manager *manager)
{
    if (!manager)
        return pshmi_fail(POLYSHM_EINVAL, "the handle is NULL");
    if (!manager->book.open)
        return pshmi_fail(POLYSHM_ENOENT, "the manager '%s' has shut down, or its handle was closed",
                          manager->book.name);
    return POLYSHM_OK;
}

static polyshm_manager *allocate(void)
{
    polyshm_manager *manager = pshmi_memory_allocate(1, sizeof *manager);
    if (manager)
        atomic_init(&manager->references, 1);
    return manager;
}

/* Whether the book at the address is one that somebody lives for. */
static int32_t look_at(const char *address, bool *living)
{
    char folder[PSHMI_PATH_SIZE];
    pshmi_book book;
    pshmi_book_title title;
    int32_t failure = pshmi_folder_path(folder);
    *living = true;
    if (failure || (failure = pshmi_book_open_any(folder, address, &book, &title)))
        return failure;
    failure = pshmi_book_is_owned(&book, living);
    if (!failure && !*living)
        failure = pshmi_book_ensure_helper(&book);
    pshmi_book_close(&book);
    return failure;
}

/* A dead manager's book is in the way until a helper has cleaned up. */
static int32_t create_book(const char *address, const void *authkey, uint64_t authkey_size, pshmi_book *book)
{
    bool living = false;
    pshmi_wait wait = pshmi_wait_begin(CLEANING_TIMEOUT);
    pshmi_error_record before = pshmi_error_save();
    for (;;) {
        int32_t failure = pshmi_book_create(PSHMI_BOOK_MANAGED, address, authkey, authkey_size, book);
        if (failure != POLYSHM_EEXIST) {
            if (!failure)
                pshmi_error_restore(&before);
            return failure;
        }
        failure = look_at(address, &living);
        if (failure && failure != POLYSHM_ENOENT)
            return failure;
        if (!failure && living)
            return pshmi_fail(POLYSHM_EEXIST, "a manager is at the address '%s'; connect to it, or take another one",
                              address);
        if ((failure = pshmi_wait_pause(&wait)))
            return pshmi_fail(failure, "a manager that ended left blocks at the address '%s'; polyshm gc tells more",
                              address);
    }
}

int32_t polyshm_manager_start(const char *address, const void *authkey, uint64_t authkey_size,
                              polyshm_manager **manager)
{
    if (!manager)
        return pshmi_fail_null(__func__, "manager");
    polyshm_manager *handle = allocate();
    if (!handle)
        return POLYSHM_ENOMEM;
    int32_t failure = create_book(address, authkey, authkey_size, &handle->book);
    if (failure)
        free(handle);
    else
        *manager = handle;
    return failure;
}

int32_t polyshm_manager_connect(const char *address, const void *authkey, uint64_t authkey_size,
                                polyshm_manager **manager)
{
    if (!manager)
        return pshmi_fail_null(__func__, "manager");
    if (!address)
        return pshmi_fail_null(__func__, "address");
    polyshm_manager *handle = allocate();
    if (!handle)
        return POLYSHM_ENOMEM;
    int32_t failure = pshmi_book_open(address, authkey, authkey_size, &handle->book);
    if (failure)
        free(handle);
    else
        *manager = handle;
    return failure;
}

int32_t polyshm_manager_address(const polyshm_manager *manager, const char **address)
{
    if (!manager || !address)
        return pshmi_fail_null(__func__, manager ? "address" : "manager");
    *address = manager->book.name;
    return POLYSHM_OK;
}

/* What every creation begins with. A helper that was killed meanwhile is replaced here. */
static int32_t begin(polyshm_manager *manager, const char *function, uint32_t flags)
{
    int32_t failure = check(manager);
    if (failure || (failure = pshmi_segment_check_flags(function, flags, POLYSHM_SEGMENT_SPARSE)))
        return failure;
    return pshmi_book_ensure_helper(&manager->book);
}

int32_t polyshm_manager_create_segment(polyshm_manager *manager, const char *name, uint64_t size, uint32_t mode,
                                       uint32_t flags, polyshm_segment **segment)
{
    int32_t failure = begin(manager, __func__, flags);
    if (failure)
        return failure;
    if (!segment)
        return pshmi_fail_null(__func__, "segment");
    return pshmi_segment_create(name, size, mode, flags, &manager->book, segment);
}

int32_t polyshm_manager_create_list(polyshm_manager *manager, const char *name, const polyshm_value *values,
                                    uint64_t count, uint64_t spare, uint32_t mode, uint32_t flags, polyshm_list **list)
{
    int32_t failure = begin(manager, __func__, flags);
    if (failure)
        return failure;
    if (!list || (!values && count))
        return pshmi_fail_null(__func__, list ? "values" : "list");
    return pshmi_list_create(name, values, count, spare, mode, flags, &manager->book, list);
}

static int32_t identify(const char *name, pshmi_identity *identity)
{
    pshmi_file file;
    int32_t failure = pshmi_name_check(name);
    if (failure || (failure = pshmi_file_open(name, true, &file)))
        return failure;
    *identity = file.identity;
    pshmi_file_close(&file);
    return POLYSHM_OK;
}

int32_t polyshm_manager_adopt(polyshm_manager *manager, const char *name)
{
    uint64_t number;
    pshmi_identity identity;
    int32_t failure = begin(manager, __func__, 0);
    if (failure || (failure = identify(name, &identity)) ||
        (failure = pshmi_book_begin(&manager->book, name, identity, &number)))
        return failure;
    pshmi_book_end(&manager->book);
    return POLYSHM_OK;
}

int32_t polyshm_manager_release(polyshm_manager *manager, const char *name)
{
    uint64_t struck = 0;
    pshmi_identity identity;
    int32_t failure = check(manager);
    if (failure || (failure = pshmi_book_attend(&manager->book)) || (failure = identify(name, &identity)) ||
        (failure = pshmi_book_strike(&manager->book, name, identity, &struck)))
        return failure;
    if (struck)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOTFOUND, "the manager '%s' does not own block '%s'", manager->book.name, name);
}

static int32_t collect_all(const pshmi_book *book, pshmi_collection *collection)
{
    pshmi_book_entry entry;
    bool used = false, there = true;
    int32_t failure = POLYSHM_OK;
    for (uint64_t number = 1; !failure && there; number++) {
        failure = pshmi_book_read(book, number, &entry, &used, &there);
        if (!failure && there && used && pshmi_file_is(entry.name, entry.identity))
            failure = pshmi_collection_add(collection, entry.name);
    }
    return failure;
}

int32_t polyshm_manager_names(const polyshm_manager *manager, char *buffer, uint64_t capacity, uint64_t *size)
{
    pshmi_roll roll = {buffer, capacity, 0};
    pshmi_collection collection = {0};
    int32_t failure = check(manager);
    if (failure)
        return failure;
    if (!size || (!buffer && capacity))
        return pshmi_fail_null(__func__, size ? "buffer" : "size");
    pshmi_book *book = (pshmi_book *)(uintptr_t)&manager->book; /* a child opens it anew */
    if (!(failure = pshmi_book_attend(book)) && !(failure = collect_all(book, &collection)))
        pshmi_collection_list(&collection, &roll);
    free(collection.all);
    return failure ? failure : pshmi_roll_end(&roll, size);
}

/* First nobody adds anything more, then all goes. Who is naming a block at this moment keeps the book, as does who keeps a
 * name locked: then a helper finds it without an owner, and waits. */
static int32_t end(polyshm_manager *manager)
{
    bool busy = true;
    uint64_t left = 0;
    if (atomic_exchange(&manager->ending, true))
        return POLYSHM_OK;
    int32_t failure = pshmi_book_shut(&manager->book);
    if (!failure)
        failure = pshmi_book_is_busy(&manager->book, &busy);
    if (!failure)
        failure = pshmi_reaper_empty(&manager->book, &left);
    if (!failure && !busy && !left)
        pshmi_book_unlink(&manager->book);
    else
        pshmi_book_ensure_helper(&manager->book);
    pshmi_book_close(&manager->book);
    return failure;
}

int32_t polyshm_manager_shutdown(polyshm_manager *manager)
{
    if (!manager)
        return pshmi_fail_null(__func__, "manager");
    if (manager->book.owner)
        return end(manager);
    if (manager->ending || !manager->book.open)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOTSTARTER, "the manager '%s' was started by another process: that one shuts it down",
                      manager->book.name);
}

int32_t polyshm_manager_join(const polyshm_manager *manager, double timeout)
{
    if (!manager)
        return pshmi_fail_null(__func__, "manager");
    if (!(timeout >= 0))
        return pshmi_fail(POLYSHM_EINVAL, "the timeout must be 0 seconds or more");
    pshmi_wait wait = pshmi_wait_begin(timeout);
    for (;;) {
        if (pshmi_book_is_gone(&manager->book))
            return POLYSHM_OK;
        int32_t pause = pshmi_wait_pause(&wait);
        if (pause == POLYSHM_ETIMEDOUT)
            return pshmi_fail(pause, "the manager '%s' has not ended in time", manager->book.name);
        if (pause)
            return pause;
    }
}

int32_t polyshm_manager_is_owner(const polyshm_manager *manager)
{
    return manager && manager->book.open && manager->book.owner;
}

int32_t polyshm_manager_is_closed(const polyshm_manager *manager)
{
    return !manager || !manager->book.open;
}

int32_t polyshm_manager_close(polyshm_manager *manager)
{
    if (!manager)
        return pshmi_fail_null(__func__, "manager");
    if (polyshm_manager_is_owner(manager))
        return end(manager);
    pshmi_book_close(&manager->book);
    return POLYSHM_OK;
}

void polyshm_manager_ref(polyshm_manager *manager)
{
    if (manager)
        atomic_fetch_add_explicit(&manager->references, 1, memory_order_relaxed);
}

void polyshm_manager_unref(polyshm_manager *manager)
{
    if (!manager || atomic_fetch_sub_explicit(&manager->references, 1, memory_order_acq_rel) != 1)
        return;
    polyshm_manager_close(manager);
    free(manager);
}
