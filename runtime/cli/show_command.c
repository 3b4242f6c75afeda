/* polyshm show: what is in a block. */
#include <inttypes.h>
#include <string.h>

#include "show.h"

static void print_title(const pshmi_block *block)
{
    pshmi_escape(stdout, block->name, strlen(block->name), 0, 0);
    printf(": %s, %" PRIu64 " bytes", pshmi_block_kind_name(block->kind), block->size);
    if (block->note[0]) {
        fputs("; ", stdout);
        pshmi_escape(stdout, block->note, strlen(block->note), 0, 0);
    }
    putchar('\n');
}

static int run(const pshmi_call *call)
{
    pshmi_block block;
    if (pshmi_name_check(call->operands[0]) || pshmi_block_look(call->operands[0], &block))
        return pshmi_command_fail();
    if (block.kind == PSHMI_BLOCK_UNKNOWN) {
        pshmi_screen_complain("%s", block.note);
        return PSHMI_COMMAND_FAILED;
    }
    json_t *json = NULL;
    if (call->json)
        json = json_pack("{s:s, s:s, s:I, s:o}", "name", block.name, "kind", pshmi_block_kind_name(block.kind), "size",
                         (json_int_t)block.size, "note",
                         block.note[0] ? pshmi_json_escaped(block.note, strlen(block.note)) : json_null());
    else
        print_title(&block);
    bool served = block.kind == PSHMI_BLOCK_LIST && !block.note[0];
    int status = (served ? pshmi_show_list : pshmi_show_bytes)(&block, call->all, json);
    if (json && !status)
        pshmi_json_print(json, false);
    else
        json_decref(json);
    return status;
}

const pshmi_command pshmi_show_command = {
    .name = "show",
    .arguments = "NAME",
    .summary = "draw a list's layout, or dump bytes",
    .help =
        "Draws the layout of a list: its parts; for each item its type and format, how wide its slot is, how much of "
        "that\n"
        "is used and how much is spare; and the sync area: version, lock and journal. Of a block that is no list, it\n"
        "shows the first bytes. Long lists are shortened, unless --all is given; JSON has all items.",
    .options = "ja",
    .least = 1,
    .most = 1,
    .run = run,
};
