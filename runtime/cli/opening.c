/* Attaching (opening.h). */
#include "opening.h"

#include <polyshm/base.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "screen.h"

static void end(int signal)
{
    static const char words[] = "polyshm: another process has truncated the block meanwhile\n";
    (void)signal;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(PSHMI_COMMAND_FAILED);
    _exit(PSHMI_COMMAND_FAILED);
}

int32_t pshmi_opening_list(const char *name, uint32_t flags, polyshm_list **list)
{
    signal(SIGBUS, end);
    return polyshm_list_attach(name, flags, 0, list);
}

void *pshmi_opening_get(const polyshm_list *list, int64_t index, polyshm_value *value)
{
    uint64_t width;
    int32_t type; /* not asked for, but its failure is in the words of one item */
    if (polyshm_list_type(list, index, &type) || polyshm_list_capacity(list, index, 1, &width))
        return NULL;
    void *buffer = pshmi_must(malloc((size_t)width));
    if (polyshm_list_get(list, index, buffer, width, value) == POLYSHM_OK)
        return buffer;
    free(buffer);
    return NULL;
}
