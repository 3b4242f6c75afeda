/* Reading list items into memory of the right size, for the typemaps of every language.
 *
 * The library copies texts into memory that the caller gives. A single item first tries a small buffer inside the
 * struct, which nearly every item fits, and only then one of the slot's width; that is always enough, since a slot
 * never changes its width. A range asks for the width of all its slots at once. */
#ifndef POLYSHM_BINDINGS_ITEMS_H
#define POLYSHM_BINDINGS_ITEMS_H

#include <polyshm.h>

#include <stdlib.h>
#include <time.h>

/* One item. value.data may point into small: the struct must not be copied or moved while the value is in use. */
typedef struct {
    polyshm_value value;
    char *large;
    char small[256];
} item;

static inline void item_free(item *one)
{
    free(one->large);
}

/* Reads an item. On success the caller frees it with item_free; on failure there is nothing to free. */
static inline int32_t item_get(const polyshm_list *list, int64_t index, item *one)
{
    one->large = NULL;
    int32_t status = polyshm_list_get(list, index, one->small, sizeof one->small, &one->value);
    if (status != POLYSHM_ENOBUFS)
        return status;

    uint64_t size = 0;
    if ((status = polyshm_list_capacity(list, index, 1, &size)) < 0)
        return status;
    if (size > SIZE_MAX || !(one->large = malloc((size_t)size)))
        return POLYSHM_ENOMEM;
    if ((status = polyshm_list_get(list, index, one->large, size, &one->value)) < 0)
        item_free(one);
    return status;
}

/* Many items. */
typedef struct {
    polyshm_value *values;
    uint64_t count;
    char *buffer;
} items;

static inline void items_free(items *many)
{
    free(many->values);
    free(many->buffer);
    many->values = NULL;
    many->buffer = NULL;
}

/* Takes the memory that a range of items needs, and gives the size of the buffer. */
static inline int32_t items_init(const polyshm_list *list, int64_t start, uint64_t count, items *many, uint64_t *size)
{
    many->values = NULL;
    many->buffer = NULL;
    many->count = count;

    int32_t status = polyshm_list_capacity(list, start, count, size);
    if (status < 0)
        return status;
    if (*size > SIZE_MAX || count > SIZE_MAX / sizeof *many->values)
        return POLYSHM_ENOMEM;
    many->values = malloc(count ? (size_t)count * sizeof *many->values : 1);
    many->buffer = malloc(*size ? (size_t)*size : 1);
    return many->values && many->buffer ? POLYSHM_OK : POLYSHM_ENOMEM;
}

/* Reads a range of items. The caller frees them with items_free, also after a failure. */
static inline int32_t items_read(const polyshm_list *list, int64_t start, uint64_t count, items *many)
{
    uint64_t size = 0;
    int32_t status = items_init(list, start, count, many, &size);
    return status < 0 ? status : polyshm_list_read(list, start, count, many->buffer, size, many->values);
}

/* Whether the list was attached read-only; also when closed. A snapshot that timed out cannot be had under the lock
 * then. */
static inline int32_t list_is_readonly(const polyshm_list *list)
{
    polyshm_segment *segment;
    if (polyshm_list_segment(list, &segment) < 0)
        return 0;
    int32_t readonly = polyshm_segment_is_readonly(segment);
    polyshm_segment_unref(segment);
    return readonly;
}

/* How long a snapshot rests that may take no lock and met writers, in nanoseconds. */
enum { SNAPSHOT_REST = 1000000 };

/* Reads all items at one version. As items_read, but what a failure leaves in many, which must be zeros at first, may
 * also be given to another try.
 *
 * A handle's own timeout is 0 in every language, so that this comes back at once from a list that is being written all
 * the time. Who may only read then asks again, for as long as its user's timeout says, and hears signals in between. */
static inline int32_t items_snapshot(const polyshm_list *list, items *many, uint64_t *version)
{
    uint64_t count = 0, size = 0;
    int32_t status = polyshm_list_length(list, &count);
    if (status < 0)
        return status;
    items_free(many);
    if ((status = items_init(list, 0, count, many, &size)) < 0)
        return status;
    status = polyshm_list_snapshot(list, many->buffer, size, many->values, version);
    if (status == POLYSHM_ETIMEDOUT && list_is_readonly(list))
        nanosleep(&(struct timespec){.tv_nsec = SNAPSHOT_REST}, NULL);
    return status;
}

/* Gives the formats of all items as a NUL-terminated text that the caller frees. */
static inline int32_t items_format(const polyshm_list *list, char **text)
{
    uint64_t length = 0, size = 0;
    int32_t status = polyshm_list_length(list, &length);
    if (status < 0)
        return status;
    if (length >= SIZE_MAX / 8)
        return POLYSHM_ENOMEM;

    char *buffer = malloc((size_t)length * 8 + 1);
    if (!buffer)
        return POLYSHM_ENOMEM;
    if ((status = polyshm_list_format(list, buffer, length * 8 + 1, &size)) < 0) {
        free(buffer);
        return status;
    }
    *text = buffer;
    return POLYSHM_OK;
}

#endif
