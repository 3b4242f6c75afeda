/* Finding, starting and becoming a folder's helper (helper.h). */
#include "helper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Containers that share the folder may have each a /dev/shm of its own, and so a helper, whose lease has the number of that. */
static int32_t number_lease(uint32_t *lease)
{
    uint64_t device;
    int32_t failure = pshmi_file_device(&device);
    if (!failure)
        *lease = (uint32_t)device;
    return failure;
}

static void set_path(pshmi_helper *helper, const char *folder)
{
    snprintf(helper->path, sizeof helper->path, "%s/" PSHMI_HELPER_FILE, folder);
}

/* Opens the helper's file, which stays for the next one. A record that says no process is its first. */
static int32_t open_file(pshmi_helper *helper, const char *folder, bool readonly)
{
    static const char nobody[PSHMI_RECORD_SIZE];
    int32_t failure;
    pshmi_error_record before = pshmi_error_save();
    set_path(helper, folder);
    for (;;) {
        failure = pshmi_records_open(helper->path, readonly, &helper->records);
        if (failure != POLYSHM_ENOENT)
            return failure;
        failure = pshmi_records_create(helper->path, nobody, &helper->records);
        if (failure && failure != POLYSHM_EEXIST)
            return failure;
        pshmi_error_restore(&before);
        if (!failure)
            pshmi_records_close(&helper->records);
    }
}

void pshmi_helper_forget(pshmi_helper_contact *contact)
{
    if (contact->open)
        pshmi_records_close(&contact->helper.records);
    contact->open = false;
}

static int32_t ask(pshmi_helper_contact *contact, const char *folder, bool *taken)
{
    if (!contact->open) {
        int32_t failure = number_lease(&contact->lease);
        if (failure || (failure = open_file(&contact->helper, folder, true)))
            return failure;
        contact->open = true;
    }
    int32_t failure = pshmi_lease_is_taken(&contact->helper.records.file, contact->helper.path, contact->lease, taken);
    if (failure || !*taken) /* somebody may have removed the file, and the next helper have another */
        pshmi_helper_forget(contact);
    return failure;
}

/* Whether there is a helper, and what its file says, or the last one's. */
static int32_t look(const char *folder, bool *taken, char record[PSHMI_RECORD_SIZE])
{
    pshmi_helper helper;
    bool there = false;
    uint32_t lease;
    *taken = false;
    memset(record, 0, PSHMI_RECORD_SIZE);
    int32_t failure = number_lease(&lease);
    if (failure)
        return failure;
    set_path(&helper, folder);
    pshmi_error_record before = pshmi_error_save();
    failure = pshmi_records_open(helper.path, true, &helper.records);
    if (failure == POLYSHM_ENOENT) { /* there never was one */
        pshmi_error_restore(&before);
        return POLYSHM_OK;
    }
    if (failure)
        return failure;
    failure = pshmi_lease_is_taken(&helper.records.file, helper.path, lease, taken);
    if (!failure)
        failure = pshmi_records_read(&helper.records, 0, record, &there);
    pshmi_records_close(&helper.records);
    record[PSHMI_RECORD_SIZE - 1] = '\0';
    return failure;
}

static int32_t look_held(const char *folder, bool *taken, char record[PSHMI_RECORD_SIZE])
{
    pshmi_fork_hold();
    int32_t failure = look(folder, taken, record);
    pshmi_fork_let();
    return failure;
}

/* A program that is no helper may end well, too. One that is has signed, or has found another, which may have ended since: then
 * the next one signs. */
static int32_t start(const char *folder)
{
    char before[PSHMI_RECORD_SIZE], after[PSHMI_RECORD_SIZE];
    bool taken;
    int32_t failure = look_held(folder, &taken, before);
    for (int tries = 0; !failure && tries < 2; tries++) {
        if ((failure = pshmi_helper_start(folder)) || (failure = look_held(folder, &taken, after)))
            return failure;
        if (taken || memcmp(before, after, sizeof before) != 0)
            return POLYSHM_OK;
    }
    return failure ? failure
                   : pshmi_fail(POLYSHM_ESYSTEM, "the program that was started to clean up after tracked blocks and "
                                                 "managers ended well, but is not polyshm; see POLYSHM_COMMAND");
}

int32_t pshmi_helper_ensure(pshmi_helper_contact *contact, const char *folder)
{
    bool taken = false;
    pshmi_fork_hold();
    int32_t failure = ask(contact, folder, &taken);
    pshmi_fork_let();
    return failure || taken ? failure : start(folder);
}

int32_t pshmi_helper_become(const char *folder, pshmi_helper *helper, bool *taken)
{
    uint32_t lease;
    *taken = false;
    int32_t failure = number_lease(&lease);
    if (failure || (failure = open_file(helper, folder, false)))
        return failure;
    failure = pshmi_lease_take(&helper->records.file, helper->path, lease, taken);
    if (failure || !*taken)
        pshmi_records_close(&helper->records);
    return failure;
}

int32_t pshmi_helper_sign(const pshmi_helper *helper, uint32_t process)
{
    char record[PSHMI_RECORD_SIZE] = "";
    snprintf(record, sizeof record, "%" PRIu32 "\n%" PRIu64 "\n", process, pshmi_pid_namespace());
    return pshmi_records_write(&helper->records, 0, record);
}

/* Where the system cannot tell now, it is. */
bool pshmi_helper_is_found(const pshmi_helper *helper)
{
    pshmi_records found;
    pshmi_error_record before = pshmi_error_save();
    int32_t failure = pshmi_records_open(helper->path, true, &found);
    pshmi_error_restore(&before);
    if (failure)
        return failure != POLYSHM_ENOENT && failure != POLYSHM_ENOTBLOCK;
    bool same = pshmi_identity_equal(found.file.identity, helper->records.file.identity);
    pshmi_records_close(&found);
    return same;
}

void pshmi_helper_resign(pshmi_helper *helper)
{
    pshmi_records_close(&helper->records);
}

int32_t pshmi_helper_find(const char *folder, bool *taken, uint32_t *process)
{
    char record[PSHMI_RECORD_SIZE], *end;
    int32_t failure = look(folder, taken, record);
    if (failure)
        return failure;
    *process = *taken ? (uint32_t)strtoul(record, &end, 10) : 0;
    if (*taken && strtoull(end, NULL, 10) != pshmi_pid_namespace())
        *process = 0;
    return POLYSHM_OK;
}
