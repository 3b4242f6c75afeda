/* polyshm rm: removes names. */
#include "block.h"
#include "command.h"
#include "screen.h"

static int remove_one(const char *name)
{
    pshmi_block block;
    int32_t failure = pshmi_name_check(name);
    if (failure || (failure = pshmi_block_look(name, &block)) || (failure = pshmi_file_unlink(name, block.identity)))
        return pshmi_command_fail();
    return PSHMI_COMMAND_DONE;
}

static int run(const pshmi_call *call)
{
    int status = PSHMI_COMMAND_DONE;
    for (int i = 0; i < call->operand_count; i++)
        if (remove_one(call->operands[i]))
            status = PSHMI_COMMAND_FAILED;
    return status;
}

const pshmi_command pshmi_rm_command = {
    .name = "rm",
    .arguments = "NAME...",
    .summary = "remove blocks",
    .help = "Removes the names of blocks. Who is attached stays attached; the memory goes with the last of them. Where "
            "one\n"
            "name fails, the others are removed all the same.",
    .options = "",
    .least = 1,
    .most = INT32_MAX,
    .run = run,
};
