/* What can be said of a block without attaching to it.
 *
 * The block may be anybody's: garbage, another user's, about to shrink or to vanish. It is read by pread into private
 * memory, never mapped, so that nothing that its owner does ends this process. */
#ifndef PSHMI_BLOCK_H
#define PSHMI_BLOCK_H

#include "platform.h"

typedef enum { PSHMI_BLOCK_UNKNOWN, PSHMI_BLOCK_EMPTY, PSHMI_BLOCK_RAW, PSHMI_BLOCK_LIST } pshmi_block_kind;

typedef struct {
    char name[256]; /* as the folder has it */
    bool valid;     /* a name that polyshm takes */
    pshmi_identity identity;
    uint64_t size;
    uint64_t used; /* bytes of memory */
    uint32_t mode, owner;
    pshmi_block_kind kind;
    uint64_t items;     /* of a list */
    bool synchronized;  /* it has a sync area */
    bool known, leased; /* whether somebody is attached through polyshm, if that is known */
    char note[256];     /* why the kind is not known, or the list is not served; "" */
} pshmi_block;

/* POLYSHM_ENOENT, POLYSHM_ENOTBLOCK, POLYSHM_ENAME; whatever else is wrong with the block stands in the note. */
int32_t pshmi_block_look(const char *name, pshmi_block *block);

/* "list", ... */
const char *pshmi_block_kind_name(pshmi_block_kind kind);

#endif
