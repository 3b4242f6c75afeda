/* The operations. Each works on the block test_name(0), or on one without a name of its own. */
#include "operations.h"

#include <string.h>
#include <sys/stat.h>

#include "areas.h"
#include "blocks.h"
#include "names.h"
#include "values.h"

#define NAME test_name(0)

enum { SIZE = (2 << 20) + 1 }; /* three chunks of reservation */

/* A list, first as CPython makes it, then with the sync area that polyshm puts behind it. */
static const uint64_t LIST[] = {2, 0, 8, 16, 7, 0x74786574, 'q', '8' | 's' << 8, 0x0100};
enum { LIST_SIZE = 8 * 8 + 2 };
static const uint64_t AREA[] = {0x31636E7973687370, 1 | UINT64_C(1024) << 32, 2, 8, 2312};

const struct results UNTOUCHED = {(polyshm_segment *)0x1234, (polyshm_list *)0x1234, 4711};

static int32_t create(struct results *results)
{
    umask(022); /* so that the mode has to be set */
    return polyshm_segment_create(NAME, SIZE, 0666, 0, &results->segment);
}

static int32_t create_sparse(struct results *results)
{
    return polyshm_segment_create(NAME, SIZE, 0, POLYSHM_SEGMENT_SPARSE, &results->segment);
}

static int32_t create_nameless(struct results *results)
{
    return polyshm_segment_create(NULL, SIZE, 0, 0, &results->segment);
}

static int32_t create_or_attach(struct results *results)
{
    return polyshm_segment_create_or_attach(NAME, 1, 0, 0, &results->segment, &results->number);
}

static int32_t create_list_with(uint32_t flags, struct results *results)
{
    const polyshm_value values[] = {v_int(7), v_str("text")};
    return polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, flags, &results->list);
}

static int32_t create_list(struct results *results)
{
    return create_list_with(0, results);
}

static int32_t create_sparse_list(struct results *results)
{
    return create_list_with(POLYSHM_SEGMENT_SPARSE, results);
}

static int32_t attach(struct results *results)
{
    return polyshm_segment_attach(NAME, 0, 0, &results->segment);
}

static int32_t attach_readonly(struct results *results)
{
    return polyshm_segment_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &results->segment);
}

static int32_t attach_list(struct results *results)
{
    return polyshm_list_attach(NAME, 0, 0, &results->list);
}

static int32_t exists(struct results *results)
{
    return polyshm_segment_exists(NAME, &results->number);
}

static int32_t attached(struct results *results)
{
    return polyshm_segment_attached(NAME, &results->number);
}

const struct operation operations[] = {
    {"create", true, true, create},
    {"create sparse", true, true, create_sparse},
    {"create without a name", true, false, create_nameless},
    {"create or attach, and create", true, true, create_or_attach},
    {"create a list", true, true, create_list},
    {"create a sparse list", true, true, create_sparse_list},
    {"create or attach, and attach", false, true, create_or_attach},
    {"attach", false, true, attach},
    {"attach read-only", false, true, attach_readonly},
    {"attach to a list", false, true, attach_list},
    {"exists", false, true, exists},
    {"attached", false, true, attached},
};
const size_t operations_count = COUNT_OF(operations);

bool results_are_untouched(const struct results *results)
{
    return results->segment == UNTOUCHED.segment && results->list == UNTOUCHED.list &&
           results->number == UNTOUCHED.number;
}

void results_drop(struct results *results)
{
    if (results->segment != UNTOUCHED.segment) {
        polyshm_segment_unlink(results->segment);
        polyshm_segment_unref(results->segment);
    }
    if (results->list != UNTOUCHED.list) {
        polyshm_list_unlink(results->list);
        polyshm_list_unref(results->list);
    }
}

void operation_prepare(const struct operation *operation)
{
    block_remove(NAME);
    if (!operation->creates)
        block_make(NAME, LIST, LIST_SIZE);
}

bool block_is_whole(const char *name)
{
    static char found[SIZE + 1], zeros[SIZE];
    size_t size = block_read(name, found, sizeof found);
    size_t area = area_offset(LIST_SIZE), behind = area + sizeof AREA;
    if (size == LIST_SIZE)
        return memcmp(found, LIST, LIST_SIZE) == 0;
    if (size == area + area_size(2, 8))
        return memcmp(found, LIST, LIST_SIZE) == 0 && memcmp(found + LIST_SIZE, zeros, area - LIST_SIZE) == 0 &&
               memcmp(found + area, AREA, sizeof AREA) == 0 && memcmp(found + behind, zeros, size - behind) == 0;
    return (size == SIZE || size == 1) && memcmp(found, zeros, size) == 0;
}
