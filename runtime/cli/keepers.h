/* Who is to remove which block, as this user's books say (book.h). */
#ifndef PSHMI_KEEPERS_H
#define PSHMI_KEEPERS_H

#include <stdio.h>

#include "book.h"
#include "identities.h"

typedef struct {
    pshmi_identity identity; /* the block's */
    char name[PSHMI_NAME_SIZE];
    pshmi_book_kind kind;
    char book[PSHMI_NAME_SIZE]; /* for a manager, its address */
    uint32_t owner;             /* process id; 0 if it is of another pid namespace */
    bool lives;                 /* the owner */
} pshmi_keeper;

typedef struct {
    pshmi_identities found;    /* of pshmi_keeper */
    uint64_t living;           /* books whose owner lives */
    uint64_t ended;            /* books whose owner has ended */
    uint64_t stale;            /* books of another start of the system */
    uint64_t damaged;          /* files that are no books, or none that can be read */
    char one[PSHMI_NAME_SIZE]; /* of those */
} pshmi_keepers;

/* Reads the books in this user's folder, which need not be there. */
int32_t pshmi_keepers_find(pshmi_keepers *keepers);

/* The same; complains, and knows of none, where that cannot be. */
void pshmi_keepers_find_all(pshmi_keepers *keepers);

/* The first that has this block, count of them in all. */
const pshmi_keeper *pshmi_keepers_of(const pshmi_keepers *keepers, pshmi_identity identity, size_t *count);

void pshmi_keepers_free(pshmi_keepers *keepers);

/* Writes who keeps it: "tracked by 12". */
void pshmi_keeper_print(FILE *stream, const pshmi_keeper *keeper);

#endif
