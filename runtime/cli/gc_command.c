/* polyshm gc: removes what dead processes left, and says why. */
#include <polyshm/manager.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

/* How long it waits for a helper at work to remove what it is to remove, in seconds. */
static const double PATIENCE = 2;

/* What would go, as names with a NUL behind each. */
static int32_t list_due(char **names, uint64_t *size)
{
    uint64_t room = 1 << 16;
    int32_t failure;
    *names = NULL;
    do {
        *names = pshmi_must(realloc(*names, (size_t)room));
        failure = polyshm_reap(POLYSHM_REAP_DRY_RUN, *names, room, size);
        room = *size + (1 << 16);
    } while (failure == POLYSHM_ENOBUFS);
    return failure;
}

static bool is_due(const pshmi_keeper *keeper, const char *names, uint64_t size)
{
    for (uint64_t at = 0; at < size; at += strlen(names + at) + 1)
        if (strcmp(names + at, keeper->name) == 0)
            return true;
    return false;
}

/* A helper that is at work may be about to. */
static bool is_gone(const pshmi_keeper *keeper, double deadline)
{
    while (pshmi_file_is(keeper->name, keeper->identity)) {
        if (pshmi_clock_now() > deadline)
            return false;
        pshmi_clock_sleep(0.005);
    }
    return true;
}

/* What becomes of the block of an ended process; NULL if it is gone already. */
static const char *act(const pshmi_keeper *keeper, bool due, bool dry, double deadline)
{
    if (!due)
        return pshmi_file_is(keeper->name, keeper->identity) ? "in use" : NULL;
    if (dry)
        return "would remove";
    return is_gone(keeper, deadline) ? "removed" : "not removed";
}

/* Gives an action for every keeper, NULL for those that there is nothing to say of. */
static int32_t collect(const pshmi_keepers *keepers, bool dry, const char **actions)
{
    char *names;
    uint64_t size = 0, reaped = 0;
    const pshmi_keeper *all = keepers->found.all;
    int32_t failure = list_due(&names, &size);
    if (!failure && !dry && (failure = polyshm_reap(0, NULL, 0, &reaped)) == POLYSHM_ENOBUFS)
        failure = POLYSHM_OK; /* the names are known */
    double deadline = pshmi_clock_now() + PATIENCE;
    for (size_t i = 0; !failure && i < keepers->found.count; i++)
        if (!all[i].lives)
            actions[i] = act(&all[i], is_due(&all[i], names, size), dry, deadline);
    free(names);
    return failure;
}

static void print_table(const pshmi_keepers *keepers, const char *const *actions)
{
    static const pshmi_column columns[] = {{NULL, false}, {NULL, false}, {NULL, false}};
    pshmi_table table = {.columns = columns, .width = 3};
    const pshmi_keeper *all = keepers->found.all;
    for (size_t i = 0; i < keepers->found.count; i++) {
        if (!actions[i])
            continue;
        pshmi_table_add(&table, PSHMI_PLAIN, "%s", actions[i]);
        pshmi_escape(pshmi_table_cell(&table, PSHMI_HEAD), all[i].name, strlen(all[i].name), 0, 0);
        pshmi_keeper_print(pshmi_table_cell(&table, PSHMI_PLAIN), &all[i]);
    }
    pshmi_table_print(&table);
}

static void print_json(const pshmi_keepers *keepers, const char *const *actions)
{
    json_t *blocks = json_array();
    const pshmi_keeper *all = keepers->found.all;
    for (size_t i = 0; i < keepers->found.count; i++)
        if (actions[i]) {
            json_t *block = pshmi_json_keeper(&all[i]);
            json_object_set_new(block, "name", json_string(all[i].name));
            json_object_set_new(block, "action", json_string(actions[i]));
            json_array_append_new(blocks, block);
        }
    pshmi_json_print(json_pack("{s:o}", "blocks", blocks), false);
}

static int report(const pshmi_call *call, const pshmi_keepers *keepers)
{
    int status = PSHMI_COMMAND_DONE;
    const char **actions = pshmi_must(calloc(keepers->found.count + 1, sizeof *actions));
    if (collect(keepers, call->dry_run, actions))
        status = pshmi_command_fail();
    else
        (call->json ? print_json : print_table)(keepers, actions);
    for (size_t i = 0; i < keepers->found.count; i++)
        if (actions[i] && strcmp(actions[i], "not removed") == 0)
            status = PSHMI_COMMAND_FAILED;
    free(actions);
    return status;
}

static int run(const pshmi_call *call)
{
    pshmi_keepers keepers = {0};
    int status = pshmi_keepers_find(&keepers) ? pshmi_command_fail() : report(call, &keepers);
    if (keepers.damaged)
        pshmi_screen_complain("damaged books are left alone; polyshm doctor tells more");
    pshmi_keepers_free(&keepers);
    return status;
}

const pshmi_command pshmi_gc_command = {
    .name = "gc",
    .arguments = "",
    .summary = "remove what ended processes left behind",
    .help =
        "Removes the blocks of managers whose process has ended, and tracked blocks whose process has ended and that\n"
        "nobody has open; says which, and why; and which it leaves, because somebody is attached to them. It is "
        "needed\n"
        "only where helpers were killed, too: see polyshm manager. Blocks that are in no book are nobody's garbage:\n"
        "polyshm rm removes them.",
    .options = "jn",
    .run = run,
};
