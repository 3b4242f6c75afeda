/* polyshm get: one item of a list. */
#include <stdlib.h>

#include "command.h"
#include "opening.h"
#include "output.h"

/* A script gets text and bytes as they are; a terminal does not. */
static void print(const polyshm_value *value)
{
    bool bytes = value->type == POLYSHM_TYPE_BYTES;
    if (value->type < POLYSHM_TYPE_STR)
        pshmi_output_scalar(stdout, value);
    else if (pshmi_screen_is_terminal())
        pshmi_escape(stdout, value->data, value->size, bytes ? PSHMI_ESCAPE_ASCII : 0, 0);
    else
        fwrite(value->data, 1, (size_t)value->size, stdout);
    putchar('\n');
}

static int run(const pshmi_call *call)
{
    int64_t index;
    polyshm_list *list;
    polyshm_value value;
    if (!pshmi_command_index(call, call->operands[1], &index))
        return PSHMI_COMMAND_MISUSED;
    if (pshmi_opening_list(call->operands[0], POLYSHM_SEGMENT_READONLY, &list))
        return pshmi_command_fail();
    void *content = pshmi_opening_get(list, index, &value);
    if (content && call->json)
        pshmi_json_print(pshmi_json_value(&value), false);
    else if (content)
        print(&value);
    polyshm_list_unref(list);
    free(content);
    return content ? PSHMI_COMMAND_DONE : pshmi_command_fail();
}

const pshmi_command pshmi_get_command = {
    .name = "get",
    .arguments = "NAME I",
    .summary = "print an item of a list",
    .help = "Prints item I of a list, counted from 0, and a newline. Text and bytes are printed as they are, but for a "
            "terminal\n"
            "escaped. In JSON bytes are hexadecimal digits.",
    .options = "j",
    .least = 2,
    .most = 2,
    .run = run,
};
