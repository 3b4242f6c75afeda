/* A manager's book of this process's own, for the tests of books. */
#ifndef OWN_BOOK_H
#define OWN_BOOK_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks.h"
#include "book.h"
#include "expect.h"
#include "idle.h"
#include "names.h"
#include "runtimes.h"

#define NAME test_name(0)

/* No helper is wanted here: it would clean up what is looked at. */
static inline void make_runtime(void)
{
    runtime_make();
    runtime_be_idle();
}

static inline void start(pshmi_book *book)
{
    make_runtime();
    EXPECT_OK(pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 0, book));
}

static inline void end(pshmi_book *book)
{
    pshmi_book_unlink(book);
    pshmi_book_close(book);
    unlink(book->path);
}

/* Enters a block as its creator does; the number of its record. */
static inline uint64_t enter_named(pshmi_book *book, const char *name)
{
    uint64_t number = 0;
    struct stat status = block_status(name);
    CHECK(pshmi_book_begin(book, name, (pshmi_identity){status.st_dev, status.st_ino}, &number) == POLYSHM_OK);
    pshmi_book_end(book);
    return number;
}

static inline uint64_t enter(pshmi_book *book)
{
    return enter_named(book, NAME);
}

static inline bool has_entry(const pshmi_book *book, uint64_t number, const char *name)
{
    pshmi_book_entry entry;
    bool used = false, there = false;
    CHECK(pshmi_book_read(book, number, &entry, &used, &there) == POLYSHM_OK);
    return there && used && strcmp(entry.name, name) == 0 && entry.identity.inode == block_status(name).st_ino;
}

#endif
