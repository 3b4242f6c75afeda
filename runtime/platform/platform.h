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

static inline bool pshmi_identity_equal(pshmi_identity one, pshmi_identity other)
{
    return one.device == other.device && one.inode == other.inode;
}

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

/* Copies size bytes from offset on into data; *got says how many there were, fewer only where the file ends. */
int32_t pshmi_file_read(const pshmi_file *file, const char *name, uint64_t offset, void *data, uint64_t size,
                        uint64_t *got);

/* Closes it; ends its lease; removes it if it was created and not published. errno stays. */
void pshmi_file_close(pshmi_file *file);

/* Gives the file a description of its own, under the same descriptor, with an alive lease of its own. For a child after
 * fork: the one that it inherited would keep its parent's leases alive. Makes only calls that are safe there
 * (signal-safety(7)). If that cannot be, the file is closed. */
void pshmi_file_reopen(pshmi_file *file, bool readonly);

/* Which file system the blocks are in. */
int32_t pshmi_file_device(uint64_t *device);

/* Whether the name stands for this very block; true, too, when the system refuses to tell, so that nobody forgets it. */
bool pshmi_file_is(const char *name, pshmi_identity identity);

/* Calls visit for every name among the blocks, in no order, whatever it stands for. */
int32_t pshmi_file_visit(void (*visit)(void *user, const char *name), void *user);

/* Looks for the name. */
int32_t pshmi_file_exists(const char *name, bool *exists);

/* Takes the whole file's lock, which belongs to the open file description: so it orders threads, and a parent and its child,
 * too. POLYSHM_ETIMEDOUT if another has it for a second. purpose and name: for the message, as in pshmi_system_fail. */
int32_t pshmi_file_lock(const pshmi_file *file, const char *purpose, const char *name);

/* Gives it back; closing alone does not, when a child that another thread forked has the description, too. */
void pshmi_file_unlock(const pshmi_file *file);

/* Removes the name if it stands for this very block; POLYSHM_ENOENT otherwise. Two processes that unlink at once
 * cannot remove each other's next block of that name: a lock on the block orders them. */
int32_t pshmi_file_unlink(const char *name, pshmi_identity identity);

/* Removes the block's name if it stands for this very block and nobody is attached: no description but the caller's has the
 * file open, be its process one that uses polyshm or not. While it looks and removes, nobody can open it. gone: the name
 * does not, or no longer, stand for that block; or the block is not this user's to remove. dry: removes nothing, gone tells
 * whether it would. */
int32_t pshmi_file_reap(const char *name, pshmi_identity identity, bool dry, bool *gone);

/* Takes a share of the block's alive lease: an open-file-description lock on a byte far behind the file's end, which
 * the kernel drops when the description's last holder is gone, however it went, in whatever container. */
int32_t pshmi_lease_share(const pshmi_file *file, const char *name);

/* Gives it back, before the file is closed. */
void pshmi_lease_end(const pshmi_file *file);

/* Asks whether any other open file description holds a share. */
int32_t pshmi_lease_is_held(const pshmi_file *file, const char *name, bool *held);

/* Takes the lease of one participant's number for itself, if nobody else has it. Needs a file open for writing. */
int32_t pshmi_lease_take(const pshmi_file *file, const char *name, uint32_t number, bool *taken);

/* Gives it back. */
void pshmi_lease_give(const pshmi_file *file, uint32_t number);

/* Whether another open file description has that lease. */
int32_t pshmi_lease_is_taken(const pshmi_file *file, const char *name, uint32_t number, bool *taken);

/* Whether a block of this size has room in the address space at all: POLYSHM_ENOMEM. */
int32_t pshmi_mapping_check(const char *name, uint64_t size);

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

/* Sleeps for about so many seconds; POLYSHM_EINTR (without words: many a caller goes on) when a signal handler ran. */
int32_t pshmi_clock_sleep(double seconds);

/* Tells the processor that this is a loop that waits. */
void pshmi_clock_relax(void);

/* Sleeps while the word of shared memory is expected, until it is woken. POLYSHM_OK also if the word is another by now,
 * and now and then without a reason; POLYSHM_ETIMEDOUT (without words) when the seconds are over; POLYSHM_EINTR. */
int32_t pshmi_futex_wait(_Atomic uint32_t *word, uint32_t expected, double timeout);

/* Wakes so many who sleep on the word, in whatever process. */
void pshmi_futex_wake(_Atomic uint32_t *word, int32_t count);

enum { PSHMI_PATH_SIZE = 1280 };

/* The folder in which helpers and those whom they help meet: $XDG_RUNTIME_DIR/polyshm, else /tmp/polyshm-UID. It is made if
 * it is not there. POLYSHM_EACCES if it is another user's, or open to others. */
int32_t pshmi_folder_path(char path[PSHMI_PATH_SIZE]);

/* The same for whoever only looks: it is not made, there tells whether it is there. */
int32_t pshmi_folder_find(char path[PSHMI_PATH_SIZE], bool *there);

/* Calls visit for every name in the folder, in no order. */
int32_t pshmi_folder_visit(const char *folder, void (*visit)(void *user, const char *name), void *user);

/* A file of records, which several processes share. Each record is written in one piece, also by a process that dies. Its
 * leases are those of a block. */
enum { PSHMI_RECORD_SIZE = 512 };
typedef struct {
    pshmi_file file;
    int appender; /* a description of its own, that only appends */
} pshmi_records;

/* Makes a file, readable and writable by this user alone, takes the lease of number 0 in it, and writes its first record.
 * Others may see it before it has one. Whoever removes a file that seems abandoned takes that lease first. POLYSHM_EEXIST. */
int32_t pshmi_records_create(const char *path, const void *first, pshmi_records *records);

/* Opens one. POLYSHM_ENOENT; POLYSHM_EACCES if it is another user's; POLYSHM_ENOTBLOCK if it is no regular file. */
int32_t pshmi_records_open(const char *path, bool readonly, pshmi_records *records);

void pshmi_records_close(pshmi_records *records);

/* Removes the path. */
void pshmi_records_unlink(const char *path);

/* Whether the file has no path any more. */
bool pshmi_records_is_unlinked(const pshmi_records *records);

/* Adds a record behind the last one, and gives its number. POLYSHM_ECORRUPT if somebody left a part of a record there. */
int32_t pshmi_records_append(pshmi_records *records, const void *record, uint64_t *number);

int32_t pshmi_records_write(const pshmi_records *records, uint64_t number, const void *record);

/* Reads a record; there is false behind the last one. */
int32_t pshmi_records_read(const pshmi_records *records, uint64_t number, void *record, bool *there);

/* Waiting until files are closed, by whatever process, however it ends; where the system gives no more of what that takes,
 * by waking ten times a second. Who wakes looks for itself what there is to do. */
typedef struct {
    int descriptor;
    int first, last; /* the numbers of watched blocks are in between */
    bool has_folder; /* and the file in it */
    bool blind;      /* something of what is to be watched is not */
} pshmi_watch;

/* Watches the files in a folder that are open for writing, and whether the folder or this file in it is moved, or the file
 * removed: no folder is removed before that. */
void pshmi_watch_open(pshmi_watch *watch, const char *folder, const char *file);
void pshmi_watch_close(pshmi_watch *watch);

/* Watches a block, however it is open, until the next reset. */
void pshmi_watch_add(pshmi_watch *watch, const char *name);

/* Forgets the blocks, and what happened: to be called before one looks, so that one's own looking wakes nobody. */
void pshmi_watch_reset(pshmi_watch *watch);

/* Waits until a watched file is closed, or what is watched is gone. POLYSHM_OK, POLYSHM_ETIMEDOUT (without words), POLYSHM_EINTR. The leases of a file
 * go a moment after that. */
int32_t pshmi_watch_wait(const pshmi_watch *watch, double timeout);

/* Starts the helper, `polyshm manager`, for a folder, and waits until it is at work. It is nobody's child and keeps nothing
 * of this process open. The program is looked for beside the library, in the bin folder of its prefix, and where
 * POLYSHM_COMMAND says. */
int32_t pshmi_helper_start(const char *folder);

/* What tells one start of the system from the next; "" where there is no /proc. */
int32_t pshmi_boot_id(char id[37]);

/* What tells the namespace of this process's id from others; 0 where there is no /proc. */
uint64_t pshmi_pid_namespace(void);

/* 32 unpredictable bits. */
uint32_t pshmi_random(void);

/* The effective user's id. */
uint32_t pshmi_user(void);

#endif
