/* Mappings of blocks with a page before and a page behind that nobody may touch; in a sanitized build the rest of a
 * block's last page is forbidden, too. So who leaves the block dies of it.
 *
 * The library that maps blocks finds these two functions in the program, before it finds those of the C library. */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { PAGE = 4096 };

static size_t round_up(size_t size)
{
    return (size + PAGE - 1) / PAGE * PAGE;
}

static void *map(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    return (void *)syscall(SYS_mmap, address, size, protection, flags, descriptor, offset);
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    if (address ||
        descriptor < 0) /* no new mapping of a file: a child's, in the place of its parent's; or private memory */
        return map(address, size, protection, flags, descriptor, offset);
    size_t whole = round_up(size);
    char *room = map(NULL, whole + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return MAP_FAILED;
    char *block = map(room + PAGE, size, protection, flags | MAP_FIXED, descriptor, offset);
    if (block == MAP_FAILED)
        syscall(SYS_munmap, room, whole + 2 * PAGE);
    else
        ASAN_POISON_MEMORY_REGION(block + size, whole - size);
    return block;
}

/* Only mappings of files are ever unmapped by a call that comes here. */
int munmap(void *address, size_t size)
{
    size_t whole = round_up(size);
    ASAN_UNPOISON_MEMORY_REGION((char *)address + size, whole - size);
    return (int)syscall(SYS_munmap, (char *)address - PAGE, whole + 2 * PAGE);
}
