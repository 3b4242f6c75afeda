/* Closing in a process of one thread: the bytes are unmapped at once, and the address is free for others. A program of
 * its own, because Criterion's processes have more threads than one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "children.h"
#include "names.h"
#include "segment.h"

enum { SIZE = 100, SKIPPED = 77 };

static bool is_mapped(char *address)
{
    unsigned char resident;
    return mincore(address, SIZE, &resident) == 0;
}

static polyshm_segment *create(void)
{
    polyshm_segment *segment;
    CHECK(polyshm_segment_create(test_name(0), SIZE, 0, 0, &segment) == POLYSHM_OK);
    CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
    CHECK(is_mapped(segment->address));
    return segment;
}

static void close_unmaps(void)
{
    polyshm_segment *segment = create();
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    CHECK(!is_mapped(segment->address));
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static void the_last_unpin_unmaps(void)
{
    polyshm_segment *segment = create();
    char *address = segment->address;
    CHECK(polyshm_segment_pin(segment) == POLYSHM_OK);
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    CHECK(is_mapped(address));
    CHECK(polyshm_segment_unpin(segment) == POLYSHM_OK);
    CHECK(!is_mapped(address));
    polyshm_segment_unref(segment);
}

static void unref_leaves_what_others_map_there_later(void)
{
    polyshm_segment *segment = create();
    char *address = segment->address;
    CHECK(polyshm_segment_close(segment) == POLYSHM_OK);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    CHECK(mmap(address, SIZE, PROT_READ | PROT_WRITE, flags, -1, 0) == address);
    polyshm_segment_unref(segment);
    CHECK(is_mapped(address));
    CHECK(munmap(address, SIZE) == 0);
}

int main(void)
{
    if (!pshmi_thread_is_alone()) {
        puts("skipped: this C library does not tell whether there are other threads");
        return SKIPPED;
    }
    close_unmaps();
    the_last_unpin_unmaps();
    unref_leaves_what_others_map_there_later();
    return EXIT_SUCCESS;
}
