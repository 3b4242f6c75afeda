#include "word.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 12, LONG = 4096 }; /* bytes of what repeats, and of what is not written so yet */

static const char *const TYPES[] = {"none", "bool", "int64", "float64", "str", "bytes"};

static unsigned digit(char letter)
{
    return (unsigned)(letter <= '9' ? letter - '0' : letter - 'a' + 10);
}

uint64_t word_decode_hex(char *text)
{
    uint64_t size = strlen(text) / 2;
    for (uint64_t i = 0; i < size; i++)
        text[i] = (char)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return size;
}

void word_print_hex(FILE *out, const void *bytes, uint64_t size)
{
    const unsigned char *at = bytes;
    for (uint64_t i = 0; i < size; i++)
        fprintf(out, "%02x", at[i]);
}

/* The text after the colon: hex digits, perhaps with the number of times that they repeat. */
static void decode_content(char *text, polyshm_value *value, void **kept)
{
    char *count = strchr(text, '*');
    if (count)
        *count++ = '\0';
    uint64_t size = word_decode_hex(text), times = count ? strtoull(count, NULL, 10) : 1;
    value->data = count ? *kept = malloc(size * times) : text;
    value->size = size * times;
    for (uint64_t i = 0; *kept && i < times; i++)
        memcpy((char *)*kept + i * size, text, size);
}

static void print_content(FILE *out, const char *bytes, uint64_t size)
{
    uint64_t count = size / UNIT;
    int repeats = size > LONG && size % UNIT == 0 && !memcmp(bytes, bytes + UNIT, size - UNIT);
    word_print_hex(out, bytes, repeats ? UNIT : size);
    if (repeats)
        fprintf(out, "*%" PRIu64, count);
}

/* The type whose name stands before the colon. */
static int32_t type_of(const char *word)
{
    for (int32_t type = POLYSHM_TYPE_NONE; type <= POLYSHM_TYPE_BYTES; type++) {
        size_t size = strlen(TYPES[type]);
        if (!strncmp(word, TYPES[type], size) && word[size] == ':')
            return type;
    }
    return -1;
}

polyshm_value word_decode(char *word, void **kept)
{
    polyshm_value value = {.type = type_of(word)};
    char *text = strchr(word, ':');
    if (!text++)
        return value;
    uint64_t bits = strtoull(text, NULL, 16);
    switch (value.type) {
    case POLYSHM_TYPE_BOOL:
    case POLYSHM_TYPE_INT64:
        value.integer = strtoll(text, NULL, 10);
        break;
    case POLYSHM_TYPE_FLOAT64:
        memcpy(&value.real, &bits, sizeof bits);
        break;
    case POLYSHM_TYPE_STR:
    case POLYSHM_TYPE_BYTES:
        decode_content(text, &value, kept);
        break;
    default:
        break;
    }
    return value;
}

void word_print(FILE *out, const polyshm_value *value)
{
    uint64_t bits;
    fprintf(out, "%s:", TYPES[value->type]);
    switch (value->type) {
    case POLYSHM_TYPE_NONE:
        fputc('-', out);
        break;
    case POLYSHM_TYPE_FLOAT64:
        memcpy(&bits, &value->real, sizeof bits);
        fprintf(out, "%016" PRIx64, bits);
        break;
    case POLYSHM_TYPE_STR:
    case POLYSHM_TYPE_BYTES:
        print_content(out, value->data, value->size);
        break;
    default:
        fprintf(out, "%" PRId64, value->integer);
        break;
    }
}
