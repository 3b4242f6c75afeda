/* Facts about a block (block.h). */
#include "block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "recognize.h"
#include "system.h"

const char *pshmi_block_kind_name(pshmi_block_kind kind)
{
    static const char *const names[] = {"unknown", "empty", "raw", "list"};
    return names[kind];
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

static void inspect(const pshmi_file *file, pshmi_block *block)
{
    pshmi_geometry geometry;
    pshmi_verdict verdict = pshmi_recognize(file, block->name, &geometry, &block->synchronized);
    switch (verdict.status) {
    case POLYSHM_OK:
        block->kind = PSHMI_BLOCK_LIST;
        block->items = geometry.count;
        free(geometry.offsets);
        break;
    case POLYSHM_ELAYOUT:
        block->kind = PSHMI_BLOCK_LIST;
        note(block, verdict.why);
        break;
    case POLYSHM_ENOTLIST:
    case POLYSHM_EEMPTY:
        block->kind = PSHMI_BLOCK_RAW;
        break;
    default:
        note(block, polyshm_error_message());
    }
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
