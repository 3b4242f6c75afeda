/* Tracking and managers (checks.h). */
#include <errno.h>
#include <inttypes.h>
#include <polyshm/manager.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "helper.h"
#include "keepers.h"

static void check_helper(pshmi_findings *findings, const char *folder, const pshmi_keepers *keepers)
{
    bool taken = false;
    uint32_t process = 0;
    int32_t failure = pshmi_helper_find(folder, &taken, &process);
    if (failure)
        pshmi_findings_add(findings, "helper", PSHMI_FOUND_PROBLEM, NULL, "%s", polyshm_error_message());
    else if (process)
        pshmi_findings_add(findings, "helper", PSHMI_FOUND_OK, NULL, "process %" PRIu32 " is at work", process);
    else if (taken)
        pshmi_findings_add(findings, "helper", PSHMI_FOUND_OK, NULL, "one is at work, in another pid namespace");
    else if (keepers->living || keepers->ended)
        pshmi_findings_add(findings, "helper", PSHMI_FOUND_WARNING, "polyshm gc starts it",
                           "none is at work, but %" PRIu64 " processes need one", keepers->living + keepers->ended);
    else
        pshmi_findings_add(findings, "helper", PSHMI_FOUND_OK, NULL, "none is at work, and none is needed");
}

/* A book whose owner has ended waits for a block to be let go, or nobody cleaned up. */
static void check_left(pshmi_findings *findings, const pshmi_keepers *keepers)
{
    uint64_t size = 0, count = 0;
    int32_t failure = polyshm_reap(POLYSHM_REAP_DRY_RUN, NULL, 0, &size);
    if (failure && failure != POLYSHM_ENOBUFS) {
        pshmi_findings_add(findings, "left", PSHMI_FOUND_PROBLEM, NULL, "%s", polyshm_error_message());
        return;
    }
    char *names = size ? calloc(1, (size_t)size) : NULL;
    if (names && polyshm_reap(POLYSHM_REAP_DRY_RUN, names, size, &size) == POLYSHM_OK)
        for (uint64_t i = 0; i < size; i++)
            count += !names[i];
    free(names);
    pshmi_findings_add(findings, "left", count ? PSHMI_FOUND_WARNING : PSHMI_FOUND_OK,
                       count ? "polyshm gc removes them" : NULL, "ended processes left %" PRIu64 " blocks behind",
                       count);
    pshmi_findings_add(findings, "books", keepers->stale ? PSHMI_FOUND_WARNING : PSHMI_FOUND_OK,
                       keepers->stale ? "polyshm gc removes them" : NULL,
                       "%" PRIu64 " of living processes, %" PRIu64 " of ended ones, %" PRIu64
                       " from before the system was started",
                       keepers->living, keepers->ended, keepers->stale);
}

/* What nobody can prove to be a book of ours is left alone by everybody. */
static void check_damaged(pshmi_findings *findings, const char *folder, const pshmi_keepers *keepers)
{
    if (keepers->damaged)
        pshmi_findings_add(findings, "damaged", PSHMI_FOUND_WARNING,
                           "polyshm rm removes blocks that nobody needs; then remove those files",
                           "%" PRIu64
                           " files in %s are no books, or damaged, '%s' for one; blocks in them are left alone",
                           keepers->damaged, folder, keepers->one);
}

/* The folder is made when it is needed, in one that must allow that. */
static bool can_be_made(const char *folder)
{
    const char *end = strrchr(folder, '/');
    char parent[PSHMI_PATH_SIZE];
    snprintf(parent, sizeof parent, "%.*s", end == folder ? 1 : (int)(end - folder), folder);
    return access(parent, W_OK | X_OK) == 0;
}

void pshmi_check_books(pshmi_findings *findings)
{
    char folder[PSHMI_PATH_SIZE];
    bool there = false;
    pshmi_keepers keepers = {0};
    if (pshmi_folder_find(folder, &there) || pshmi_keepers_find(&keepers)) {
        pshmi_findings_add(findings, "runtime", PSHMI_FOUND_PROBLEM, "without it there is no tracking and no manager",
                           "%s", polyshm_error_message());
    } else if (!there && !can_be_made(folder)) {
        pshmi_findings_add(findings, "runtime", PSHMI_FOUND_PROBLEM,
                           "set XDG_RUNTIME_DIR to a folder that only this user can write to",
                           "%s cannot be made: %s; without it there is no tracking and no manager", folder,
                           strerror(errno));
    } else {
        pshmi_findings_add(findings, "runtime", PSHMI_FOUND_OK, NULL,
                           there ? "%s is this user's alone" : "%s was not needed yet", folder);
        check_helper(findings, folder, &keepers);
        check_left(findings, &keepers);
        check_damaged(findings, folder, &keepers);
    }
    pshmi_keepers_free(&keepers);
}
