/* What stands in a book: entering blocks and taking them out, and records that are used again (book.h has the protocol). */
#include <stdlib.h>
#include <string.h>

#include "book.h"

/* The numbers of leases: 0 is the book's owner's, from 2 on are those of handles that have spare records. */
enum { SWEEPER = 1, FIRST_CLAIM = 2 };

/* SPARE is a record that is no block's, and is for one handle to use again, as long as that holds its lease; a FREE one is for
 * whoever sweeps. STRANGE is what nobody of ours wrote. */
enum { SPARE = 0, BY_CLIENT = 1, BY_OWNER = 2, FREE = 3, STRANGE };

typedef struct {
    uint64_t used;   /* by whom */
    uint64_t device; /* of a spare one, the number of the lease */
    uint64_t inode;
    char name[488];
} record;

_Static_assert(sizeof(record) == PSHMI_RECORD_SIZE, "one record");

static bool is_dead(const pshmi_book_entry *entry)
{
    return !pshmi_file_is(entry->name, entry->identity);
}

/* Sees that a lease says that this handle is there. The owner has that of the book. */
static bool claim(pshmi_book *book)
{
    bool taken = book->owner || book->spares.claim;
    while (!taken) {
        uint32_t number = pshmi_random() | FIRST_CLAIM;
        if (pshmi_lease_take(&book->records.file, book->name, number, &taken) != POLYSHM_OK)
            return false;
        if (taken)
            book->spares.claim = number;
    }
    return true;
}

void pshmi_book_remove(pshmi_book *book, uint64_t number)
{
    pshmi_book_spares *spares = &book->spares;
    if (!claim(book))
        return;
    const record spare = {.used = SPARE, .device = spares->claim};
    if (spares->count == spares->room) {
        uint64_t room = spares->room ? spares->room * 2 : PSHMI_BOOK_SWEEP_AFTER;
        uint64_t *numbers = realloc(spares->numbers, (size_t)room * sizeof *numbers);
        if (!numbers)
            return;
        spares->numbers = numbers;
        spares->room = room;
    }
    if (pshmi_records_write(&book->records, number, &spare) == POLYSHM_OK)
        spares->numbers[spares->count++] = number;
}

static const record free_record = {.used = FREE};

void pshmi_book_give_back(pshmi_book *book)
{
    pshmi_error_record before = pshmi_error_save();
    while (book->spares.count)
        (void)pshmi_records_write(&book->records, book->spares.numbers[--book->spares.count], &free_record);
    pshmi_error_restore(&before);
}

static int32_t read_entry(const pshmi_book *book, uint64_t number, pshmi_book_entry *entry, uint64_t *used, bool *there)
{
    record found;
    int32_t failure = pshmi_records_read(&book->records, number, &found, there);
    if (failure || !*there)
        return failure;
    pshmi_error_record before = pshmi_error_save();
    found.name[sizeof found.name - 1] = '\0';
    *used = found.used == FREE || found.used == SPARE ? found.used : STRANGE;
    entry->identity = (pshmi_identity){.device = found.device, .inode = found.inode};
    if ((found.used == BY_CLIENT || found.used == BY_OWNER) && pshmi_name_check(found.name) == POLYSHM_OK) {
        *used = found.used;
        strcpy(entry->name, found.name);
    }
    pshmi_error_restore(&before); /* a record that nobody of ours wrote counts as none */
    return POLYSHM_OK;
}

/* Whether a spare record's handle is gone, as after a kill. It may have used the record until it went: so that is looked at
 * once more. */
static bool is_lost(const pshmi_book *book, uint64_t number, uint64_t holder)
{
    pshmi_book_entry entry;
    uint64_t used;
    bool there = false, taken = true;
    if (holder == 0 || holder == book->spares.claim)
        return false; /* the owner, or this handle */
    return pshmi_lease_is_taken(&book->records.file, book->name, (uint32_t)holder, &taken) == POLYSHM_OK && !taken &&
           read_entry(book, number, &entry, &used, &there) == POLYSHM_OK && there && used == SPARE &&
           entry.identity.device == holder;
}

/* Looks at one record. A block that has no name yet seems dead, too. So the owner's records are for the owner alone to use
 * again, which names nothing meanwhile; another's counts only if nobody was naming blocks, and it is dead still. */
static bool is_spare(const pshmi_book *book, uint64_t number, uint64_t *used, bool *there)
{
    bool busy = true;
    pshmi_book_entry entry;
    if (read_entry(book, number, &entry, used, there) != POLYSHM_OK || !*there || *used == STRANGE)
        return false;
    if (*used == SPARE)
        return is_lost(book, number, entry.identity.device);
    if (*used == FREE)
        return true;
    if (!is_dead(&entry))
        return false;
    if (*used == BY_OWNER)
        return book->owner;
    return pshmi_book_is_busy(book, &busy) == POLYSHM_OK && !busy && is_dead(&entry);
}

/* Takes records whose blocks are gone for new ones. The next time is when so many blocks have been entered as are there
 * now: so a book is at most some times as long as it has to be, and a block costs the same however long it is. */
static void sweep(pshmi_book *book)
{
    uint64_t alive = 0;
    bool taken = false, there = true;
    uint64_t used;
    pshmi_error_record before = pshmi_error_save();
    if (pshmi_lease_take(&book->records.file, book->name, SWEEPER, &taken) == POLYSHM_OK && taken) {
        for (uint64_t number = 1; there; number++) {
            there = false;
            used = STRANGE;
            if (is_spare(book, number, &used, &there))
                pshmi_book_remove(book, number);
            else
                alive += used == BY_CLIENT || used == BY_OWNER;
        }
        pshmi_lease_give(&book->records.file, SWEEPER);
    }
    pshmi_error_restore(&before);
    book->spares.due = alive > PSHMI_BOOK_SWEEP_AFTER ? alive : PSHMI_BOOK_SWEEP_AFTER;
}

static uint64_t last_spare(const pshmi_book *book)
{
    return book->spares.numbers[book->spares.count - 1];
}

int32_t pshmi_book_begin(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *number)
{
    record entry = {.used = book->owner ? BY_OWNER : BY_CLIENT, .device = identity.device, .inode = identity.inode};
    memcpy(entry.name, name, strlen(name));
    pshmi_fork_hold();
    int32_t failure = pshmi_book_enter(book);
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
    pshmi_book_leave(book);
    pshmi_fork_let();
}

int32_t pshmi_book_strike(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *struck)
{
    pshmi_book_entry entry;
    bool used, there = true;
    *struck = 0;
    pshmi_fork_hold();
    int32_t failure = pshmi_book_enter(book);
    if (failure) {
        pshmi_fork_let();
        return failure;
    }
    for (uint64_t number = 1; !failure && there; number++) {
        failure = pshmi_book_read(book, number, &entry, &used, &there);
        if (failure || !there || !used || strcmp(entry.name, name) != 0 ||
            !pshmi_identity_equal(entry.identity, identity))
            continue;
        failure = pshmi_records_write(&book->records, number, &free_record);
        ++*struck;
    }
    pshmi_book_end(book);
    return failure;
}

int32_t pshmi_book_read(const pshmi_book *book, uint64_t number, pshmi_book_entry *entry, bool *used, bool *there)
{
    uint64_t by = 0;
    int32_t failure = read_entry(book, number, entry, &by, there);
    if (!failure && *there)
        *used = by == BY_CLIENT || by == BY_OWNER;
    return failure;
}
