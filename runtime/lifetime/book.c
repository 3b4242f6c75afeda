/* A book's life: made, opened, closed and removed, and who owns it (book.h has the protocol). */
#include "book.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define MAGIC UINT64_C(0x316B6F6F62687370) /* "pshbook1", little-endian */

enum { VERSION = 1, OWNER = 0 }; /* OWNER is the number of a lease */

typedef struct {
    uint64_t magic;
    uint32_t version;
    uint32_t kind;
    uint32_t closed;
    uint32_t owner;  /* process id */
    uint64_t device; /* of the file system that the blocks are in */
    char boot[40];
    uint32_t key_size;
    char key[PSHMI_BOOK_KEY_MAX];
    uint32_t serial; /* unpredictable: which book of that name it is */
    uint64_t pids;   /* the namespace that owner is in; 0 if it is not known */
    char rest[168];
} title;

_Static_assert(sizeof(title) == PSHMI_RECORD_SIZE, "one record");
_Static_assert(offsetof(title, key_size) == 72 && offsetof(title, pids) == 336, "the same on every machine");

static int32_t set_path(pshmi_book *book, const char *folder, const char *name)
{
    int size = snprintf(book->name, sizeof book->name, "%s", name);
    int path_size = snprintf(book->path, sizeof book->path, "%s/%s", folder, name);
    if (size < (int)sizeof book->name && path_size < (int)sizeof book->path)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENAME, "'%s/%s' is too long for a manager's book", folder, name);
}

static int32_t fail_ended(const pshmi_book *book)
{
    return pshmi_fail(POLYSHM_ENOENT, "the manager '%s' has shut down, or the process that started it has ended",
                      book->name);
}

static int32_t read_title(const pshmi_book *book, title *found)
{
    bool there = false;
    int32_t failure = pshmi_records_read(&book->records, 0, found, &there);
    if (failure)
        return failure;
    if (!there || found->magic != MAGIC || (found->kind != PSHMI_BOOK_TRACKED && found->kind != PSHMI_BOOK_MANAGED))
        return pshmi_fail(POLYSHM_ENOTMANAGER, "'%s' is no manager's, or is damaged", book->path);
    if (found->version != VERSION)
        return pshmi_fail(POLYSHM_ELAYOUT, "the manager '%s' is of version %" PRIu32 ", this polyshm of %d", book->name,
                          found->version, VERSION);
    return POLYSHM_OK;
}

/* Opens the file anew in a child after fork; the path may be another book's by now. */
static int32_t reopen(pshmi_book *book)
{
    title found;
    if (!book->open)
        return fail_ended(book);
    if (book->records.file.descriptor >= 0)
        return POLYSHM_OK;
    int32_t failure = pshmi_records_open(book->path, false, &book->records);
    if (failure == POLYSHM_ENOENT)
        return fail_ended(book);
    if (failure)
        return failure;
    if (!(failure = read_title(book, &found)) && found.serial != book->serial)
        failure = fail_ended(book);
    if (failure)
        pshmi_records_close(&book->records);
    return failure;
}

/* Takes as long whatever the keys are. */
static bool is_key(const title *found, const char *key, uint64_t size)
{
    unsigned difference = found->key_size != size;
    for (uint64_t i = 0; i < size; i++)
        difference |= (unsigned)(found->key[i] ^ key[i]);
    return difference == 0;
}

static int32_t check_key(const void *key, uint64_t size)
{
    if (size <= PSHMI_BOOK_KEY_MAX && (key || !size))
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_EINVAL, "the authkey of a manager has 0 to %d bytes", PSHMI_BOOK_KEY_MAX);
}

static void disown(void *user)
{
    pshmi_book *book = user;
    book->owner = false;
    book->spares.count = 0;
    book->spares.claim = 0;
    if (book->records.file.descriptor >= 0)
        pshmi_records_close(&book->records);
}

/* The file is open. In a hold, which began before it was. */
static void settle(pshmi_book *book, bool owner)
{
    book->owner = owner;
    book->open = true;
    /* Many a handle enters but one block, in a record that another left. */
    book->spares.due = owner ? PSHMI_BOOK_SWEEP_AFTER : 0;
    book->follower = (pshmi_follower){.forked = disown, .user = book};
    pshmi_fork_follow(&book->follower);
}

/* An address is the name of a file beside that of the helper. */
static int32_t check_address(const char *name)
{
    int32_t failure = pshmi_name_check_as("the manager's address", name);
    if (failure || strcmp(name, PSHMI_HELPER_FILE) != 0)
        return failure;
    return pshmi_fail(POLYSHM_ENAME, "the manager's address cannot be '" PSHMI_HELPER_FILE "', which is its helper's");
}

static int32_t open_records(pshmi_book *book, bool readonly)
{
    (void)pshmi_fork_count();
    pshmi_fork_hold();
    int32_t failure = pshmi_records_open(book->path, readonly, &book->records);
    if (!failure)
        settle(book, false);
    pshmi_fork_let();
    if (failure == POLYSHM_ENOTBLOCK)
        return pshmi_fail(POLYSHM_ENOTMANAGER, "'%s' is no manager's", book->path);
    return failure;
}

static int32_t create(pshmi_book *book, const title *first, const char *folder, const char *name)
{
    char fresh[PSHMI_NAME_SIZE];
    int32_t failure;
    do {
        if (!name)
            snprintf(fresh, sizeof fresh,
                     first->kind == PSHMI_BOOK_TRACKED ? "tracked-%08" PRIx32 : "manager-%08" PRIx32, pshmi_random());
        if (!(failure = set_path(book, folder, name ? name : fresh)))
            failure = pshmi_records_create(book->path, first, &book->records);
    } while (failure == POLYSHM_EEXIST && !name);
    return failure;
}

int32_t pshmi_book_create(pshmi_book_kind kind, const char *name, const void *key, uint64_t key_size, pshmi_book *book)
{
    char folder[PSHMI_PATH_SIZE];
    title first = {.magic = MAGIC,
                   .version = VERSION,
                   .kind = kind,
                   .owner = (uint32_t)getpid(),
                   .serial = pshmi_random(),
                   .pids = pshmi_pid_namespace(),
                   .key_size = (uint32_t)key_size};
    int32_t failure = check_key(key, key_size);
    if (failure || (name && (failure = check_address(name))) || (failure = pshmi_folder_path(folder)) ||
        (failure = pshmi_file_device(&first.device)) || (failure = pshmi_boot_id(first.boot)))
        return failure;
    if (key_size)
        memcpy(first.key, key, (size_t)key_size);
    memset(book, 0, sizeof *book);
    book->serial = first.serial;
    (void)pshmi_fork_count();
    pshmi_fork_hold();
    failure = create(book, &first, folder, name);
    if (!failure)
        settle(book, true);
    pshmi_fork_let();
    if (!failure && (failure = pshmi_helper_ensure(&book->contact, folder))) {
        pshmi_records_unlink(book->path);
        pshmi_book_close(book);
    }
    return failure;
}

static int32_t check_connection(pshmi_book *book, const void *key, uint64_t key_size)
{
    title found;
    bool owned = false;
    int32_t failure = read_title(book, &found);
    if (failure || (failure = pshmi_book_is_owned(book, &owned)))
        return failure;
    if (found.kind != PSHMI_BOOK_MANAGED)
        return pshmi_fail(POLYSHM_ENOTMANAGER, "'%s' is no manager's", book->path);
    if (!owned || found.closed)
        return fail_ended(book);
    book->serial = found.serial;
    if (!is_key(&found, key, key_size))
        return pshmi_fail(POLYSHM_EAUTHKEY, "the manager '%s' has another authkey", book->name);
    return POLYSHM_OK;
}

int32_t pshmi_book_open(const char *name, const void *key, uint64_t key_size, pshmi_book *book)
{
    char folder[PSHMI_PATH_SIZE];
    int32_t failure = check_key(key, key_size);
    if (failure || (failure = check_address(name)) || (failure = pshmi_folder_path(folder)))
        return failure;
    memset(book, 0, sizeof *book);
    if (!(failure = set_path(book, folder, name)))
        failure = open_records(book, false);
    if (failure == POLYSHM_ENOENT)
        return pshmi_fail(failure, "no manager is at the address '%s' (there is no '%s')", name, book->path);
    if (failure)
        return failure;
    if ((failure = check_connection(book, key, key_size)))
        pshmi_book_close(book);
    return failure;
}

int32_t pshmi_book_open_any(const char *folder, const char *name, pshmi_book *book, pshmi_book_title *about)
{
    title found;
    uint64_t device;
    char boot[37];
    memset(book, 0, sizeof *book);
    int32_t failure = set_path(book, folder, name);
    if (failure || (failure = pshmi_file_device(&device)) || (failure = pshmi_boot_id(boot)) ||
        (failure = open_records(book, true)))
        return failure;
    if (book->records.file.size == 0) {
        *about = (pshmi_book_title){.kind = PSHMI_BOOK_TRACKED, .stale = true};
        return POLYSHM_OK;
    }
    if ((failure = read_title(book, &found))) {
        pshmi_book_close(book);
        return failure;
    }
    *about = (pshmi_book_title){
        .kind = (pshmi_book_kind)found.kind,
        .owner = found.pids == pshmi_pid_namespace() ? found.owner : 0,
        .closed = found.closed,
        .stale = memcmp(found.boot, boot, sizeof boot) != 0,
        .foreign = found.device != device,
    };
    return POLYSHM_OK;
}

void pshmi_book_close(pshmi_book *book)
{
    pshmi_fork_hold();
    if (book->open) {
        pshmi_fork_unfollow(&book->follower);
        if (book->records.file.descriptor >= 0) {
            if (!book->owner)
                pshmi_book_give_back(book);
            pshmi_records_close(&book->records);
        }
        free(book->spares.numbers);
        book->spares = (pshmi_book_spares){0};
        pshmi_helper_forget(&book->contact);
    }
    book->open = book->owner = false;
    pshmi_fork_let();
}

/* Whether blocks can still be entered. In a hold. The owner knows that without a look, for nobody else closes its book. */
static int32_t attend(pshmi_book *book)
{
    title found;
    bool owned = true;
    if (book->owner)
        return book->shut ? fail_ended(book) : POLYSHM_OK;
    int32_t failure = reopen(book);
    if (!failure && !(failure = read_title(book, &found)) && !(failure = pshmi_book_is_owned(book, &owned)))
        failure = owned && !found.closed ? POLYSHM_OK : fail_ended(book);
    return failure;
}

int32_t pshmi_book_attend(pshmi_book *book)
{
    pshmi_fork_hold();
    int32_t failure = attend(book);
    pshmi_fork_let();
    return failure;
}

int32_t pshmi_book_enter(pshmi_book *book)
{
    if (book->owner)
        return attend(book);
    int32_t failure = reopen(book);
    if (failure || (failure = pshmi_lease_share(&book->records.file, book->name)))
        return failure;
    if ((failure = attend(book)))
        pshmi_lease_end(&book->records.file);
    return failure;
}

void pshmi_book_leave(const pshmi_book *book)
{
    if (!book->owner)
        pshmi_lease_end(&book->records.file);
}

/* In a hold: another thread that has entered a block names it first. */
int32_t pshmi_book_shut(pshmi_book *book)
{
    title found;
    pshmi_fork_hold();
    int32_t failure = read_title(book, &found);
    found.closed = 1;
    if (!failure)
        failure = pshmi_records_write(&book->records, 0, &found);
    book->shut = !failure;
    pshmi_fork_let();
    return failure;
}

/* The path may have a new owner's book by now: that is another file. */
bool pshmi_book_is_gone(const pshmi_book *book)
{
    pshmi_records records;
    if (book->open && book->records.file.descriptor >= 0)
        return pshmi_records_is_unlinked(&book->records);
    pshmi_error_record before = pshmi_error_save();
    int32_t failure = pshmi_records_open(book->path, true, &records);
    pshmi_error_restore(&before);
    if (!failure)
        pshmi_records_close(&records);
    return failure == POLYSHM_ENOENT;
}

int32_t pshmi_book_ensure_helper(pshmi_book *book)
{
    char folder[PSHMI_PATH_SIZE];
    size_t size = (size_t)(strrchr(book->path, '/') - book->path);
    memcpy(folder, book->path, size);
    folder[size] = '\0';
    return pshmi_helper_ensure(&book->contact, folder);
}

/* Who opened a book when it was empty has seen nothing of what it has by now: that is for the next look. */
static bool is_unseen(const pshmi_book *book, bool there)
{
    return there && book->records.file.size == 0;
}

/* Closes a book whose owner is gone before its lease is taken to remove it: who finds the lease taken finds it closed, too
 * (pshmi_book_is_living). A title is written by who holds the lease; so if there is one, and then nobody holds it, the owner
 * is gone for good. False if it is not. */
static bool close_dead(const pshmi_book *book, const pshmi_records *records)
{
    title found;
    bool there = false, owned = true;
    if (pshmi_records_read(records, 0, &found, &there) != POLYSHM_OK ||
        pshmi_lease_is_taken(&records->file, book->name, OWNER, &owned) != POLYSHM_OK)
        return false;
    found.closed = 1;
    return !owned && !is_unseen(book, there) && (!there || pshmi_records_write(records, 0, &found) == POLYSHM_OK);
}

/* Closes a book whose owner's lease was taken to remove it, if it got its title only now: a client that comes would see an
 * owner. False if one is in between begin and end, which may have come before that. */
static bool close_for_all(const pshmi_book *book, const pshmi_records *records)
{
    title found;
    bool there = false, busy = true;
    if (pshmi_records_read(records, 0, &found, &there) != POLYSHM_OK || is_unseen(book, there))
        return false;
    found.closed = 1;
    if (there && pshmi_records_write(records, 0, &found) != POLYSHM_OK)
        return false;
    return pshmi_lease_is_held(&records->file, book->name, &busy) == POLYSHM_OK && !busy;
}

bool pshmi_book_unlink(const pshmi_book *book)
{
    pshmi_records records;
    bool taken = book->owner;
    if (!taken && pshmi_records_open(book->path, false, &records) != POLYSHM_OK)
        return true; /* it is gone, or cannot be removed: nobody waits for that */
    if (!taken && pshmi_identity_equal(records.file.identity, book->records.file.identity) &&
        close_dead(book, &records))
        pshmi_lease_take(&records.file, book->name, OWNER, &taken);
    bool unlinks = taken && (book->owner || close_for_all(book, &records));
    if (unlinks)
        pshmi_records_unlink(book->path);
    if (!book->owner)
        pshmi_records_close(&records);
    return unlinks;
}

int32_t pshmi_book_is_owned(const pshmi_book *book, bool *owned)
{
    *owned = book->owner; /* the kernel does not show a description its own leases */
    return book->owner ? POLYSHM_OK : pshmi_lease_is_taken(&book->records.file, book->name, OWNER, owned);
}

int32_t pshmi_book_is_living(const pshmi_book *book, bool *living)
{
    title found;
    bool there = false;
    int32_t failure = pshmi_book_is_owned(book, living);
    if (failure || !*living || (failure = pshmi_records_read(&book->records, 0, &found, &there)))
        return failure;
    *living = there && !found.closed;
    return POLYSHM_OK;
}

int32_t pshmi_book_is_busy(const pshmi_book *book, bool *busy)
{
    return pshmi_lease_is_held(&book->records.file, book->name, busy);
}
