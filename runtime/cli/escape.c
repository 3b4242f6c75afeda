/* Text of unknown origin, made fit to be shown (screen.h). */
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "screen.h"
#include "utf8.h"

/* Whether the locale's text is UTF-8: elsewhere a byte of a character may be a control character. */
static bool speaks_utf8(void)
{
    static int answer = -1;
    if (answer < 0)
        answer = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return answer;
}

/* The bytes of the character at the beginning of the text, and which it is; 0 if there is none. */
static unsigned decode(const unsigned char *text, uint64_t size, uint32_t *character)
{
    unsigned length = text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
    if (length > size || !pshmi_utf8_is_valid(text, length))
        return 0;
    *character = length == 1 ? text[0] : text[0] & (0x7Fu >> length);
    for (unsigned i = 1; i < length; i++)
        *character = *character << 6 | (text[i] & 0x3Fu);
    return length;
}

/* Characters that are not seen, or that change what is seen around them. */
static bool is_deceptive(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},       {0x034F, 0x034F},  {0x061C, 0x061C},
                  {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},  {0x2028, 0x202E},
                  {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0},
                  {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

/* One character, or one byte that is none, as it is to be written. */
typedef struct {
    char text[20];
    unsigned taken; /* bytes of the source */
    unsigned width; /* columns */
} glyph;

static void spell_out(const unsigned char *source, glyph *now)
{
    for (unsigned i = 0; i < now->taken; i++)
        snprintf(now->text + 4 * i, 5, "\\x%02x", source[i]);
    now->width = 4 * now->taken;
}

static glyph next(const unsigned char *source, uint64_t left, int flags)
{
    uint32_t character = 0;
    glyph now = {.taken = decode(source, left, &character)};
    int width = -1;
    if (now.taken == 1)
        width = 1;
    else if (now.taken && !(flags & PSHMI_ESCAPE_ASCII) && speaks_utf8())
        width = wcwidth((wchar_t)character);
    if (!now.taken)
        now.taken = 1;
    if (width < 0 || is_deceptive(character)) {
        spell_out(source, &now);
        return now;
    }
    bool marked = character == '\\' || (character == '"' && flags & PSHMI_ESCAPE_QUOTES);
    now.width = (unsigned)width + marked;
    now.text[0] = '\\';
    memcpy(now.text + marked, source, now.taken);
    return now;
}

/* How many bytes of the source fit into the columns, if an ellipsis follows. */
static uint64_t fit(const unsigned char *source, uint64_t size, int flags, uint64_t columns)
{
    uint64_t width = 0, kept = 0;
    if (!columns)
        return size;
    for (uint64_t at = 0; at < size;) {
        glyph now = next(source + at, size - at, flags);
        width += now.width;
        at += now.taken;
        if (width + 3 <= columns)
            kept = at;
        if (width > columns)
            return kept;
    }
    return size;
}

void pshmi_escape(FILE *stream, const void *data, uint64_t size, int flags, uint64_t columns)
{
    const unsigned char *source = data;
    uint64_t shown = fit(source, size, flags, columns);
    for (uint64_t at = 0; at < shown;) {
        glyph now = next(source + at, size - at, flags);
        fputs(now.text, stream);
        at += now.taken;
    }
    if (shown < size)
        fputs("...", stream);
}
