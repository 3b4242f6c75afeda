/* Mapping the block (sync_block.h). */
#include "sync_block.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

char *block_writable, *block_readonly, *block_of_peers;
size_t block_size;

static void *map(void *address, size_t size, int protection, int flags, int file)
{
    void *mapped = mmap(address, size, protection, flags, file, 0);
    if (mapped == MAP_FAILED)
        abort();
    return mapped;
}

static void map_all(void)
{
    int file = memfd_create("block", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, BLOCK_MAX) != 0)
        abort();
    char *room = map(NULL, 3 * BLOCK_MAX + 4 * BLOCK_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    block_of_peers = map(room + BLOCK_PAGE, BLOCK_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file);
    block_writable =
        map(block_of_peers + BLOCK_MAX + BLOCK_PAGE, BLOCK_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file);
    block_readonly = map(block_writable + BLOCK_MAX + BLOCK_PAGE, BLOCK_MAX, PROT_READ, MAP_SHARED | MAP_FIXED, file);
    close(file);
}

void block_forbid(void)
{
    __asan_poison_memory_region(block_writable, BLOCK_MAX);
    __asan_poison_memory_region(block_readonly, BLOCK_MAX);
}

void block_permit(void)
{
    __asan_unpoison_memory_region(block_writable, block_size);
    __asan_unpoison_memory_region(block_readonly, block_size);
}

void block_set(const void *bytes, size_t size)
{
    if (!block_writable)
        map_all();
    if (size > BLOCK_MAX)
        abort();
    block_size = size;
    block_forbid();
    memcpy(block_of_peers, bytes, size);
}
