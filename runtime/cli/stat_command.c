/* polyshm stat: all that is known of one block. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "output.h"

static void print_kind(FILE *stream, const pshmi_block *block)
{
    fputs(pshmi_block_kind_name(block->kind), stream);
    if (block->note[0]) {
        fputs(": ", stream);
        pshmi_escape(stream, block->note, strlen(block->note), 0, 0);
    } else if (block->kind == PSHMI_BLOCK_LIST) {
        fprintf(stream, " of %" PRIu64 " item%s, %s", block->items, block->items == 1 ? "" : "s",
                block->synchronized ? "synchronized" : "without a sync area: a stock CPython made it");
    }
}

static void print_table(const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    static const pshmi_column columns[] = {{NULL, false}, {NULL, false}};
    pshmi_table table = {.columns = columns, .width = 2};
    pshmi_table_add(&table, PSHMI_HEAD, "name");
    pshmi_escape(pshmi_table_cell(&table, PSHMI_PLAIN), block->name, strlen(block->name), 0, 0);
    pshmi_table_add(&table, PSHMI_HEAD, "kind");
    print_kind(pshmi_table_cell(&table, block->note[0] ? PSHMI_DOUBTFUL : PSHMI_PLAIN), block);
    pshmi_table_add(&table, PSHMI_HEAD, "size");
    pshmi_table_add(&table, PSHMI_PLAIN, "%" PRIu64 " bytes", block->size);
    pshmi_table_add(&table, PSHMI_HEAD, "used");
    pshmi_table_add(&table, PSHMI_PLAIN, "%" PRIu64 " bytes of memory", block->used);
    pshmi_table_add(&table, PSHMI_HEAD, "mode");
    pshmi_table_add(&table, PSHMI_PLAIN, "%04" PRIo32, block->mode);
    pshmi_table_add(&table, PSHMI_HEAD, "user");
    pshmi_output_owner(pshmi_table_cell(&table, PSHMI_PLAIN), block);
    pshmi_table_add(&table, PSHMI_HEAD, "kept");
    pshmi_output_keepers(pshmi_table_cell(&table, PSHMI_PLAIN), block, knowledge);
    pshmi_table_add(&table, PSHMI_HEAD, "attached");
    pshmi_output_attached(pshmi_table_cell(&table, PSHMI_PLAIN), block, knowledge);
    pshmi_table_print(&table);
    pshmi_output_unseen(&knowledge->processes);
}

static int run(const pshmi_call *call)
{
    pshmi_block block;
    pshmi_knowledge knowledge;
    if (pshmi_block_look(call->operands[0], &block))
        return pshmi_command_fail();
    pshmi_knowledge_gather(&knowledge);
    if (call->json) {
        json_t *json = pshmi_json_block(&block, &knowledge);
        json_object_set_new(json, "unseen_processes", json_integer((json_int_t)knowledge.processes.unseen));
        pshmi_json_print(json, false);
    } else {
        print_table(&block, &knowledge);
    }
    pshmi_knowledge_free(&knowledge);
    return PSHMI_COMMAND_DONE;
}

const pshmi_command pshmi_stat_command = {
    .name = "stat",
    .arguments = "NAME",
    .summary = "tell all about one block",
    .help = "Tells what polyshm ls tells, of one block, and what is wrong with it.",
    .options = "j",
    .least = 1,
    .most = 1,
    .run = run,
};
