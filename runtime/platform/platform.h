/* What polyshm needs from the operating system. Only this layer makes system calls.
 *
 * Blocks are files in one folder, /dev/shm on Linux, which is where shm_open(3) keeps them. A pshmi_file is an open
 * block, named or not. Every function that can fail returns a status and records the words; none changes anything
 * when it fails. Descriptors are close-on-exec. After fork a child shares its parent's open files, and with them
 * their leases, which end when both have closed them: whoever opens a file follows forks. When a process dies, its files
 * are closed. */
#ifndef PSHMI_PLATFORM_H
#define PSHMI_PLATFORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "name.h"

/* Which block it is, whatever its name: the kernel does not give this pair away again while the block is open. */
typedef struct {
    uint64_t device;
    uint64_t inode;
} pshmi_identity;

typedef struct {
    int descriptor;
    uint32_t owner; /* the user's id */
    uint64_t size;
    pshmi_identity identity;
    char hidden[PSHMI_NAME_SIZE]; /* the name that stands in until it is published; "" if it needs none */
} pshmi_file;

/* Opens a new block of size bytes (1 to INT64_MAX) that has no name yet, with these contents (NULL: zeros), and holds
 * its lease. Unless it is sparse its memory is really there: a later write cannot fail. If the process dies now, the
 * block is gone. The name is for the words of a failure. */
int32_t pshmi_file_create(const char *name, const void *contents, uint64_t size, uint32_t mode, bool sparse,
                          pshmi_file *file);

/* Gives a new block its name, in one step: POLYSHM_EEXIST if the name is taken. */
int32_t pshmi_file_publish(pshmi_file *file, const char *name);

/* Opens the block of this name. Links are not followed, and nothing but a regular file is opened. Takes no lease. */
int32_t pshmi_file_open(const char *name, bool readonly, pshmi_file *file);

/* Closes it; ends its lease; removes it if it was created and not published. errno stays. */
void pshmi_file_close(pshmi_file *file);

/* Gives the file a description of its own, under the same descriptor, with an alive lease of its own. For a child after
 * fork: the one that it inherited would keep its parent's leases alive. Makes only calls that are safe there
 * (signal-safety(7)). If that cannot be, the file is closed. */
void pshmi_file_reopen(pshmi_file *file, bool readonly);

/* Looks for the name. */
int32_t pshmi_file_exists(const char *name, bool *exists);

/* Removes the name if it stands for this very block; POLYSHM_ENOENT otherwise. Two processes that unlink at once
 * cannot remove each other's next block of that name: a lock on the block orders them. */
int32_t pshmi_file_unlink(const char *name, pshmi_identity identity);

/* Takes a share of the block's alive lease: an open-file-description lock on a byte far behind the file's end, which
 * the kernel drops when the description's last holder is gone, however it went, in whatever container. */
int32_t pshmi_lease_share(const pshmi_file *file, const char *name);

/* Asks whether any other open file description holds a share. */
int32_t pshmi_lease_is_held(const pshmi_file *file, const char *name, bool *held);

/* Takes the lease of one participant's number for itself, if nobody else has it. Needs a file open for writing. */
int32_t pshmi_lease_take(const pshmi_file *file, const char *name, uint32_t number, bool *taken);

/* Whether another open file description has that lease. */
int32_t pshmi_lease_is_taken(const pshmi_file *file, const char *name, uint32_t number, bool *taken);

/* Maps the whole block. */
int32_t pshmi_mapping_open(const pshmi_file *file, bool readonly, const char *name, void **address);

/* Maps it again, at the same address, after its file was reopened: a mapping holds the description that it was made with,
 * and so its leases. If the system refuses, the mapping stays as it is. */
void pshmi_mapping_reopen(const pshmi_file *file, bool readonly, void *address);

/* Puts private zeros in the place of a mapping. A thread that is reading or writing there at this moment goes on
 * without a fault; the block's memory is let go. If the system has no memory for that, the mapping stays. */
void pshmi_mapping_blank(void *address, uint64_t size);

void pshmi_mapping_close(void *address, uint64_t size);

/* What a child of fork does about something that it inherits, before fork returns there: it has its parent's open files,
 * and with them its parent's leases, so that the parent would seem alive as long as the child lives. The function makes
 * only calls that are safe there (signal-safety(7)). A child that is made without it (vfork, clone) must not use what it
 * inherited. */
typedef struct pshmi_follower {
    void (*forked)(void *user);
    void *user;
    struct pshmi_follower *next, **link; /* among all of this process */
} pshmi_follower;

/* Keeps forks away until let: for a moment, and not again in the same thread. Meanwhile files can be closed of which a child
 * would not know. */
void pshmi_fork_hold(void);
void pshmi_fork_let(void);

/* How many forks there were. Whoever opens a file, and finds the count another when it follows, shares the file's
 * description with a child that does not know of it. */
uint64_t pshmi_fork_count(void);

/* Has it called in children from now on, or no longer; in a hold. pshmi_fork_count was called before. */
void pshmi_fork_follow(pshmi_follower *follower);
void pshmi_fork_unfollow(pshmi_follower *follower);

/* Whether this is certainly the only thread of the process. */
bool pshmi_thread_is_alone(void);

/* A point in time, in seconds of a clock that never goes back. */
double pshmi_clock_now(void);

/* Sleeps for about so many seconds; POLYSHM_EINTR when a signal handler ran. */
int32_t pshmi_clock_sleep(double seconds);

/* Tells the processor that this is a loop that waits. */
void pshmi_clock_relax(void);

/* Sleeps while the word of shared memory is expected, until it is woken. POLYSHM_OK also if the word is another by now,
 * and now and then without a reason; POLYSHM_ETIMEDOUT (without words) when the seconds are over; POLYSHM_EINTR. */
int32_t pshmi_futex_wait(_Atomic uint32_t *word, uint32_t expected, double timeout);

/* Wakes so many who sleep on the word, in whatever process. */
void pshmi_futex_wake(_Atomic uint32_t *word, int32_t count);

/* 32 unpredictable bits. */
uint32_t pshmi_random(void);

/* The effective user's id. */
uint32_t pshmi_user(void);

#endif
