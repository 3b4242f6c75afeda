/* The agent in C: does what the lines on its input say (agents.py). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "word.h"

enum { HANDLES = 8, WORDS = 256, TIMEOUT = 30 };

/* An open block, and the list in it if it was opened as one. No name: not in use. */
typedef struct {
    char name[256];
    polyshm_list *list;
    polyshm_segment *block;
} handle;

/* A command's words without the command and the name, and where its answer goes. */
typedef struct {
    handle *on;
    char **words;
    uint64_t count;
    FILE *answer;
} request;

static int64_t integer(const request *from, uint64_t index)
{
    return index < from->count ? strtoll(from->words[index], NULL, 10) : 0;
}

/* The values that a command ends with, from a word on. */
typedef struct {
    polyshm_value values[WORDS];
    void *kept[WORDS];
    uint64_t count;
} value_words;

static void decode(const request *from, uint64_t first, value_words *decoded)
{
    *decoded = (value_words){.count = from->count - first};
    for (uint64_t i = 0; i < decoded->count; i++)
        decoded->values[i] = word_decode(from->words[first + i], &decoded->kept[i]);
}

static int32_t finish(const value_words *decoded, int32_t status)
{
    for (uint64_t i = 0; i < decoded->count; i++)
        free(decoded->kept[i]);
    return status;
}

static int32_t create_list(request *from)
{
    value_words items;
    decode(from, 0, &items);
    int32_t status =
        finish(&items, polyshm_list_create(from->on->name, items.values, items.count, 0, 0, 0, &from->on->list));
    return status ? status : polyshm_list_segment(from->on->list, &from->on->block);
}

static int32_t attach_list(request *from)
{
    int32_t status = polyshm_list_attach(from->on->name, 0, 0, &from->on->list);
    return status ? status : polyshm_list_segment(from->on->list, &from->on->block);
}

static void print_all(FILE *answer, const polyshm_value *values, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        word_print(answer, &values[i]);
        fputc(' ', answer);
    }
}

static int32_t print_items(request *from, int64_t start, uint64_t count)
{
    polyshm_value values[WORDS];
    uint64_t capacity;
    int32_t status = count > WORDS ? POLYSHM_ENOBUFS : polyshm_list_capacity(from->on->list, start, count, &capacity);
    void *buffer = status ? NULL : malloc(capacity);
    if (!status)
        status = polyshm_list_read(from->on->list, start, count, buffer, capacity, values);
    if (!status)
        print_all(from->answer, values, count);
    free(buffer);
    return status;
}

static int32_t get(request *from)
{
    return print_items(from, integer(from, 0), 1);
}

static int32_t set(request *from)
{
    value_words value;
    decode(from, 1, &value);
    return finish(&value, polyshm_list_set(from->on->list, integer(from, 0), value.values));
}

static int32_t get_range(request *from)
{
    return print_items(from, integer(from, 0), (uint64_t)integer(from, 1));
}

static int32_t set_range(request *from)
{
    value_words items;
    decode(from, 1, &items);
    return finish(&items, polyshm_list_write(from->on->list, integer(from, 0), items.values, items.count));
}

static int32_t all(request *from)
{
    uint64_t length;
    int32_t status = polyshm_list_length(from->on->list, &length);
    return status ? status : print_items(from, 0, length);
}

static int32_t snapshot(request *from)
{
    static char texts[1 << 16];
    polyshm_value values[WORDS];
    uint64_t length, version;
    int32_t status = polyshm_list_length(from->on->list, &length);
    if (!status && length > WORDS)
        return POLYSHM_ENOBUFS;
    if (!status)
        status = polyshm_list_snapshot(from->on->list, texts, sizeof texts, values, &version);
    if (!status)
        print_all(from->answer, values, length);
    return status;
}

static int32_t print_number(request *from, int32_t status, uint64_t number)
{
    if (!status)
        fprintf(from->answer, "%" PRIu64, number);
    return status;
}

static int32_t version(request *from)
{
    uint64_t number = 0;
    int32_t status = polyshm_list_version(from->on->list, &number);
    return print_number(from, status, number);
}

static int32_t item_version(request *from)
{
    uint64_t number = 0;
    int32_t status = polyshm_list_item_version(from->on->list, integer(from, 0), &number);
    return print_number(from, status, number);
}

static int32_t add(request *from)
{
    int64_t sum;
    int32_t status = polyshm_list_add(from->on->list, integer(from, 0), integer(from, 1), &sum);
    if (!status)
        fprintf(from->answer, "%" PRId64, sum);
    return status;
}

static int32_t exchange(request *from)
{
    int32_t done = 0;
    value_words two; /* expected and desired */
    decode(from, 1, &two);
    int32_t status =
        polyshm_list_compare_exchange(from->on->list, integer(from, 0), &two.values[0], &two.values[1], &done);
    return print_number(from, finish(&two, status), (uint64_t)done);
}

static int32_t lock(request *from)
{
    int32_t status = polyshm_list_lock(from->on->list, TIMEOUT);
    if (status >= 0)
        fputs(polyshm_status_name(status), from->answer);
    return status;
}

static int32_t unlock(request *from)
{
    return polyshm_list_unlock(from->on->list);
}

static int32_t wait_for_change(request *from)
{
    uint64_t now = 0;
    int32_t status = polyshm_list_wait(from->on->list, (uint64_t)integer(from, 0), TIMEOUT, &now);
    return print_number(from, status, now);
}

static int32_t create_block(request *from)
{
    return polyshm_segment_create(from->on->name, (uint64_t)integer(from, 0), 0, 0, &from->on->block);
}

static int32_t attach_block(request *from)
{
    uint64_t size;
    int32_t status = polyshm_segment_attach(from->on->name, 0, 0, &from->on->block);
    if (!status && !(status = polyshm_segment_size(from->on->block, &size)))
        fprintf(from->answer, "%" PRIu64, size);
    return status;
}

static int32_t see(request *from)
{
    void *address;
    int32_t status = polyshm_segment_address(from->on->block, &address);
    if (!status)
        word_print_hex(from->answer, (char *)address + integer(from, 0), (uint64_t)integer(from, 1));
    return status;
}

static int32_t put(request *from)
{
    void *address;
    int32_t status = polyshm_segment_address(from->on->block, &address);
    if (!status)
        memcpy((char *)address + integer(from, 0), from->words[1], word_decode_hex(from->words[1]));
    return status;
}

static int32_t read_bytes(request *from)
{
    char buffer[1 << 12];
    uint64_t size = (uint64_t)integer(from, 1);
    if (size > sizeof buffer)
        return POLYSHM_ENOBUFS;
    int32_t status = polyshm_segment_read(from->on->block, (uint64_t)integer(from, 0), buffer, size);
    if (!status)
        word_print_hex(from->answer, buffer, size);
    return status;
}

static int32_t write_bytes(request *from)
{
    uint64_t size = word_decode_hex(from->words[1]);
    return polyshm_segment_write(from->on->block, (uint64_t)integer(from, 0), from->words[1], size);
}

static int32_t close_handle(request *from)
{
    int32_t status = polyshm_segment_close(from->on->block);
    polyshm_list_unref(from->on->list);
    polyshm_segment_unref(from->on->block);
    *from->on = (handle){0};
    return status;
}

static int32_t unlink_name(request *from)
{
    return polyshm_segment_unlink(from->on->block);
}

static const struct {
    const char *name;
    int32_t (*run)(request *from);
} COMMANDS[] = {
    {"create_list", create_list},
    {"attach_list", attach_list},
    {"get", get},
    {"set", set},
    {"get_range", get_range},
    {"set_range", set_range},
    {"snapshot", snapshot},
    {"version", version},
    {"item_version", item_version},
    {"add", add},
    {"exchange", exchange},
    {"lock", lock},
    {"unlock", unlock},
    {"wait", wait_for_change},
    {"all", all},
    {"create_block", create_block},
    {"attach_block", attach_block},
    {"see", see},
    {"put", put},
    {"read", read_bytes},
    {"write", write_bytes},
    {"close", close_handle},
    {"unlink", unlink_name},
};

/* The handle of this name, or a free one that gets it. */
static handle *find(const char *name)
{
    static handle handles[HANDLES];
    handle *unused = NULL;
    for (handle *one = handles; one < handles + HANDLES; one++) {
        if (!strcmp(one->name, name))
            return one;
        if (!one->block)
            unused = one;
    }
    if (unused)
        snprintf(unused->name, sizeof unused->name, "%s", name);
    return unused;
}

static int32_t run(const char *command, request *from)
{
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (from->on && !strcmp(COMMANDS[i].name, command))
            return COMMANDS[i].run(from);
    return POLYSHM_EINVAL;
}

/* Cuts the line into words, runs it and prints the answer. */
static void serve(char *line)
{
    char *words[WORDS], *text = NULL;
    size_t size, count = 0;
    for (char *word = strtok(line, " \n"); word && count < WORDS; word = strtok(NULL, " \n"))
        words[count++] = word;
    if (count < 2)
        exit(EXIT_FAILURE);

    request from = {find(words[1]), words + 2, count - 2, open_memstream(&text, &size)};
    int32_t status = run(words[0], &from);
    fclose(from.answer);
    if (status < 0)
        printf("error %s: %s\n", polyshm_status_name(status), polyshm_error_message());
    else
        printf("ok %s\n", text);
    fflush(stdout);
    free(text);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0)
        serve(line);
    free(line);
    return EXIT_SUCCESS;
}
