/* Streams, and the terminal (screen.h). */
#include "screen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

enum { BAR = 10 };

bool pshmi_screen_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}

void *pshmi_must(void *memory)
{
    if (memory)
        return memory;
    fputs("polyshm: out of memory\n", stderr);
    exit(PSHMI_COMMAND_FAILED);
}

void pshmi_text_begin(pshmi_text *text)
{
    text->stream = pshmi_must(open_memstream(&text->bytes, &text->size));
}

char *pshmi_text_end(pshmi_text *text)
{
    fclose(text->stream);
    text->stream = NULL;
    return pshmi_must(text->bytes);
}

void pshmi_screen_complain(const char *format, ...)
{
    pshmi_text text;
    va_list words;
    fflush(stdout); /* the order in which they were said */
    pshmi_text_begin(&text);
    va_start(words, format);
    vfprintf(text.stream, format, words);
    va_end(words);
    char *bytes = pshmi_text_end(&text);
    fputs("polyshm: ", stderr);
    pshmi_escape(stderr, bytes, strlen(bytes), 0, 0);
    fputc('\n', stderr);
    free(bytes);
}

bool pshmi_screen_end(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    pshmi_screen_complain("cannot write: %s", strerror(errno));
    return false;
}

void pshmi_screen_bar(FILE *stream, uint64_t part, uint64_t whole)
{
    int full = whole ? (int)((double)part / (double)whole * BAR + 0.5) : 0;
    if (part && !full)
        full = 1;
    fputc('[', stream);
    for (int i = 0; i < BAR; i++)
        fputc(i < full ? '#' : '.', stream);
    fputc(']', stream);
}
