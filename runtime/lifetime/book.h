/* Books: who has to unlink which blocks.
 *
 * A book is a file of records in this user's folder (platform.h). Its owner is the process that made it, and holds the
 * lease of number 0 in it for as long as it lives. The first record says what book it is; each other record has the name
 * and the identity of a block, and is written before the block gets its name. So there is no instant at which a block is in
 * /dev/shm and in no book.
 *
 *   tracked    a process's own: when the process is gone, each block goes as soon as nobody is attached to it
 *   managed    a manager's, in which others write, too: when the owner is gone, or says so, all blocks go at once
 *
 * A client, who adds a block to another's book, holds the alive lease of the book's file until the block has its name. A book
 * is removed only when it is closed or has no owner, and nobody holds that lease; who comes later sees that, and creates
 * nothing. The owner need not hold it: while a thread of it names a block, the owner lives, closes nothing (pshmi_fork_hold),
 * and nobody but itself uses its records again.
 *
 * All that is to be known stands in the book, so that it does not matter how many processes die, nor which one cleans up
 * (reaper.h). A block is unlinked only if its name stands for the identity in the book. */
#ifndef PSHMI_BOOK_H
#define PSHMI_BOOK_H

#include "helper.h"

typedef enum { PSHMI_BOOK_TRACKED = 1, PSHMI_BOOK_MANAGED = 2 } pshmi_book_kind;

enum { PSHMI_BOOK_KEY_MAX = 255 };

/* So many blocks at least are entered before one looks for records that are of no use any more. */
enum { PSHMI_BOOK_SWEEP_AFTER = 256 };

/* Numbers of the records that a handle has written and that are free again. */
typedef struct {
    uint64_t *numbers;
    uint64_t count, room;
    uint64_t due;   /* blocks to be entered until one looks for more of them */
    uint32_t claim; /* the number of the lease that keeps others from using them; 0: the owner's, or there are none */
} pshmi_book_spares;

/* A handle; it stays where it is while it is open. */
typedef struct {
    pshmi_records records;
    char name[PSHMI_NAME_SIZE]; /* in the folder */
    char path[PSHMI_PATH_SIZE];
    uint32_t serial; /* tells it from the next book of that name */
    bool owner;
    bool shut; /* the owner has closed it */
    bool open;
    pshmi_book_spares spares;
    pshmi_helper_contact contact;
    pshmi_follower follower; /* a child of fork is not the owner, and opens the book anew when it uses it */
} pshmi_book;

/* What a book says of itself, and of a block. */
typedef struct {
    pshmi_book_kind kind;
    uint32_t owner; /* process id, for people; not used. 0 if it is of another pid namespace */
    bool closed;
    bool stale;   /* of another start of the system: its blocks are gone */
    bool foreign; /* of another /dev/shm, as containers have them: its blocks are not ours */
} pshmi_book_title;

typedef struct {
    char name[PSHMI_NAME_SIZE];
    pshmi_identity identity;
} pshmi_book_entry;

/* Makes a book that this process owns, and sees that a helper is at work. name: in the folder; NULL for a fresh one.
 * POLYSHM_EEXIST if there is one of that name. */
int32_t pshmi_book_create(pshmi_book_kind kind, const char *name, const void *key, uint64_t key_size, pshmi_book *book);

/* Opens a manager's book. POLYSHM_ENOENT if there is none whose owner lives, POLYSHM_EAUTHKEY for the wrong key,
 * POLYSHM_ENOTMANAGER if it is something else, POLYSHM_ELAYOUT if it is another version's. */
int32_t pshmi_book_open(const char *name, const void *key, uint64_t key_size, pshmi_book *book);

/* Opens any book to look at it. A file without a first record is shown as a stale book: its owner is about to write it, or
 * died before. */
int32_t pshmi_book_open_any(const char *folder, const char *name, pshmi_book *book, pshmi_book_title *title);

/* Sees that the book can be used: POLYSHM_ENOENT if it was closed, or its owner is gone. */
int32_t pshmi_book_attend(pshmi_book *book);

/* Closes the file; who was the owner is no longer. Nothing is unlinked. Twice is fine. */
void pshmi_book_close(pshmi_book *book);

/* In a hold: keeps the book from being removed until leave. POLYSHM_ENOENT if it was closed, or its owner is gone. */
int32_t pshmi_book_enter(pshmi_book *book);
void pshmi_book_leave(const pshmi_book *book);

/* Enters a block that is about to get its name, and gives the number of its record. Until end, the block can be named:
 * whoever cleans up waits. POLYSHM_ENOENT if the book was closed, or its owner is gone. */
int32_t pshmi_book_begin(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *number);
void pshmi_book_end(pshmi_book *book);

/* Takes a block out; its record is for the next one. */
void pshmi_book_remove(pshmi_book *book, uint64_t number);

/* Leaves the records that this handle has for the next blocks to others. Before it is closed. */
void pshmi_book_give_back(pshmi_book *book);

/* Takes out the blocks of that name and identity, by whomever they were entered; struck: how many there were. */
int32_t pshmi_book_strike(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *struck);

/* Reads the entry in a record, from number 1 on; used tells whether there is one in it; there is false behind the last. */
int32_t pshmi_book_read(const pshmi_book *book, uint64_t number, pshmi_book_entry *entry, bool *used, bool *there);

/* Says in a book of this process's own that it is closed: nobody adds to it any more, but for those who have begun in other
 * processes. */
int32_t pshmi_book_shut(pshmi_book *book);

/* Whether the book was removed. */
bool pshmi_book_is_gone(const pshmi_book *book);

/* Sees that a helper waits for its owner to end. */
int32_t pshmi_book_ensure_helper(pshmi_book *book);

/* Removes the book, if the system permits it, unless it turns out to have an owner who is about to write it, or a client that
 * is naming a block: false then. */
bool pshmi_book_unlink(const pshmi_book *book);

/* Whether somebody holds the owner's lease, if only to remove the book; whether its owner lives, and has not closed it;
 * whether somebody but the owner is in between begin and end. */
int32_t pshmi_book_is_owned(const pshmi_book *book, bool *owned);
int32_t pshmi_book_is_living(const pshmi_book *book, bool *living);
int32_t pshmi_book_is_busy(const pshmi_book *book, bool *busy);

#endif
