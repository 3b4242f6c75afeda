/* Bytes of a block, by pread: the block may shrink meanwhile (show.h). */
#include <inttypes.h>
#include <stdlib.h>

#include "memory.h"
#include "show.h"

enum { LINE = 16, SHORT = 256, CHUNK = 1 << 16 };

static void print_line(uint64_t at, const unsigned char *bytes, uint64_t size)
{
    printf("%08" PRIx64 " ", at);
    for (uint64_t i = 0; i < LINE; i++) {
        if (i % 8 == 0)
            putchar(' ');
        if (i < size)
            printf("%02x ", bytes[i]);
        else
            fputs("   ", stdout);
    }
    putchar(' ');
    for (uint64_t i = 0; i < size; i++)
        putchar(bytes[i] >= ' ' && bytes[i] < 0x7F ? bytes[i] : '.');
    putchar('\n');
}

/* Copies as many bytes as there are, or as can be read; gives how many. */
static uint64_t copy(const pshmi_file *file, uint64_t at, void *bytes, uint64_t size)
{
    uint64_t got;
    pshmi_file_read(file, "", at, bytes, size, &got);
    return got;
}

/* Gives how many bytes there were. */
static uint64_t print(const pshmi_file *file, uint64_t size)
{
    unsigned char chunk[CHUNK];
    uint64_t at = 0, got = CHUNK;
    for (; at < size && got == CHUNK; at += got) {
        got = copy(file, at, chunk, size - at < CHUNK ? size - at : CHUNK);
        for (uint64_t line = 0; line < got; line += LINE)
            print_line(at + line, chunk + line, got - line < LINE ? got - line : LINE);
    }
    return at;
}

static void add(json_t *json, const pshmi_file *file, uint64_t size)
{
    char *bytes = pshmi_must(pshmi_memory_allocate(size, 1));
    json_object_set_new(json, "bytes", pshmi_json_hex(bytes, copy(file, 0, bytes, size)));
    free(bytes);
}

int pshmi_show_bytes(const pshmi_block *block, bool all, json_t *json)
{
    pshmi_file file;
    uint64_t size = all || block->size < SHORT ? block->size : SHORT;
    if (pshmi_file_open(block->name, true, &file))
        return pshmi_command_fail();
    if (json)
        add(json, &file, size);
    else if (print(&file, size) < block->size)
        printf("... of %" PRIu64 " bytes\n", block->size);
    pshmi_file_close(&file);
    return PSHMI_COMMAND_DONE;
}
