/* What a list's sync area says of the processes that share it (show.h). All of it may be garbage: it is shown, not
 * believed. */
#include <inttypes.h>

#include "journal.h"
#include "list.h"
#include "show.h"

typedef struct {
    uint64_t version;
    bool writing, orphaned, held, waiting, abandoned, pending;
    uint32_t participant, generation;
    uint32_t participants; /* that hold their lease */
    uint64_t item;         /* that is being written */
} sync_state;

static uint32_t count_participants(const polyshm_list *list)
{
    uint32_t count = 0;
    for (uint32_t number = 0; number < PSHMI_PARTICIPANTS; number++) {
        bool taken = false;
        if (pshmi_lease_is_taken(&list->segment->file, list->segment->name, number, &taken) == POLYSHM_OK)
            count += taken;
    }
    return count;
}

static sync_state look(const polyshm_list *list)
{
    const pshmi_area *area = &list->lock.area;
    uint64_t version = atomic_load(&area->state->version);
    sync_state now = {.version = version / 2, .writing = version & 1, .orphaned = atomic_load(&area->state->orphaned)};
    uint32_t word = atomic_load(&area->state->lock);
    now.waiting = word & PSHMI_LOCK_SLEEPERS;
    word &= ~PSHMI_LOCK_SLEEPERS;
    now.held = word != 0;
    now.participant = (word >> 16) - (now.held && word >> 16);
    now.generation = word & 0xFFFF;
    if (now.held && pshmi_lock_is_abandoned(&list->lock, &now.abandoned))
        now.abandoned = false;
    now.participants = count_participants(list);
    now.pending = pshmi_journal_pending(area, &now.item);
    return now;
}

static void print_lock(pshmi_table *table, const sync_state *now)
{
    if (!now->held) {
        pshmi_table_add(table, PSHMI_GOOD, "free");
        return;
    }
    pshmi_table_add(table, now->abandoned ? PSHMI_BAD : PSHMI_DOUBTFUL, "held by participant %" PRIu32 ", %s%s",
                    now->participant,
                    now->abandoned ? "which is dead: the next who wants it takes it over" : "which lives",
                    now->waiting ? "; others wait" : "");
}

void pshmi_show_sync(const polyshm_list *list)
{
    static const pshmi_column columns[] = {{NULL, false}, {NULL, false}};
    pshmi_table table = {.columns = columns, .width = 2};
    putchar('\n');
    if (!list->synchronized) {
        puts("no sync area: a stock CPython made it");
        return;
    }
    sync_state now = look(list);
    pshmi_table_add(&table, PSHMI_HEAD, "version");
    pshmi_table_add(&table, PSHMI_PLAIN, "%" PRIu64 "%s", now.version, now.writing ? ", being written" : "");
    pshmi_table_add(&table, PSHMI_HEAD, "lock");
    print_lock(&table, &now);
    pshmi_table_add(&table, PSHMI_HEAD, "holders");
    pshmi_table_add(&table, now.orphaned ? PSHMI_DOUBTFUL : PSHMI_PLAIN, "%s",
                    now.orphaned ? "one died with the lock; the next call of lock tells" : "none died unnoticed");
    pshmi_table_add(&table, PSHMI_HEAD, "writers");
    pshmi_table_add(&table, PSHMI_PLAIN, "%" PRIu32 " of %d participants live", now.participants, PSHMI_PARTICIPANTS);
    pshmi_table_add(&table, PSHMI_HEAD, "journal");
    if (now.pending)
        pshmi_table_add(&table, PSHMI_DOUBTFUL, "item %" PRIu64 " is being written; its old value is kept", now.item);
    else
        pshmi_table_add(&table, PSHMI_PLAIN, "empty");
    pshmi_table_print(&table);
}

json_t *pshmi_json_sync(const polyshm_list *list)
{
    if (!list->synchronized)
        return json_null();
    sync_state now = look(list);
    json_t *lock = !now.held
                       ? json_null()
                       : json_pack("{s:I, s:I, s:b, s:b}", "participant", (json_int_t)now.participant, "generation",
                                   (json_int_t)now.generation, "lives", !now.abandoned, "waiting", now.waiting);
    return json_pack("{s:I, s:b, s:o, s:b, s:I, s:o}", "version", (json_int_t)now.version, "writing", now.writing,
                     "lock", lock, "orphaned", now.orphaned, "participants", (json_int_t)now.participants, "journal",
                     now.pending ? json_integer((json_int_t)now.item) : json_null());
}
