/* Reading the books (keepers.h). */
#include "keepers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "screen.h"

static void add_entries(pshmi_keepers *keepers, const pshmi_book *book, const pshmi_book_title *title, bool lives)
{
    pshmi_book_entry entry;
    bool used, there = true;
    for (uint64_t number = 1; pshmi_book_read(book, number, &entry, &used, &there) == POLYSHM_OK && there; number++) {
        if (!used)
            continue;
        pshmi_keeper *keeper = pshmi_identities_add(&keepers->found, sizeof *keeper);
        *keeper =
            (pshmi_keeper){.identity = entry.identity, .kind = title->kind, .owner = title->owner, .lives = lives};
        memcpy(keeper->name, entry.name, sizeof keeper->name);
        memcpy(keeper->book, book->name, sizeof keeper->book);
    }
}

typedef struct {
    const char *folder;
    pshmi_keepers *keepers;
} visit;

static void visit_file(void *user, const char *name)
{
    const visit *now = user;
    pshmi_book book;
    pshmi_book_title title;
    bool lives = false;
    if (strcmp(name, PSHMI_HELPER_FILE) == 0)
        return;
    int32_t failure = pshmi_book_open_any(now->folder, name, &book, &title);
    if (failure) {
        now->keepers->damaged += failure != POLYSHM_ENOENT;
        if (failure != POLYSHM_ENOENT)
            snprintf(now->keepers->one, sizeof now->keepers->one, "%s", name);
        return;
    }
    if (pshmi_book_is_owned(&book, &lives) == POLYSHM_OK) {
        now->keepers->living += lives;
        now->keepers->stale += !lives && title.stale;
        now->keepers->ended += !lives && !title.stale && !title.foreign;
        if (!title.stale && !title.foreign)
            add_entries(now->keepers, &book, &title, lives);
    }
    pshmi_book_close(&book);
}

int32_t pshmi_keepers_find(pshmi_keepers *keepers)
{
    char folder[PSHMI_PATH_SIZE];
    bool there = false;
    visit now = {folder, keepers};
    *keepers = (pshmi_keepers){0};
    int32_t failure = pshmi_folder_find(folder, &there);
    if (!failure && there)
        failure = pshmi_folder_visit(folder, visit_file, &now);
    pshmi_identities_sort(&keepers->found, sizeof(pshmi_keeper));
    return failure;
}

void pshmi_keepers_find_all(pshmi_keepers *keepers)
{
    if (pshmi_keepers_find(keepers))
        pshmi_screen_complain("who tracks and manages blocks is not known: %s", polyshm_error_message());
}

const pshmi_keeper *pshmi_keepers_of(const pshmi_keepers *keepers, pshmi_identity identity, size_t *count)
{
    return pshmi_identities_of(&keepers->found, sizeof(pshmi_keeper), identity, count);
}

void pshmi_keepers_free(pshmi_keepers *keepers)
{
    free(keepers->found.all);
}

void pshmi_keeper_print(FILE *stream, const pshmi_keeper *keeper)
{
    if (keeper->kind == PSHMI_BOOK_MANAGED) {
        fputs("manager ", stream);
        pshmi_escape(stream, keeper->book, strlen(keeper->book), 0, 0);
        fputs(" of ", stream);
    } else {
        fputs("tracked by ", stream);
    }
    if (keeper->owner)
        fprintf(stream, "%" PRIu32, keeper->owner);
    else
        fputs("a process in another pid namespace", stream);
    fputs(keeper->lives ? "" : ", which has ended", stream);
}
