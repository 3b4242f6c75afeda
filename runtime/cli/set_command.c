/* polyshm set: writes one item of a list. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "opening.h"
#include "output.h"

/* These give what is wrong with the text, NULL if nothing is. */
static const char *parse_int(const char *text, polyshm_value *value)
{
    char *end;
    errno = 0;
    value->integer = strtoll(text, &end, 10);
    if (!*text || *end)
        return "is no int";
    return errno ? "does not fit 64 bits: an int is -9223372036854775808 to 9223372036854775807" : NULL;
}

static const char *parse_float(const char *text, polyshm_value *value)
{
    char *end;
    errno = 0;
    value->real = strtod(text, &end);
    if (!*text || *end)
        return "is no float";
    return errno == ERANGE && isinf(value->real) ? "is larger than a float can be" : NULL;
}

static const char *parse_bool(const char *text, polyshm_value *value)
{
    value->integer = strcmp(text, "true") == 0;
    return value->integer || strcmp(text, "false") == 0 ? NULL : "is no bool: true or false";
}

static const char *parse(const char *text, polyshm_value *value)
{
    switch (value->type) {
    case POLYSHM_TYPE_INT64:
        return parse_int(text, value);
    case POLYSHM_TYPE_FLOAT64:
        return parse_float(text, value);
    case POLYSHM_TYPE_BOOL:
        return parse_bool(text, value);
    case POLYSHM_TYPE_NONE:
        return strcmp(text, "none") == 0 ? NULL : "is not none";
    default:
        value->data = text;
        value->size = strlen(text);
        return NULL;
    }
}

/* The library knows that the value is too long; here it is known by how much. */
static int fail_to_set(const polyshm_list *list, int64_t index, const polyshm_value *value, int32_t failure)
{
    uint64_t width;
    if (failure != POLYSHM_ETOOLONG || polyshm_list_capacity(list, index, 1, &width) || value->size <= width)
        return pshmi_command_fail();
    pshmi_screen_complain("the value has %" PRIu64 " bytes, the slot of item %" PRId64 " has %" PRIu64, value->size,
                          index, width);
    return PSHMI_COMMAND_FAILED;
}

static int set(const pshmi_call *call, polyshm_list *list, int64_t index)
{
    polyshm_value value = {.type = call->type ? pshmi_output_type(call->type) : 0};
    if (!call->type && polyshm_list_type(list, index, &value.type))
        return pshmi_command_fail();
    const char *wrong = parse(call->operands[2], &value);
    if (wrong) {
        pshmi_screen_complain("'%s' %s%s", call->operands[2], wrong,
                              call->type ? "" : "; --type gives the item another type");
        return PSHMI_COMMAND_FAILED;
    }
    int32_t failure = polyshm_list_set(list, index, &value);
    return failure ? fail_to_set(list, index, &value, failure) : PSHMI_COMMAND_DONE;
}

static int run(const pshmi_call *call)
{
    int64_t index;
    polyshm_list *list;
    if (call->type && pshmi_output_type(call->type) < 0)
        return pshmi_command_misuse(call, "there is no type '%s'", call->type);
    if (!pshmi_command_index(call, call->operands[1], &index))
        return PSHMI_COMMAND_MISUSED;
    if (pshmi_opening_list(call->operands[0], 0, &list))
        return pshmi_command_fail();
    int status = set(call, list, index);
    polyshm_list_unref(list);
    return status;
}

const pshmi_command pshmi_set_command = {
    .name = "set",
    .arguments = "NAME I VALUE",
    .summary = "write an item of a list",
    .help = "Writes item I of a list, counted from 0, as one step for everybody. The value is of the type that the "
            "item has,\n"
            "unless --type says another. none, true and false are written so; bytes are those of VALUE. Options stand\n"
            "before NAME, so that a value can begin with a minus sign.",
    .options = "+t",
    .least = 3,
    .most = 3,
    .run = run,
};
