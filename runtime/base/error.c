/* Status codes and the record of a thread's last failure.
 *
 * A success never touches the record, as with errno: whoever got a failure can still ask for its words after calls
 * that clean up. The record is plain thread-local storage; a child of fork has the forking thread's. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

static _Thread_local pshmi_error_record last;

static const struct {
    const char *name;
    const char *text;
} statuses[] = {
    [POLYSHM_OK] = {"POLYSHM_OK", "success"},
#define X(name, text, errno_, python, ruby) [-POLYSHM_##name] = {"POLYSHM_" #name, text},
#include <polyshm/errors.def>
#undef X
};

static int is_status(int32_t status)
{
    return status <= 0 && status > -(int32_t)(sizeof statuses / sizeof *statuses);
}

/* A path from the environment may be anything, and what is too long may be cut in a character. */
static void make_utf8(char *text)
{
    size_t at = 0, size = strlen(text);
    while ((at += (size_t)pshmi_utf8_prefix(text + at, size - at)) < size)
        text[at] = '?';
}

int32_t pshmi_fail(int32_t status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last.message, sizeof last.message, format, arguments);
    va_end(arguments);
    make_utf8(last.message);
    return status;
}

int32_t pshmi_fail_null(const char *function, const char *parameter)
{
    return pshmi_fail(POLYSHM_EINVAL, "%s: '%s' is NULL", function, parameter);
}

pshmi_error_record pshmi_error_save(void)
{
    return last;
}

void pshmi_error_restore(const pshmi_error_record *record)
{
    last = *record;
}

const char *polyshm_status_name(int32_t status)
{
    if (status == POLYSHM_OWNER_DIED)
        return "POLYSHM_OWNER_DIED";
    return is_status(status) ? statuses[-status].name : "POLYSHM_UNKNOWN";
}

const char *polyshm_status_text(int32_t status)
{
    if (status == POLYSHM_OWNER_DIED)
        return "the last holder of the lock died with it";
    return is_status(status) ? statuses[-status].text : "unknown status";
}

const char *polyshm_error_message(void)
{
    return last.message;
}
