/* Tables (screen.h). */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "screen.h"

static const char *const colours[] = {
    [PSHMI_PLAIN] = "",       [PSHMI_HEAD] = "\033[1m", [PSHMI_GOOD] = "\033[32m", [PSHMI_DOUBTFUL] = "\033[33m",
    [PSHMI_BAD] = "\033[31m",
};

/* no-color.org: whoever sets the variable to anything wants none. */
static bool has_colour(void)
{
    const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return pshmi_screen_is_terminal() && !(refused && refused[0]) && terminal && strcmp(terminal, "dumb") != 0;
}

static void end_cell(pshmi_table *table)
{
    if (table->open.stream)
        table->cells[table->count - 1].text = pshmi_text_end(&table->open);
}

FILE *pshmi_table_cell(pshmi_table *table, pshmi_style style)
{
    end_cell(table);
    if (table->count == table->room) {
        table->room = table->room ? table->room * 2 : 64;
        table->cells = pshmi_must(realloc(table->cells, table->room * sizeof *table->cells));
    }
    table->cells[table->count++] = (pshmi_cell){.style = style};
    pshmi_text_begin(&table->open);
    return table->open.stream;
}

void pshmi_table_add(pshmi_table *table, pshmi_style style, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    vfprintf(pshmi_table_cell(table, style), format, words);
    va_end(words);
}

/* In columns. What is in a cell was escaped: its characters are printable. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    mbstate_t state = {0};
    wchar_t character;
    for (size_t size; *text; text += size) {
        size = mbrtowc(&character, text, MB_CUR_MAX, &state);
        if (size == 0 || size > MB_CUR_MAX)
            return width + strlen(text);
        int columns = wcwidth(character);
        width += columns > 0 ? (size_t)columns : 0;
    }
    return width;
}

static void put(const char *text, pshmi_style style, bool right, size_t width, bool last)
{
    bool coloured = style != PSHMI_PLAIN && has_colour();
    size_t own = width_of(text);
    int blanks = width > own ? (int)(width - own) : 0;
    if (right)
        printf("%*s", blanks, "");
    printf("%s%s%s", coloured ? colours[style] : "", text, coloured ? "\033[0m" : "");
    if (!last)
        printf("%*s  ", right ? 0 : blanks, "");
    else
        putchar('\n');
}

static void measure(const pshmi_table *table, size_t *widths)
{
    for (size_t i = 0; i < table->width; i++)
        widths[i] = table->columns[0].head ? width_of(table->columns[i].head) : 0;
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i].text);
        if (widths[i % table->width] < width)
            widths[i % table->width] = width;
    }
}

void pshmi_table_print(pshmi_table *table)
{
    end_cell(table);
    size_t *widths = pshmi_must(calloc(table->width, sizeof *widths));
    measure(table, widths);
    for (size_t i = 0; table->columns[0].head && i < table->width; i++)
        put(table->columns[i].head, PSHMI_HEAD, table->columns[i].right, widths[i], i + 1 == table->width);
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->width;
        put(table->cells[i].text, table->cells[i].style, table->columns[column].right, widths[column],
            column + 1 == table->width);
        free(table->cells[i].text);
    }
    free(widths);
    free(table->cells);
}
