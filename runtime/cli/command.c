/* What the commands have in common: how they end, and how they read numbers. */
#include "command.h"

#include <errno.h>
#include <polyshm.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "screen.h"

int pshmi_command_fail(void)
{
    pshmi_screen_complain("%s", polyshm_error_message());
    return PSHMI_COMMAND_FAILED;
}

int pshmi_command_misuse(const pshmi_call *call, const char *format, ...)
{
    char text[512];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof text, format, words);
    va_end(words);
    if (call->command)
        pshmi_screen_complain("%s: %s; see polyshm %s --help", call->command, text, call->command);
    else
        pshmi_screen_complain("%s; see polyshm --help", text);
    return PSHMI_COMMAND_MISUSED;
}

bool pshmi_command_index(const pshmi_call *call, const char *text, int64_t *index)
{
    char *end;
    errno = 0;
    *index = strtoll(text, &end, 10);
    if (*text && !*end && !errno)
        return true;
    pshmi_command_misuse(call, "'%s' is no index of an item", text);
    return false;
}

bool pshmi_command_seconds(const pshmi_call *call, double *seconds)
{
    char *end;
    if (!call->timeout)
        return true;
    *seconds = strtod(call->timeout, &end);
    if (*call->timeout && !*end && *seconds >= 0)
        return true;
    pshmi_command_misuse(call, "--timeout takes seconds, not '%s'", call->timeout);
    return false;
}

bool pshmi_command_count(const pshmi_call *call, uint64_t *count)
{
    char *end;
    if (!call->count)
        return true;
    errno = 0;
    long long number = strtoll(call->count, &end, 10);
    *count = (uint64_t)number;
    if (*call->count && !*end && !errno && number > 0)
        return true;
    pshmi_command_misuse(call, "--count takes a number from 1 on, not '%s'", call->count);
    return false;
}
