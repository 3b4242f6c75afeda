/* Blocks as the system has them: files in /dev/shm, seen and made without polyshm. */
#ifndef TEST_BLOCKS_H
#define TEST_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Its path; the text is overwritten by the next call. */
const char *block_path(const char *name);

/* Whether anything has this name, be it a dangling link. */
bool block_exists(const char *name);

/* Its status, without following links. All zeros if there is none. */
struct stat block_status(const char *name);

/* Its size, and how much memory it has taken, in bytes. 0 if there is none. */
uint64_t block_size(const char *name);
uint64_t block_memory(const char *name);

/* Makes a block of these bytes, as a foreign program would. Replaces what is there. */
void block_make(const char *name, const void *bytes, size_t size);

/* Writes bytes into a block that is there. */
void block_write(const char *name, size_t offset, const void *bytes, size_t size);

/* Reads the block from the start, up to capacity bytes; gives how many it read. */
size_t block_read(const char *name, void *bytes, size_t capacity);

/* Makes the block's file longer or shorter. */
void block_resize(const char *name, size_t size);

/* Removes the name, if it is there. */
void block_remove(const char *name);

/* How many names in /dev/shm begin so. */
size_t blocks_count(const char *prefix);

/* Removes all names that begin so; gives how many. Each is shown on stderr. */
size_t blocks_remove(const char *prefix);

#endif
