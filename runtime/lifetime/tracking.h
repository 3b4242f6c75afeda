/* Tracking: this process's own book (book.h), in which the blocks stand that it created to be tracked.
 *
 * Only creation is tracked, never attaching: a process that attaches and ends removes nothing (CPython's tracker does,
 * gh-82300). A child of fork tracks what it creates in a book of its own. */
#ifndef PSHMI_TRACKING_H
#define PSHMI_TRACKING_H

#include "book.h"

/* This process's book, which is made at the first call; sees that a helper is at work. */
int32_t pshmi_tracking_book(pshmi_book **book);

/* Takes a block of that name and identity out, which this process has unlinked: its record is for the next one. book: the
 * serial of the book that it was entered in, which may be another by now. */
void pshmi_tracking_forget(uint32_t book, uint64_t number, const char *name, pshmi_identity identity);

#endif
