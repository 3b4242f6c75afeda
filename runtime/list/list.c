/* List handles: creating, attaching, their life, and what is constant about a list. */
#include "list.h"

#include <inttypes.h>
#include <stdlib.h>

#include "memory.h"
#include "recognize.h"
#include "section.h"

enum { SPARE_MAX = 9999991 };

/* How long a write waits for the lock, in seconds. */
static const double DEFAULT_TIMEOUT = 10;

int32_t pshmi_list_fail(const polyshm_list *list, uint64_t index, pshmi_verdict verdict)
{
    return pshmi_fail(verdict.status, "list '%s', item %" PRIu64 ": %s", list->segment->name, index, verdict.why);
}

int32_t pshmi_list_fail_closed(const polyshm_list *list)
{
    return pshmi_segment_fail_closed(list ? list->segment : NULL);
}

int32_t pshmi_list_check_range(const polyshm_list *list, int64_t start, uint64_t count)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    uint64_t length = list->geometry.count;
    if (start >= 0 && (uint64_t)start <= length && count <= length - (uint64_t)start)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_EINDEX,
                      "list '%s' has %" PRIu64 " item%s: %" PRIu64 " from item %" PRId64 " on are not all among them",
                      list->segment->name, length, length == 1 ? "" : "s", count, start);
}

int32_t pshmi_list_check_writable(const polyshm_list *list)
{
    if (!list->segment->readonly)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_EREADONLY, "list '%s' was attached read-only", list->segment->name);
}

int32_t pshmi_list_check_synchronized(const polyshm_list *list)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    if (list->synchronized)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOSYNC, "list '%s' has no sync area: a stock CPython made it; make it with polyshm",
                      list->segment->name);
}

/* A handle that has nothing yet but the offsets, which it takes over, also when it fails; without them it fails. */
static polyshm_list *allocate(const pshmi_geometry *geometry)
{
    polyshm_list *list = geometry->offsets ? pshmi_memory_allocate(1, sizeof *list) : NULL;
    if (!list) {
        free(geometry->offsets);
        return NULL;
    }
    atomic_init(&list->references, 1);
    atomic_init(&list->timeout, DEFAULT_TIMEOUT);
    list->geometry = *geometry;
    return list;
}

/* Points the handle at a list's bytes, whose geometry is known. */
static void point_at(polyshm_list *list, char *block)
{
    list->data = block + list->geometry.data;
    list->formats = (uint64_t *)(block + list->geometry.formats);
    list->kinds = (uint8_t *)(block + list->geometry.kinds);
}

/* A child after fork is a participant of its own. */
static void forget_participant(void *user)
{
    pshmi_lock_reset(&((polyshm_list *)user)->lock);
}

static int32_t hold_file(void *user)
{
    return pshmi_segment_hold(((const polyshm_list *)user)->segment);
}

static void let_file(void *user)
{
    (void)user;
    pshmi_fork_let();
}

/* Takes the segment over. */
static void settle(polyshm_list *list, polyshm_segment *segment, bool synchronized)
{
    const pshmi_geometry *geometry = &list->geometry;
    list->segment = segment;
    point_at(list, segment->address);
    list->synchronized = synchronized;
    if (!synchronized)
        return;
    pshmi_area area;
    pshmi_area_open(segment->address + pshmi_area_offset(geometry->size), geometry->count, geometry->largest, &area);
    const pshmi_lock_file file = {&segment->file, segment->name, hold_file, let_file, list};
    pshmi_lock_init(&list->lock, &area, &file);
    list->follower = (pshmi_follower){.forked = forget_participant, .user = list};
    pshmi_fork_hold();
    pshmi_fork_follow(&list->follower);
    pshmi_fork_let();
}

/* Writes the whole list in private memory, makes a block of it, and names that last. */
static int32_t build(polyshm_list *list, const char *name, const polyshm_value *values, uint32_t mode, uint32_t flags,
                     pshmi_book *book)
{
    polyshm_segment *segment;
    const pshmi_geometry *geometry = &list->geometry;
    uint64_t offset = pshmi_area_offset(geometry->size);
    uint64_t size = offset + pshmi_area_size(geometry->count, geometry->largest);
    char *image = pshmi_memory_allocate(size, 1);
    if (!image)
        return POLYSHM_ENOMEM;
    point_at(list, image);
    pshmi_geometry_write(geometry, (uint64_t *)image);
    pshmi_area_write(image + offset, geometry->count, geometry->largest);
    for (uint64_t i = 0; i < geometry->count; i++) {
        uint64_t *slot = (uint64_t *)(list->data + geometry->offsets[i]);
        if (pshmi_item_is_number(&values[i], list->formats + i, slot)) /* writes it; its kind is 0, as the image is */
            continue;
        pshmi_item item = pshmi_list_item(list, i);
        pshmi_item_set(&item, &values[i]);
    }
    int32_t failure = pshmi_segment_prepare(name, image, size, mode, flags, &segment);
    free(image);
    if (failure)
        return failure;
    settle(list, segment, true);
    return pshmi_segment_publish(name, book, segment);
}

static int32_t fail_to_create(const char *name, uint64_t index, pshmi_verdict verdict)
{
    return pshmi_fail(verdict.status, "cannot create list '%s', item %" PRIu64 ": %s", name ? name : "psm_...", index,
                      verdict.why);
}

int32_t pshmi_list_create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare, uint32_t mode,
                          uint32_t flags, pshmi_book *book, polyshm_list **list)
{
    int32_t failure;
    if (name && (failure = pshmi_name_check(name)))
        return failure;
    if (spare > SPARE_MAX)
        return pshmi_fail(POLYSHM_EINVAL, "%" PRIu64 " spare bytes for a list's items are over %d", spare, SPARE_MAX);

    uint64_t bad;
    polyshm_list *handle = allocate(&(pshmi_geometry){.offsets = pshmi_recognize_room(count)});
    if (!handle)
        return POLYSHM_ENOMEM;
    pshmi_verdict verdict =
        pshmi_geometry_measure(values, count, spare, handle->geometry.offsets, &handle->geometry, &bad);
    failure = verdict.status ? fail_to_create(name, bad, verdict) : build(handle, name, values, mode, flags, book);
    if (failure) {
        polyshm_list_unref(handle);
        return failure;
    }
    *list = handle;
    return POLYSHM_OK;
}

int32_t polyshm_list_create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare,
                            uint32_t mode, uint32_t flags, polyshm_list **list)
{
    pshmi_book *book;
    int32_t failure;
    if (!list || (!values && count))
        return pshmi_fail_null(__func__, list ? "values" : "list");
    if ((failure = pshmi_segment_check_flags(__func__, flags, POLYSHM_SEGMENT_SPARSE | POLYSHM_SEGMENT_TRACK)) ||
        (failure = pshmi_segment_book(flags, &book)))
        return failure;
    return pshmi_list_create(name, values, count, spare, mode, flags, book, list);
}

/* Looks for a list in the segment, and takes over a reference on it when there is one. why tells what is wrong. */
static int32_t open_list(polyshm_segment *segment, polyshm_list **list, const char **why)
{
    bool synchronized;
    pshmi_geometry geometry;
    pshmi_verdict verdict = pshmi_recognize(&segment->file, segment->name, &geometry, &synchronized);
    *why = verdict.why;
    if (verdict.status)
        return verdict.status;
    polyshm_list *handle = allocate(&geometry);
    if (!handle)
        return POLYSHM_ENOMEM;
    settle(handle, segment, synchronized);
    *list = handle;
    return POLYSHM_OK;
}

int32_t polyshm_list_attach(const char *name, uint32_t flags, double timeout, polyshm_list **list)
{
    polyshm_segment *segment;
    int32_t failure;
    if (!list)
        return pshmi_fail_null(__func__, "list");
    double begin = pshmi_clock_now();
    if ((failure = polyshm_segment_attach(name, flags, timeout, &segment)))
        return failure;

    const char *why = NULL;
    double left = timeout - (pshmi_clock_now() - begin);
    pshmi_wait wait = pshmi_wait_begin(left > PSHMI_WAIT_FOREIGN ? left : PSHMI_WAIT_FOREIGN);
    while ((failure = open_list(segment, list, &why)) == POLYSHM_EEMPTY) {
        int32_t pause = pshmi_wait_pause(&wait);
        if (pause)
            failure = pause == POLYSHM_EINTR ? pause : POLYSHM_ENOTLIST;
        if (pause)
            break;
    }
    if (why && (failure == POLYSHM_ENOTLIST || failure == POLYSHM_ELAYOUT))
        pshmi_fail(failure, "cannot attach to list '%s': %s", name, why);
    if (failure)
        polyshm_segment_unref(segment);
    return failure;
}

int32_t polyshm_list_length(const polyshm_list *list, uint64_t *length)
{
    if (!pshmi_list_is_open(list))
        return pshmi_list_fail_closed(list);
    if (!length)
        return pshmi_fail_null(__func__, "length");
    *length = list->geometry.count;
    return POLYSHM_OK;
}

int32_t polyshm_list_capacity(const polyshm_list *list, int64_t start, uint64_t count, uint64_t *size)
{
    int32_t failure = pshmi_list_check_range(list, start, count);
    if (failure)
        return failure;
    if (!size)
        return pshmi_fail_null(__func__, "size");
    const uint64_t *offsets = list->geometry.offsets + start;
    *size = offsets[count] - offsets[0];
    return POLYSHM_OK;
}

int32_t polyshm_list_segment(const polyshm_list *list, polyshm_segment **segment)
{
    if (!list || !segment)
        return pshmi_fail_null(__func__, list ? "segment" : "list");
    polyshm_segment_ref(list->segment);
    *segment = list->segment;
    return POLYSHM_OK;
}

int32_t polyshm_list_is_closed(const polyshm_list *list)
{
    return !pshmi_list_is_open(list);
}

int32_t polyshm_list_close(polyshm_list *list)
{
    if (!list)
        return pshmi_fail_null(__func__, "list");
    pshmi_section_quit(list);
    return polyshm_segment_close(list->segment);
}

int32_t polyshm_list_unlink(polyshm_list *list)
{
    return list ? polyshm_segment_unlink(list->segment) : pshmi_fail_null(__func__, "list");
}

void polyshm_list_ref(polyshm_list *list)
{
    if (list)
        atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
}

void polyshm_list_unref(polyshm_list *list)
{
    if (!list || atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) != 1)
        return;
    pshmi_section_drop(list);
    if (list->synchronized) {
        pshmi_fork_hold();
        pshmi_fork_unfollow(&list->follower);
        pshmi_fork_let();
    }
    polyshm_segment_unref(list->segment);
    free(list->geometry.offsets);
    free(list);
}
