/* What is written, and how: escaped, in aligned columns and, on a terminal, with colour.
 *
 * Names and contents of blocks are whatever somebody put there. They reach a terminal through pshmi_escape only, and in
 * no other way: no control character, no escape sequence and no change of direction gets through. */
#ifndef PSHMI_SCREEN_H
#define PSHMI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum { PSHMI_PLAIN, PSHMI_HEAD, PSHMI_GOOD, PSHMI_DOUBTFUL, PSHMI_BAD } pshmi_style;

/* Whether stdout is a terminal. */
bool pshmi_screen_is_terminal(void);

/* Writes "polyshm: " and the words, escaped, to stderr. */
void pshmi_screen_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether all that was printed was written; complains if not. */
bool pshmi_screen_end(void);

/* A new text that is written to as a stream; pshmi_text_end gives it, to be freed. Ends the program if there is no
 * memory. */
typedef struct {
    FILE *stream;
    char *bytes;
    size_t size;
} pshmi_text;

void pshmi_text_begin(pshmi_text *text);
char *pshmi_text_end(pshmi_text *text);

/* Ends the program if there is no memory: gives what it was given. */
void *pshmi_must(void *memory);

enum { PSHMI_ESCAPE_ASCII = 1, PSHMI_ESCAPE_QUOTES = 2 };

/* Writes text for people. What is no printable character of the locale is written as \xNN, byte by byte; a backslash
 * is doubled. flags: ASCII escapes all that is beyond, QUOTES double quotes. columns: the most that it takes, 0 for no
 * limit; what does not fit ends in "...". */
void pshmi_escape(FILE *stream, const void *data, uint64_t size, int flags, uint64_t columns);

/* A table. Cells are filled in from left to right, each through a stream that is good until the next cell; print writes
 * the table and frees it. */
typedef struct {
    const char *head; /* NULL in the first column: no line of heads */
    bool right;
} pshmi_column;

typedef struct {
    char *text;
    pshmi_style style;
} pshmi_cell;

typedef struct {
    const pshmi_column *columns;
    size_t width; /* columns */
    pshmi_cell *cells;
    size_t count, room;
    pshmi_text open; /* the last cell's */
} pshmi_table;

FILE *pshmi_table_cell(pshmi_table *table, pshmi_style style);
void pshmi_table_add(pshmi_table *table, pshmi_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void pshmi_table_print(pshmi_table *table);

/* Writes a bar that shows part of whole. */
void pshmi_screen_bar(FILE *stream, uint64_t part, uint64_t whole);

#endif
