/* Facts about a block (block.h). */
#include "block.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "area.h"
#include "geometry.h"
#include "memory.h"
#include "system.h"

enum { WORD = 8, EMPTY_LIST = 16, CHUNK = 1 << 20 };

const char *pshmi_block_kind_name(pshmi_block_kind kind)
{
    static const char *const names[] = {"unknown", "empty", "raw", "list"};
    return names[kind];
}

uint64_t pshmi_block_read(const pshmi_file *file, uint64_t offset, void *data, uint64_t size)
{
    uint64_t done = 0;
    while (done < size) {
        ssize_t got = pread(file->descriptor, (char *)data + done, (size_t)(size - done), (off_t)(offset + done));
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        done += got > 0 ? (uint64_t)got : 0;
    }
    return done;
}

static void take(pshmi_block *block, const struct stat *status)
{
    block->identity = (pshmi_identity){.device = status->st_dev, .inode = status->st_ino};
    block->size = (uint64_t)status->st_size;
    block->used = (uint64_t)status->st_blocks * 512;
    block->mode = status->st_mode & 07777;
    block->owner = status->st_uid;
}

static void note(pshmi_block *block, const char *why)
{
    snprintf(block->note, sizeof block->note, "%s", why);
}

/* Copies what tells whether it is a list: the offsets, and the last item's format. False where there is a hole among
 * them, as in a block that only claims to have many items; it is not read on, and needs no memory. */
static bool copy_header(const pshmi_file *file, uint64_t count, uint64_t *copy)
{
    uint64_t size = WORD * (count + 2), got = CHUNK, at = 0;
    for (; at < size && got == CHUNK; at += got) {
        uint64_t chunk = size - at < CHUNK ? size - at : CHUNK;
        got = pshmi_block_read(file, at, (char *)copy + at, chunk);
        if (at && copy[at / WORD] == 0)
            return false;
    }
    uint64_t last = copy[count + 1];
    if (last < file->size && last % WORD == 0 && size + last + WORD * count <= file->size)
        pshmi_block_read(file, size + last + WORD * (count - 1), copy + count + 1 + last / WORD + count, WORD);
    return true;
}

/* Whether there is a sync area behind the list. */
static pshmi_verdict check_area(const pshmi_file *file, const pshmi_geometry *geometry, bool *present)
{
    pshmi_area_header header = {0};
    const char *why = NULL;
    uint64_t offset = pshmi_area_offset(geometry->size);
    *present = false;
    if (offset >= file->size)
        return PSHMI_FINE;
    uint64_t got = pshmi_block_read(file, offset, &header, sizeof header);
    int32_t status = pshmi_area_check(&header, got < sizeof header ? got : file->size - offset, geometry->count,
                                      geometry->largest, present, &why);
    return status ? PSHMI_BAD(status, why) : PSHMI_FINE;
}

/* Judges the copy of a block whose size and item count fit. */
static void judge(const pshmi_file *file, const uint64_t *copy, uint64_t count, pshmi_block *block)
{
    pshmi_geometry geometry;
    uint64_t *offsets = pshmi_memory_allocate(count + 1, sizeof *offsets);
    if (!offsets) {
        block->kind = PSHMI_BLOCK_UNKNOWN;
        note(block, polyshm_error_message());
        return;
    }
    pshmi_verdict verdict = pshmi_geometry_read(copy, block->size, count, offsets, &geometry);
    if (!verdict.status) {
        verdict = check_area(file, &geometry, &block->synchronized);
        if (verdict.status || count || block->synchronized || block->size == EMPTY_LIST)
            block->kind = PSHMI_BLOCK_LIST;
        block->items = count;
    }
    if (verdict.status == POLYSHM_ELAYOUT) {
        block->kind = PSHMI_BLOCK_LIST;
        note(block, verdict.why);
    }
    free(offsets);
}

/* The layout's functions look at a block as a whole. Here that is private memory, of which only what is copied is
 * there. */
static void inspect(const pshmi_file *file, pshmi_block *block)
{
    uint64_t count;
    uint64_t size = block->size < CHUNK ? CHUNK : block->size;
    uint64_t *copy = MAP_FAILED;
    if (size <= SIZE_MAX)
        copy = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (copy == MAP_FAILED) {
        note(block, "it is too large to be looked into");
        return;
    }
    pshmi_block_read(file, 0, copy, CHUNK);
    pshmi_verdict verdict = pshmi_geometry_peek(copy, block->size, &count);
    if (!verdict.status) {
        block->kind = PSHMI_BLOCK_RAW;
        if (!count || copy_header(file, count, copy))
            judge(file, copy, count, block);
    } else {
        block->kind = verdict.status == POLYSHM_ELAYOUT ? PSHMI_BLOCK_LIST : PSHMI_BLOCK_RAW;
        if (verdict.status == POLYSHM_ELAYOUT)
            note(block, verdict.why);
    }
    munmap(copy, (size_t)size);
}

static void look_inside(pshmi_block *block)
{
    pshmi_file file;
    struct stat status;
    if (pshmi_file_open(block->name, true, &file)) {
        note(block, polyshm_error_message());
        return;
    }
    if (fstat(file.descriptor, &status) == 0)
        take(block, &status);
    file.size = block->size;
    if (block->size)
        inspect(&file, block);
    block->known = pshmi_lease_is_held(&file, block->name, &block->leased) == POLYSHM_OK;
    pshmi_file_close(&file);
}

int32_t pshmi_block_look(const char *name, pshmi_block *block)
{
    struct stat status;
    char path[sizeof PSHMI_SYSTEM_BLOCKS + sizeof block->name];
    int32_t failure = pshmi_name_check(name);
    *block = (pshmi_block){.valid = !failure};
    /* Nothing in the folder can have such a name; what breaks the other rules only, can, and is shown. */
    if (!*name || strchr(name, '/') || strlen(name) >= sizeof block->name)
        return failure;
    snprintf(block->name, sizeof block->name, "%s", name);
    snprintf(path, sizeof path, PSHMI_SYSTEM_BLOCKS "/%s", block->name);
    if (lstat(path, &status) != 0)
        return pshmi_system_fail("look at", name);
    if (!S_ISREG(status.st_mode))
        return pshmi_fail(POLYSHM_ENOTBLOCK, "'%s' is no block: %s is no regular file", name, path);
    take(block, &status);
    if (!block->valid)
        note(block, "its name is none that polyshm can open");
    else
        look_inside(block);
    if (block->size == 0)
        block->kind = PSHMI_BLOCK_EMPTY;
    return POLYSHM_OK;
}
