/* Status codes, versions, and the words behind a failure. */
#ifndef POLYSHM_BASE_H
#define POLYSHM_BASE_H

#include <stdint.h>

#include "polyshm/begin.h"

/* What a function returns. The numbers are pinned: none is ever changed or used again.
 * polyshm/errors.def adds a text to each, and the class that it becomes in each language. */
enum {
    POLYSHM_OK = 0, /* all went well */

    POLYSHM_OWNER_DIED = 1, /* a warning: the lock is taken, but its last holder died with it */

    POLYSHM_EINVAL = -1,       /* an argument is NULL or out of its range, or an unknown flag is set */
    POLYSHM_ECLOSED = -2,      /* the handle was closed */
    POLYSHM_ENAME = -3,        /* the name is not 1 to 250 bytes of UTF-8 without '/', or is "." or ".." */
    POLYSHM_EEXIST = -4,       /* a block of that name exists */
    POLYSHM_ENOENT = -5,       /* no block of that name exists */
    POLYSHM_EACCES = -6,       /* the system refuses access, or the block belongs to another user */
    POLYSHM_EREADONLY = -7,    /* the attachment is read-only */
    POLYSHM_ENOSPC = -8,       /* the shared memory file system has no room for the block */
    POLYSHM_ENOMEM = -9,       /* this process or the system is out of memory */
    POLYSHM_EMFILE = -10,      /* this process or the system is out of file descriptors */
    POLYSHM_ETIMEDOUT = -11,   /* the time ran out */
    POLYSHM_EINTR = -12,       /* a signal handler ran while the call waited; call again to go on */
    POLYSHM_ERANGE = -13,      /* an offset, size or number lies outside what it may be */
    POLYSHM_EINDEX = -14,      /* the list has no such item */
    POLYSHM_ETYPE = -15,       /* the value is of no type that a list can hold */
    POLYSHM_ETOOLONG = -16,    /* the text or bytes are longer than the slot, or than any slot can be */
    POLYSHM_ENOBUFS = -17,     /* the caller's buffer is too small for the result */
    POLYSHM_ENOTFOUND = -18,   /* no item of the list equals the value */
    POLYSHM_ENOTBLOCK = -19,   /* the name stands for a link, folder or device, not for a block */
    POLYSHM_EEMPTY = -20,      /* the block has no bytes, and got none while the call waited */
    POLYSHM_ENOTLIST = -21,    /* the block's bytes are no list */
    POLYSHM_ELAYOUT = -22,     /* the block is a list in a layout that this version does not serve */
    POLYSHM_ECORRUPT = -23,    /* an item's format, kind or content is not what any writer makes */
    POLYSHM_EUTF8 = -24,       /* the text is not valid UTF-8 */
    POLYSHM_ESYSTEM = -25,     /* the system failed in a way that no other code names; the message says how */
    POLYSHM_ENOSYNC = -26,     /* the list has no sync area: a stock CPython made it */
    POLYSHM_ENOTOWNER = -27,   /* this thread does not hold the list's lock */
    POLYSHM_ENOTMANAGER = -28, /* what is at the address is no manager's */
    POLYSHM_EAUTHKEY = -29,    /* the manager has another authkey */
    POLYSHM_ENOTSTARTER = -30  /* this process did not start the manager */
};

/* The version of the library, "MAJOR.MINOR.PATCH". Never NULL; never freed. */
const char *polyshm_version(void);

/* The version of the ABI, which is also the soname's: 1. It changes only if a published function changes or goes. */
uint32_t polyshm_abi_version(void);

/* What all of these headers declare, as data for a program that loads the library: JSON, in the form that abi/ABI.md tells,
 * in ASCII. The file polyshm.abi.json has the same bytes. Never NULL; never freed. */
const char *polyshm_abi_description(void);

/* The name of a status, such as "POLYSHM_ENOENT"; "POLYSHM_UNKNOWN" for a number that is none. Never NULL; never
 * freed. */
const char *polyshm_status_name(int32_t status);

/* What a status means, in a few words, such as "no such block"; "unknown status" for a number that is none.
 * Never NULL; never freed. */
const char *polyshm_status_text(int32_t status);

/* The last failure of a polyshm function in this thread, in words: what was tried, on which block and item, why it
 * failed and, where there is one, the way out. "" when none failed yet. A success leaves it as it is.
 * UTF-8; the bytes belong to the library and change with the next failure in this thread. */
const char *polyshm_error_message(void);

#include "polyshm/end.h"

#endif
