/* Books as files of records (book.h has the protocol). */
#include "book.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define MAGIC UINT64_C(0x316B6F6F62687370) /* "pshbook1", little-endian */

enum { VERSION = 1, OWNER = 0, SWEEPER = 1 }; /* the last two are numbers of leases */

/* So many blocks at least are entered before one looks for records that are of no use any more. */
enum { SWEEP_AFTER = 256 };

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
    char rest[176];
} title;

typedef struct {
    uint64_t used; /* 0 or 1 */
    uint64_t device;
    uint64_t inode;
    char name[488];
} record;

_Static_assert(sizeof(title) == PSHMI_RECORD_SIZE && sizeof(record) == PSHMI_RECORD_SIZE, "one record each");
_Static_assert(offsetof(title, key_size) == 72 && offsetof(title, serial) == 332, "the same on every machine");

static void set_path(pshmi_book *book, const char *folder, const char *name)
{
    snprintf(book->name, sizeof book->name, "%s", name);
    snprintf(book->path, sizeof book->path, "%.*s/%s", PSHMI_PATH_SIZE - PSHMI_NAME_SIZE - 1, folder, name);
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
        return pshmi_fail(POLYSHM_ENOTMANAGER, "'%s' is no manager's", book->path);
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
    if (book->records.file.descriptor >= 0)
        pshmi_records_close(&book->records);
}

/* The file is open. In a hold, which began before it was. */
static void settle(pshmi_book *book, bool owner)
{
    book->owner = owner;
    book->open = true;
    book->spares.due = SWEEP_AFTER;
    book->follower = (pshmi_follower){.forked = disown, .user = book};
    pshmi_fork_follow(&book->follower);
}

/* An address is the name of a file beside that of the helper. */
static int32_t check_address(const char *name)
{
    int32_t failure = pshmi_name_check(name);
    if (failure || strcmp(name, PSHMI_HELPER_FILE) != 0)
        return failure;
    return pshmi_fail(POLYSHM_ENAME, "no manager can have the address '" PSHMI_HELPER_FILE "'");
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
        set_path(book, folder, name ? name : fresh);
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
    book->alone = kind == PSHMI_BOOK_TRACKED;
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
    set_path(book, folder, name);
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
    set_path(book, folder, name);
    int32_t failure = pshmi_file_device(&device);
    if (failure || (failure = pshmi_boot_id(boot)) || (failure = open_records(book, true)))
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
        .owner = found.owner,
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
        if (book->records.file.descriptor >= 0)
            pshmi_records_close(&book->records);
        free(book->spares.numbers);
        book->spares = (pshmi_book_spares){0};
        pshmi_helper_forget(&book->contact);
    }
    book->open = book->owner = false;
    pshmi_fork_let();
}

/* Whether blocks can still be entered. In a hold. */
static int32_t attend(pshmi_book *book)
{
    title found;
    bool owned = true;
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

/* Holds the gate open for one block: whoever closes the book, or sweeps it, waits until it is let go. Where nobody else
 * writes, nobody does that. */
static int32_t enter(pshmi_book *book)
{
    int32_t failure = reopen(book);
    if (failure || book->alone || (failure = pshmi_lease_share(&book->records.file, book->name)))
        return failure;
    if ((failure = attend(book)))
        pshmi_lease_end(&book->records.file);
    return failure;
}

static void leave(const pshmi_book *book)
{
    if (!book->alone)
        pshmi_lease_end(&book->records.file);
}

static bool is_dead(const pshmi_book_entry *entry)
{
    return !pshmi_file_is(entry->name, entry->identity);
}

void pshmi_book_remove(pshmi_book *book, uint64_t number)
{
    static const record nothing;
    pshmi_book_spares *spares = &book->spares;
    if (spares->count == spares->room) {
        uint64_t room = spares->room ? spares->room * 2 : SWEEP_AFTER;
        uint64_t *numbers = realloc(spares->numbers, (size_t)room * sizeof *numbers);
        if (!numbers)
            return;
        spares->numbers = numbers;
        spares->room = room;
    }
    if (pshmi_records_write(&book->records, number, &nothing) == POLYSHM_OK)
        spares->numbers[spares->count++] = number;
}

/* Looks at one record. A block that has no name yet seems dead, too: so it counts only if nobody was naming blocks
 * meanwhile, and it is dead still. */
static bool is_spare(const pshmi_book *book, uint64_t number, bool *used, bool *there)
{
    bool busy = true;
    pshmi_book_entry entry;
    return pshmi_book_read(book, number, &entry, used, there) == POLYSHM_OK && *there && *used && is_dead(&entry) &&
           pshmi_book_is_busy(book, &busy) == POLYSHM_OK && !busy && is_dead(&entry);
}

/* Takes records whose blocks are gone for new ones. The next time is when so many blocks have been entered as are there
 * now: so a book is at most some times as long as it has to be, and a block costs the same however long it is. */
static void sweep(pshmi_book *book)
{
    uint64_t alive = 0;
    bool taken = false, used = false, there = true;
    pshmi_error_record before = pshmi_error_save();
    if (pshmi_lease_take(&book->records.file, book->name, SWEEPER, &taken) == POLYSHM_OK && taken) {
        for (uint64_t number = 1; there; number++) {
            there = used = false;
            if (is_spare(book, number, &used, &there))
                pshmi_book_remove(book, number);
            else
                alive += used;
        }
        pshmi_lease_give(&book->records.file, SWEEPER);
    }
    pshmi_error_restore(&before);
    book->spares.due = alive > SWEEP_AFTER ? alive : SWEEP_AFTER;
}

static uint64_t last_spare(const pshmi_book *book)
{
    return book->spares.numbers[book->spares.count - 1];
}

int32_t pshmi_book_begin(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *number)
{
    record entry = {.used = 1, .device = identity.device, .inode = identity.inode};
    memcpy(entry.name, name, strlen(name));
    pshmi_fork_hold();
    int32_t failure = enter(book);
    if (failure) {
        pshmi_fork_let();
        return failure;
    }
    if (book->spares.due)
        book->spares.due--;
    else if (!book->spares.count)
        sweep(book);
    if (!book->spares.count)
        failure = pshmi_records_append(&book->records, &entry, number);
    else if (!(failure = pshmi_records_write(&book->records, *number = last_spare(book), &entry)))
        book->spares.count--;
    if (failure)
        pshmi_book_end(book);
    return failure;
}

void pshmi_book_end(pshmi_book *book)
{
    leave(book);
    pshmi_fork_let();
}

int32_t pshmi_book_strike(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *struck)
{
    static const record nothing;
    pshmi_book_entry entry;
    bool used, there = true;
    *struck = 0;
    pshmi_fork_hold();
    int32_t failure = attend(book);
    for (uint64_t number = 1; !failure && there; number++) {
        failure = pshmi_book_read(book, number, &entry, &used, &there);
        if (failure || !there || !used || strcmp(entry.name, name) != 0 ||
            !pshmi_identity_equal(entry.identity, identity))
            continue;
        failure = pshmi_records_write(&book->records, number, &nothing);
        ++*struck;
    }
    pshmi_fork_let();
    return failure;
}

int32_t pshmi_book_read(const pshmi_book *book, uint64_t number, pshmi_book_entry *entry, bool *used, bool *there)
{
    record found;
    int32_t failure = pshmi_records_read(&book->records, number, &found, there);
    if (failure || !*there)
        return failure;
    pshmi_error_record before = pshmi_error_save();
    found.name[sizeof found.name - 1] = '\0';
    *used = found.used == 1 && pshmi_name_check(found.name) == POLYSHM_OK;
    pshmi_error_restore(&before); /* a record that nobody of ours wrote counts as none */
    if (*used) {
        strcpy(entry->name, found.name);
        entry->identity = (pshmi_identity){.device = found.device, .inode = found.inode};
    }
    return POLYSHM_OK;
}

/* In a hold: another thread that has entered a block names it first. */
int32_t pshmi_book_shut(const pshmi_book *book)
{
    title found;
    pshmi_fork_hold();
    int32_t failure = read_title(book, &found);
    found.closed = 1;
    if (!failure)
        failure = pshmi_records_write(&book->records, 0, &found);
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
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(book->path, '/') - book->path), book->path);
    return pshmi_helper_ensure(&book->contact, folder);
}

/* Closes a book whose owner's lease was taken to remove it: a client that comes now would see an owner. False if one is in
 * between begin and end, which may have come before that. */
static bool close_for_all(const pshmi_records *records, const char *name)
{
    title found;
    bool there = false, busy = true;
    if (pshmi_records_read(records, 0, &found, &there) != POLYSHM_OK)
        return false;
    found.closed = 1;
    if (there && pshmi_records_write(records, 0, &found) != POLYSHM_OK)
        return false;
    return pshmi_lease_is_held(&records->file, name, &busy) == POLYSHM_OK && !busy;
}

bool pshmi_book_unlink(const pshmi_book *book)
{
    pshmi_records records;
    bool taken = book->owner;
    if (!taken && pshmi_records_open(book->path, false, &records) != POLYSHM_OK)
        return false;
    if (!taken && pshmi_identity_equal(records.file.identity, book->records.file.identity))
        pshmi_lease_take(&records.file, book->name, OWNER, &taken);
    bool unlinks = taken && (book->owner || close_for_all(&records, book->name));
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

int32_t pshmi_book_is_busy(const pshmi_book *book, bool *busy)
{
    return pshmi_lease_is_held(&book->records.file, book->name, busy);
}
