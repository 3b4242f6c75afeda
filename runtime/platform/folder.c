/* The folder in which helpers and those whom they help meet, and the files of records in it.
 *
 * Folder and files are this user's alone: whoever could write there could have blocks of ours unlinked. A record never
 * crosses a page, so that the kernel copies it in one piece even if the writer is killed meanwhile. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"
#include "system.h"

enum { FOLDER_SIZE = PSHMI_PATH_SIZE - PSHMI_NAME_SIZE - 1 };

/* XDG_RUNTIME_DIR; NULL if it says nothing that counts. */
static const char *given_folder(void)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    return runtime && runtime[0] == '/' ? runtime : NULL;
}

/* Where the folder is to be; its parent must be there. */
static int32_t place(char path[PSHMI_PATH_SIZE])
{
    const char *given = given_folder();
    int size = given ? snprintf(path, PSHMI_PATH_SIZE, "%s/polyshm", given)
                     : snprintf(path, PSHMI_PATH_SIZE, "/tmp/polyshm-%" PRIu32, pshmi_user());
    if (size < FOLDER_SIZE)
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENAME, "XDG_RUNTIME_DIR is longer than %d bytes", FOLDER_SIZE);
}

static int32_t fail_folder(const char *path)
{
    int number = errno;
    int32_t status = pshmi_system_fail_at("make the folder", path);
    return pshmi_fail(status == POLYSHM_ENOENT ? POLYSHM_ESYSTEM : status,
                      "cannot make the folder '%s' for tracking and managers: %s; %s XDG_RUNTIME_DIR%s, or do without "
                      "tracking",
                      path, strerror(number), given_folder() ? "mend or unset" : "set",
                      given_folder() ? "" : " to a folder of this user's");
}

static bool has_parent(const char *path)
{
    struct stat status;
    char parent[PSHMI_PATH_SIZE];
    size_t size = (size_t)(strrchr(path, '/') - path);
    memcpy(parent, path, size);
    memcpy(parent + size, "/.", 3);
    return pshmi_system.lstat(parent, &status) == 0;
}

int32_t pshmi_folder_find(char path[PSHMI_PATH_SIZE], bool *there)
{
    struct stat status;
    int32_t failure = place(path);
    if (failure)
        return failure;
    *there = pshmi_system.lstat(path, &status) == 0;
    if (!*there)
        return errno == ENOENT && has_parent(path) ? POLYSHM_OK : fail_folder(path);
    if (!S_ISDIR(status.st_mode))
        return pshmi_fail(POLYSHM_EACCES, "'%s' is no folder; remove it", path);
    if (status.st_uid != pshmi_user())
        return pshmi_fail(POLYSHM_EACCES,
                          "the folder '%s' belongs to user %" PRIu32 ", not to user %" PRIu32
                          "; remove it, or set XDG_RUNTIME_DIR to a folder of your own",
                          path, (uint32_t)status.st_uid, pshmi_user());
    if (status.st_mode & 077)
        return pshmi_fail(POLYSHM_EACCES, "the folder '%s' is open to others (mode 0%o); chmod 700 it", path,
                          status.st_mode & 0777u);
    return POLYSHM_OK;
}

int32_t pshmi_folder_path(char path[PSHMI_PATH_SIZE])
{
    bool there;
    int32_t failure = pshmi_folder_find(path, &there);
    if (failure || there)
        return failure;
    if (pshmi_system.mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail_folder(path);
    failure = pshmi_folder_find(path, &there);
    if (failure || there)
        return failure;
    errno = ENOENT; /* somebody has removed it again */
    return fail_folder(path);
}

int32_t pshmi_file_visit(void (*visit)(void *user, const char *name), void *user)
{
    return pshmi_folder_visit(PSHMI_SYSTEM_BLOCKS, visit, user);
}

int32_t pshmi_folder_visit(const char *folder, void (*visit)(void *user, const char *name), void *user)
{
    DIR *stream = opendir(folder);
    if (!stream)
        return pshmi_system_fail_at("read the folder", folder);
    for (struct dirent *entry; (entry = readdir(stream));)
        if (entry->d_name[0] != '.' || (entry->d_name[1] && strcmp(entry->d_name, "..") != 0))
            visit(user, entry->d_name);
    closedir(stream);
    return POLYSHM_OK;
}

static int32_t fail_records(pshmi_records *records, int32_t failure)
{
    pshmi_records_close(records);
    return failure;
}

/* Looks at the file, and opens the second description. */
static int32_t complete(const char *path, bool readonly, pshmi_records *records)
{
    struct stat status;
    records->file.hidden[0] = '\0';
    records->appender = -1;
    if (records->file.descriptor < 0 || pshmi_system.fstat(records->file.descriptor, &status) != 0)
        return pshmi_system_fail_at("open", path);
    records->file.size = (uint64_t)status.st_size;
    records->file.owner = status.st_uid;
    records->file.identity = (pshmi_identity){.device = status.st_dev, .inode = status.st_ino};
    if (!S_ISREG(status.st_mode))
        return pshmi_fail(POLYSHM_ENOTBLOCK, "'%s' is no regular file", path);
    if (status.st_uid != pshmi_user())
        return pshmi_fail(POLYSHM_EACCES, "'%s' belongs to user %" PRIu32 ", not to user %" PRIu32, path,
                          (uint32_t)status.st_uid, pshmi_user());
    if (readonly)
        return POLYSHM_OK;
    records->appender = pshmi_system.open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
    return records->appender < 0 ? pshmi_system_fail_at("open", path) : POLYSHM_OK;
}

/* Removes what a try has made, unless somebody is about to do that who took it for a dead one's. */
static void abandon(const char *path, const pshmi_records *records)
{
    bool taken = false;
    pshmi_error_record before = pshmi_error_save();
    if (records->file.descriptor >= 0 && pshmi_lease_take(&records->file, path, 0, &taken) == POLYSHM_OK && taken)
        pshmi_records_unlink(path);
    pshmi_error_restore(&before);
}

/* One try: made is false, and nothing is there, if somebody took it for a dead one's and removed it. */
static int32_t create_once(const char *path, const void *first, pshmi_records *records, bool *made)
{
    pshmi_error_record before = pshmi_error_save();
    *made = false;
    records->file.descriptor = pshmi_system.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int32_t failure = complete(path, false, records);
    if (failure == POLYSHM_ENOENT && records->file.descriptor >= 0) {
        pshmi_error_restore(&before);
        return POLYSHM_OK;
    }
    if (!failure)
        failure = pshmi_lease_take(&records->file, path, 0, made);
    if (!failure && *made)
        failure = pshmi_records_write(records, 0, first);
    if (failure && records->file.descriptor >= 0 && pshmi_records_is_unlinked(records))
        failure = POLYSHM_OK;
    else if (failure)
        abandon(path, records);
    *made = *made && !failure && !pshmi_records_is_unlinked(records);
    return failure;
}

int32_t pshmi_records_create(const char *path, const void *first, pshmi_records *records)
{
    bool made = false;
    int32_t failure;
    pshmi_error_record before = pshmi_error_save();
    while (!(failure = create_once(path, first, records, &made)) && !made) {
        pshmi_records_close(records);
        pshmi_error_restore(&before);
    }
    return failure ? fail_records(records, failure) : POLYSHM_OK;
}

int32_t pshmi_records_open(const char *path, bool readonly, pshmi_records *records)
{
    int flags = (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    records->file.descriptor = pshmi_system.open(path, flags, 0);
    int32_t failure = complete(path, readonly, records);
    return failure ? fail_records(records, failure) : POLYSHM_OK;
}

void pshmi_records_close(pshmi_records *records)
{
    if (records->appender >= 0)
        pshmi_system.close(records->appender);
    records->appender = -1;
    pshmi_file_close(&records->file);
}

/* Within one page there is room for all of it or for nothing. */
static int32_t check_written(ssize_t written)
{
    if (written == PSHMI_RECORD_SIZE)
        return POLYSHM_OK;
    if (written >= 0)
        errno = ENOSPC;
    return pshmi_system_fail_at("write to", "the folder for tracking and managers");
}

void pshmi_records_unlink(const char *path)
{
    pshmi_system.unlink(path);
}

bool pshmi_records_is_unlinked(const pshmi_records *records)
{
    struct stat status;
    return pshmi_system.fstat(records->file.descriptor, &status) == 0 && status.st_nlink == 0;
}

/* Fails for a record that would end there. */
static int32_t check_limit(uint64_t end)
{
    if (!pshmi_system_is_over_limit(end))
        return POLYSHM_OK;
    return pshmi_fail(POLYSHM_ENOSPC, "the books of tracked blocks and managers need more than the limit of file sizes "
                                      "(ulimit -f)");
}

int32_t pshmi_records_append(pshmi_records *records, const void *record, uint64_t *number)
{
    struct stat status;
    int32_t failure = POLYSHM_OK;
    /* Seldom is there any limit; only then the file's size matters. */
    if (pshmi_system_is_over_limit(UINT64_MAX) && pshmi_system.fstat(records->appender, &status) == 0)
        failure = check_limit((uint64_t)status.st_size + PSHMI_RECORD_SIZE);
    if (failure)
        return failure;
    failure = check_written(pshmi_system.write(records->appender, record, PSHMI_RECORD_SIZE));
    if (failure)
        return failure;
    /* write has set the description's offset behind what it wrote (write(2), O_APPEND). */
    uint64_t end = (uint64_t)lseek(records->appender, 0, SEEK_CUR);
    if (end % PSHMI_RECORD_SIZE)
        return pshmi_fail(POLYSHM_ECORRUPT, "a manager's book is damaged: it ends in the middle of a record");
    *number = end / PSHMI_RECORD_SIZE - 1;
    return POLYSHM_OK;
}

int32_t pshmi_records_write(const pshmi_records *records, uint64_t number, const void *record)
{
    off_t at = (off_t)(number * PSHMI_RECORD_SIZE);
    int32_t failure = check_limit((uint64_t)at + PSHMI_RECORD_SIZE);
    return failure ? failure
                   : check_written(pshmi_system.pwrite(records->file.descriptor, record, PSHMI_RECORD_SIZE, at));
}

int32_t pshmi_records_read(const pshmi_records *records, uint64_t number, void *record, bool *there)
{
    off_t at = (off_t)(number * PSHMI_RECORD_SIZE);
    ssize_t got = pshmi_system.pread(records->file.descriptor, record, PSHMI_RECORD_SIZE, at);
    if (got < 0)
        return pshmi_system_fail_at("read", "a manager's book");
    *there = got == PSHMI_RECORD_SIZE;
    return POLYSHM_OK;
}
