/* The helper of a folder of books: one process that cleans up after those whose owner is gone (reaper.h).
 *
 * It holds a lease on a file in the folder. Whoever makes a book looks for that lease afterwards, and starts a helper if
 * nobody has it. A helper that finds no book gives the lease back, then looks once more. So one of the two sees what the
 * other did, and no book is without a helper. */
#ifndef PSHMI_HELPER_H
#define PSHMI_HELPER_H

#include "platform.h"

#define PSHMI_HELPER_FILE "helper"

typedef struct {
    pshmi_records records;
    char path[PSHMI_PATH_SIZE];
} pshmi_helper;

/* The helper's file, kept open so that asking again is one call. It holds no lease: a child of fork may ask through it, too. */
typedef struct {
    pshmi_helper helper;
    uint32_t lease;
    bool open;
} pshmi_helper_contact;

/* Sees that there is a helper for the folder and this /dev/shm, if only one that has ended since. One that was killed has its
 * lease until the kernel has closed its files, a moment later: it still counts then, as one that is killed a moment later
 * does; the next who asks sees it. Begin with a contact of zeros, and forget it at the end. */
int32_t pshmi_helper_ensure(pshmi_helper_contact *contact, const char *folder);
void pshmi_helper_forget(pshmi_helper_contact *contact);

/* Becomes the helper of the folder; taken is false if there is one. A child of fork goes on being it when its parent
 * ends. */
int32_t pshmi_helper_become(const char *folder, pshmi_helper *helper, bool *taken);

/* Writes the helper's process id into the file, with the namespace that it has in: for people, and for who started it. */
int32_t pshmi_helper_sign(const pshmi_helper *helper, uint32_t process);

/* Whether who looks for the folder's helper comes to this one: its file is where it was. */
bool pshmi_helper_is_found(const pshmi_helper *helper);

/* Gives that up. */
void pshmi_helper_resign(pshmi_helper *helper);

/* Whether the folder has a helper, and its process id: 0 if there is none, or it is of another pid namespace. */
int32_t pshmi_helper_find(const char *folder, bool *taken, uint32_t *process);

#endif
