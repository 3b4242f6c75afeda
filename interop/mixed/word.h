/* Values as words of the agents' lines: `type:text`, such as int64:-7 or str:6869 (agents.py). */
#ifndef POLYSHM_INTEROP_WORD_H
#define POLYSHM_INTEROP_WORD_H

#include <polyshm.h>
#include <stdio.h>

/* Turns hex digits into the bytes that they stand for, in the same place, and gives their number. */
uint64_t word_decode_hex(char *text);
void word_print_hex(FILE *out, const void *bytes, uint64_t size);

/* Reads a value. Texts and bytes take the word's place in memory, or, if they are long, new memory: the caller frees
 * what stands in kept then. */
polyshm_value word_decode(char *word, void **kept);
void word_print(FILE *out, const polyshm_value *value);

#endif
