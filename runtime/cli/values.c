/* Values as text and as JSON (output.h). */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static const char *const types[] = {"none", "bool", "int", "float", "str", "bytes"};

enum { TYPES = sizeof types / sizeof *types };

const char *pshmi_output_type_name(int32_t type)
{
    return types[type];
}

int32_t pshmi_output_type(const char *name)
{
    for (int32_t i = 0; i < TYPES; i++)
        if (strcmp(types[i], name) == 0)
            return i;
    return -1;
}

/* The fewest digits that give the same number again, and a mark that it is no int. */
static void print_real(FILE *stream, double real)
{
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    fprintf(stream, "%s%s", text, strpbrk(text, ".eni") ? "" : ".0");
}

void pshmi_output_scalar(FILE *stream, const polyshm_value *value)
{
    if (value->type == POLYSHM_TYPE_INT64)
        fprintf(stream, "%" PRId64, value->integer);
    else if (value->type == POLYSHM_TYPE_FLOAT64)
        print_real(stream, value->real);
    else
        fputs(value->type == POLYSHM_TYPE_NONE ? "none" : value->integer ? "true" : "false", stream);
}

void pshmi_output_value(FILE *stream, const polyshm_value *value, uint64_t columns)
{
    bool bytes = value->type == POLYSHM_TYPE_BYTES;
    if (value->type < POLYSHM_TYPE_STR) {
        pshmi_output_scalar(stream, value);
        return;
    }
    fputs(bytes ? "b\"" : "\"", stream);
    pshmi_escape(stream, value->data, value->size, PSHMI_ESCAPE_QUOTES | (bytes ? PSHMI_ESCAPE_ASCII : 0), columns);
    fputc('"', stream);
}

json_t *pshmi_json_hex(const void *bytes, uint64_t size)
{
    const unsigned char *data = bytes;
    static const char digits[] = "0123456789abcdef";
    char *text = pshmi_must(malloc((size_t)size * 2 + 1));
    for (uint64_t i = 0; i < size; i++) {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 15];
    }
    json_t *json = json_stringn(text, (size_t)size * 2);
    free(text);
    return json;
}

static json_t *json_real_or_text(double real)
{
    if (isfinite(real))
        return json_real(real);
    return json_string(isnan(real) ? "nan" : real > 0 ? "inf" : "-inf");
}

static json_t *json_content(const polyshm_value *value)
{
    switch (value->type) {
    case POLYSHM_TYPE_BOOL:
        return json_boolean(value->integer);
    case POLYSHM_TYPE_INT64:
        return json_integer(value->integer);
    case POLYSHM_TYPE_FLOAT64:
        return json_real_or_text(value->real);
    case POLYSHM_TYPE_STR:
        return json_stringn(value->size ? value->data : "", (size_t)value->size);
    case POLYSHM_TYPE_BYTES:
        return pshmi_json_hex(value->data, value->size);
    default:
        return json_null();
    }
}

json_t *pshmi_json_value(const polyshm_value *value)
{
    return json_pack("{s:s, s:o}", "type", types[value->type], "value", json_content(value));
}

json_t *pshmi_json_escaped(const void *data, uint64_t size)
{
    pshmi_text text;
    pshmi_text_begin(&text);
    pshmi_escape(text.stream, data, size, 0, 0);
    char *bytes = pshmi_text_end(&text);
    json_t *json = json_string(bytes);
    free(bytes);
    return json;
}

/* In ASCII, so that it does no harm to a terminal that it reaches in the end. */
void pshmi_json_print(json_t *json, bool line)
{
    json_dumpf(pshmi_must(json), stdout, JSON_ENSURE_ASCII | (line ? JSON_COMPACT : JSON_INDENT(2)));
    putchar('\n');
    json_decref(json);
}
