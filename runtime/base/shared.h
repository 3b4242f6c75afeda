/* Loads and stores of bytes that other processes may be changing.
 *
 * Every access to shared memory goes through one of these. They are relaxed atomics: a word is read or written in one
 * piece, the compiler neither repeats nor splits an access, and nothing is said about the order of several. Whoever
 * needs an order adds a fence and says with which access it pairs. Words are 8-aligned. */
#ifndef PSHMI_SHARED_H
#define PSHMI_SHARED_H

#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the layout is little-endian");

static inline uint64_t pshmi_shared_load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline void pshmi_shared_store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static inline uint8_t pshmi_shared_load_byte(const uint8_t *byte)
{
    return __atomic_load_n(byte, __ATOMIC_RELAXED);
}

static inline void pshmi_shared_store_byte(uint8_t *byte, uint8_t value)
{
    __atomic_store_n(byte, value, __ATOMIC_RELAXED);
}

/* Copies size bytes out of the words at source. */
void pshmi_shared_read(void *target, const uint64_t *source, uint64_t size);

/* Copies size bytes into the words at target, and zeros the rest of its width, a multiple of 8 that is at least size. */
void pshmi_shared_write(uint64_t *target, uint64_t width, const void *source, uint64_t size);

/* The size of the content of size bytes without the NULs at its end. */
uint64_t pshmi_shared_stripped_size(const uint64_t *source, uint64_t size);

/* Whether size bytes at source equal those at data. */
int pshmi_shared_equals(const uint64_t *source, const void *data, uint64_t size);

#endif
