/* Blocks as the system has them. A test that cannot make what it needs has no result: it aborts. */
#include "blocks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/dev/shm"

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    abort();
}

const char *block_path(const char *name)
{
    static _Thread_local char path[320];
    snprintf(path, sizeof path, FOLDER "/%s", name);
    return path;
}

bool block_exists(const char *name)
{
    struct stat status;
    return lstat(block_path(name), &status) == 0;
}

struct stat block_status(const char *name)
{
    struct stat status;
    if (lstat(block_path(name), &status) != 0)
        memset(&status, 0, sizeof status);
    return status;
}

uint64_t block_size(const char *name)
{
    return (uint64_t)block_status(name).st_size;
}

uint64_t block_memory(const char *name)
{
    return (uint64_t)block_status(name).st_blocks * 512;
}

static void write_at(int descriptor, size_t offset, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size) {
        ssize_t written = pwrite(descriptor, from, size, (off_t)offset);
        require(written > 0, "pwrite");
        from += written;
        offset += (size_t)written;
        size -= (size_t)written;
    }
}

void block_make(const char *name, const void *bytes, size_t size)
{
    int descriptor = open(block_path(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(descriptor >= 0, block_path(name));
    write_at(descriptor, 0, bytes, size);
    close(descriptor);
}

void block_write(const char *name, size_t offset, const void *bytes, size_t size)
{
    int descriptor = open(block_path(name), O_RDWR | O_CLOEXEC);
    require(descriptor >= 0, block_path(name));
    write_at(descriptor, offset, bytes, size);
    close(descriptor);
}

size_t block_read(const char *name, void *bytes, size_t capacity)
{
    int descriptor = open(block_path(name), O_RDONLY | O_CLOEXEC);
    require(descriptor >= 0, block_path(name));
    size_t size = 0;
    ssize_t got;
    while ((got = read(descriptor, (char *)bytes + size, capacity - size)) > 0)
        size += (size_t)got;
    close(descriptor);
    return size;
}

void block_resize(const char *name, size_t size)
{
    require(truncate(block_path(name), (off_t)size) == 0, "truncate");
}

void block_remove(const char *name)
{
    remove(block_path(name));
}

static size_t each(const char *prefix, bool removes)
{
    size_t found = 0;
    DIR *folder = opendir(FOLDER);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        bool is_folder_itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (is_folder_itself || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        found++;
        if (removes) {
            fprintf(stderr, "left behind: block %s\n", entry->d_name);
            block_remove(entry->d_name);
        }
    }
    if (folder)
        closedir(folder);
    return found;
}

size_t blocks_count(const char *prefix)
{
    return each(prefix, false);
}

size_t blocks_remove(const char *prefix)
{
    return each(prefix, true);
}
