/* What is there, and what dead processes left. */
#include <inttypes.h>
#include <polyshm/manager.h>

#include "reaper.h"
#include "roll.h"
#include "segment.h"

/* How long a helper has for what is to go, in seconds. */
static const double HELPER_TIMEOUT = 5;

static void add_block(void *user, const char *name)
{
    pshmi_error_record before = pshmi_error_save();
    bool there = false;
    if (pshmi_name_check(name) == POLYSHM_OK && pshmi_file_exists(name, &there) == POLYSHM_OK && there)
        pshmi_roll_add(user, name);
    pshmi_error_restore(&before);
}

int32_t polyshm_block_names(char *buffer, uint64_t capacity, uint64_t *size)
{
    pshmi_roll roll = {buffer, capacity, 0};
    if (!size || (!buffer && capacity))
        return pshmi_fail_null(__func__, size ? "buffer" : "size");
    int32_t failure = pshmi_file_visit(add_block, &roll);
    return failure ? failure : pshmi_roll_end(&roll, size);
}

static void add_reaped(void *user, const char *name, const char *book)
{
    (void)book;
    pshmi_roll_add(user, name);
}

/* Once more after it: meanwhile somebody may have made a book, found that there is a helper, and ended. */
static int32_t reap_here(const char *folder, pshmi_helper *helper, pshmi_roll *roll)
{
    pshmi_reaper_rest rest;
    const pshmi_reaper reaper = {.folder = folder, .found = add_reaped, .user = roll};
    int32_t failure = pshmi_reaper_pass(&reaper, &rest);
    pshmi_helper_resign(helper);
    if (failure || (failure = pshmi_reaper_pass(&reaper, &rest)) || !pshmi_reaper_is_needed(&rest))
        return failure;
    pshmi_helper_contact contact = {0};
    failure = pshmi_helper_ensure(&contact, folder);
    pshmi_helper_forget(&contact);
    return failure;
}

/* Whether a helper that is at work has nothing left to unlink. */
static int32_t is_done(const char *folder, bool *done)
{
    pshmi_reaper_rest rest;
    pshmi_roll left = {NULL, 0, 0};
    const pshmi_reaper looking = {.folder = folder, .dry = true, .found = add_reaped, .user = &left};
    int32_t failure = pshmi_reaper_pass(&looking, &rest);
    *done = !failure && !left.size && !rest.locked;
    return failure;
}

/* Does the helper's work once; where a helper is at work, waits until that has nothing left to unlink. */
static int32_t reap(const char *folder, pshmi_roll *roll)
{
    pshmi_wait wait = pshmi_wait_begin(HELPER_TIMEOUT);
    for (;;) {
        bool taken = false, done = false;
        pshmi_helper helper;
        int32_t failure = pshmi_helper_become(folder, &helper, &taken);
        if (!failure && taken)
            return reap_here(folder, &helper, roll);
        if (failure || (failure = is_done(folder, &done)) || done)
            return failure;
        if ((failure = pshmi_wait_pause(&wait)) == POLYSHM_ETIMEDOUT)
            return pshmi_fail(failure, "a helper is at work, but has not unlinked everything in time");
        if (failure)
            return failure;
    }
}

int32_t polyshm_reap(uint32_t flags, char *buffer, uint64_t capacity, uint64_t *size)
{
    char folder[PSHMI_PATH_SIZE];
    pshmi_roll roll = {buffer, capacity, 0};
    pshmi_reaper_rest rest;
    if (!size || (!buffer && capacity))
        return pshmi_fail_null(__func__, size ? "buffer" : "size");
    if (flags & ~(uint32_t)POLYSHM_REAP_DRY_RUN)
        return pshmi_fail(POLYSHM_EINVAL, "%s: flags 0x%" PRIx32 " are unknown", __func__, flags);
    bool there = false;
    int32_t failure = pshmi_folder_find(folder, &there);
    if (failure)
        return failure;
    const pshmi_reaper looking = {.folder = folder, .dry = true, .found = add_reaped, .user = &roll};
    if (there)
        failure = flags ? pshmi_reaper_pass(&looking, &rest) : reap(folder, &roll);
    return failure ? failure : pshmi_roll_end(&roll, size);
}
