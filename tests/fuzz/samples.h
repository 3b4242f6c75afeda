/* A list with an item of every kind, to be damaged. */
#ifndef TEST_SAMPLES_H
#define TEST_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_WORDS = 64 };

/* Writes its bytes into words, and gives how many they are: a multiple of 8, so that its end can stand at the end of a
 * page. */
size_t sample_make(uint64_t words[SAMPLE_WORDS]);

/* Words that are likely to go wrong somewhere. */
extern const uint64_t sample_words[];
extern const size_t sample_words_count;

#endif
