/* polyshm ls: all blocks, one a line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

typedef struct {
    pshmi_block *all;
    size_t count, room;
} blocks;

/* What is gone meanwhile, or no block, is left out. */
static void add(void *user, const char *name)
{
    blocks *found = user;
    if (found->count == found->room) {
        found->room = found->room ? found->room * 2 : 32;
        found->all = pshmi_must(realloc(found->all, found->room * sizeof *found->all));
    }
    found->count += pshmi_block_look(name, &found->all[found->count]) == POLYSHM_OK;
}

static int compare(const void *one, const void *other)
{
    return strcmp(((const pshmi_block *)one)->name, ((const pshmi_block *)other)->name);
}

static void add_row(pshmi_table *table, const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    bool counted = block->kind == PSHMI_BLOCK_LIST && !block->note[0];
    pshmi_escape(pshmi_table_cell(table, PSHMI_HEAD), block->name, strlen(block->name), 0, 0);
    pshmi_table_add(table, block->note[0] ? PSHMI_DOUBTFUL : PSHMI_PLAIN, "%s%s", pshmi_block_kind_name(block->kind),
                    block->note[0] ? "!" : "");
    pshmi_table_add(table, PSHMI_PLAIN, counted ? "%" PRIu64 : "-", block->items);
    pshmi_table_add(table, PSHMI_PLAIN, "%" PRIu64, block->size);
    pshmi_table_add(table, PSHMI_PLAIN, "%" PRIu64, block->used);
    pshmi_table_add(table, PSHMI_PLAIN, "%04" PRIo32, block->mode);
    pshmi_output_owner(pshmi_table_cell(table, PSHMI_PLAIN), block);
    pshmi_output_keepers(pshmi_table_cell(table, PSHMI_PLAIN), block, knowledge);
    pshmi_output_attached(pshmi_table_cell(table, PSHMI_PLAIN), block, knowledge);
}

static void print_table(const blocks *found, const pshmi_knowledge *knowledge)
{
    static const pshmi_column columns[] = {{"NAME", false}, {"KIND", false}, {"ITEMS", true},
                                           {"SIZE", true},  {"USED", true},  {"MODE", false},
                                           {"USER", false}, {"KEPT", false}, {"ATTACHED", false}};
    pshmi_table table = {.columns = columns, .width = sizeof columns / sizeof *columns};
    for (size_t i = 0; i < found->count; i++)
        add_row(&table, &found->all[i], knowledge);
    pshmi_table_print(&table);
    pshmi_output_unseen(&knowledge->processes);
}

static void print_json(const blocks *found, const pshmi_knowledge *knowledge)
{
    json_t *all = json_array();
    for (size_t i = 0; i < found->count; i++)
        json_array_append_new(all, pshmi_json_block(&found->all[i], knowledge));
    pshmi_json_print(
        json_pack("{s:o, s:I}", "blocks", all, "unseen_processes", (json_int_t)knowledge->processes.unseen), false);
}

static int run(const pshmi_call *call)
{
    blocks found = {0};
    pshmi_knowledge knowledge;
    int32_t failure = pshmi_file_visit(add, &found);
    if (!failure) {
        if (found.count)
            qsort(found.all, found.count, sizeof *found.all, compare);
        pshmi_knowledge_gather(&knowledge);
        (call->json ? print_json : print_table)(&found, &knowledge);
        pshmi_knowledge_free(&knowledge);
    }
    free(found.all);
    return failure ? pshmi_command_fail() : PSHMI_COMMAND_DONE;
}

const pshmi_command pshmi_ls_command = {
    .name = "ls",
    .arguments = "",
    .summary = "list all blocks, and who has them",
    .help = "Lists all blocks: what is in them, their size and the memory that they really take, in bytes, who is to "
            "remove\n"
            "them (KEPT) and which processes have them open or mapped, those that do not use polyshm included. A kind "
            "with\n"
            "an exclamation mark could not be looked into: polyshm stat says why.",
    .options = "j",
    .run = run,
};
