/* Ten operations, for callgrind to count their instructions (instructions.py). Each is run by `measured`, at whose end
 * callgrind writes what it has counted since its beginning; once before that it runs unmeasured, for what only the
 * first call does. Prints a line an operation, in that order: how often it ran, and its name. */
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS = 1000, NUMBER = 500, NAME_SIZE = 40 };

#define MUST(condition) ((condition) ? (void)0 : fail(#condition))

_Noreturn static void fail(const char *condition)
{
    fprintf(stderr, "not so: %s: %s\n", condition, polyshm_error_message());
    exit(EXIT_FAILURE);
}

static polyshm_list *list, *texts;
static char name[NAME_SIZE + 1], other_name[NAME_SIZE + 1];

static const polyshm_value number = {.type = POLYSHM_TYPE_INT64, .integer = 7};
static const polyshm_value absent = {.type = POLYSHM_TYPE_INT64, .integer = -1};
static const polyshm_value text = {
    .type = POLYSHM_TYPE_STR, .data = "a text of fifty bytes, as many an item may well be", .size = 50};

static void get_int(void)
{
    polyshm_value value;
    MUST(polyshm_list_get(list, NUMBER, NULL, 0, &value) == POLYSHM_OK);
}

static void set_int(void)
{
    MUST(polyshm_list_set(list, NUMBER, &number) == POLYSHM_OK);
}

static void get_text(void)
{
    char buffer[64];
    polyshm_value value;
    MUST(polyshm_list_get(texts, 0, buffer, sizeof buffer, &value) == POLYSHM_OK);
}

static void set_text(void)
{
    MUST(polyshm_list_set(texts, 0, &text) == POLYSHM_OK);
}

static void create_and_close(void)
{
    polyshm_segment *segment;
    MUST(polyshm_segment_create(other_name, 4096, 0, 0, &segment) == POLYSHM_OK);
    polyshm_segment_close(segment);
    MUST(polyshm_segment_unlink(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static void attach_and_close(void)
{
    polyshm_list *same;
    MUST(polyshm_list_attach(name, 0, 0, &same) == POLYSHM_OK);
    polyshm_list_unref(same);
}

static void add(void)
{
    MUST(polyshm_list_add(list, NUMBER, 1, NULL) == POLYSHM_OK);
}

static void lock_and_unlock(void)
{
    MUST(polyshm_list_lock(list, 10) == POLYSHM_OK);
    MUST(polyshm_list_unlock(list) == POLYSHM_OK);
}

static void read_range(void)
{
    static polyshm_value values[ITEMS];
    MUST(polyshm_list_read(list, 0, ITEMS, NULL, 0, values) == POLYSHM_OK);
}

static void count(void)
{
    uint64_t found;
    MUST(polyshm_list_count(list, &absent, &found) == POLYSHM_OK && found == 0);
}

static const struct {
    const char *words;
    void (*run)(void);
    int times;
} operations[] = {
    {"get an int", get_int, 1000},
    {"set an int", set_int, 1000},
    {"get a text", get_text, 1000},
    {"set a text", set_text, 1000},
    {"create + close + unlink", create_and_close, 100},
    {"attach a list of 1,000 ints + close", attach_and_close, 100},
    {"add to an int", add, 1000},
    {"lock + unlock", lock_and_unlock, 1000},
    {"read 1,000 ints", read_range, 100},
    {"count in 1,000 ints", count, 100},
};

/* Not static, and called from one place only by way of a variable: callgrind finds it by its name. */
void measured(void (*run)(void), int times);
void measured(void (*run)(void), int times)
{
    for (int i = 0; i < times; i++)
        run();
}

/* A name of this run's own, and always of the same length, for names are gone over byte by byte. */
static void make_name(char made[NAME_SIZE + 1], char filler)
{
    const char *prefix = getenv("POLYSHM_TEST_PREFIX");
    memset(made, filler, NAME_SIZE);
    memcpy(made, prefix ? prefix : "t_", prefix ? strlen(prefix) : 2);
}

static void make_lists(void)
{
    polyshm_value values[ITEMS];
    for (int i = 0; i < ITEMS; i++)
        values[i] = number;
    make_name(name, 'l');
    make_name(other_name, 't');
    MUST(polyshm_list_create(name, values, ITEMS, 0, 0, 0, &list) == POLYSHM_OK);
    MUST(polyshm_list_create(other_name, &text, 1, 0, 0, 0, &texts) == POLYSHM_OK);
    MUST(polyshm_list_unlink(texts) == POLYSHM_OK);
}

int main(void)
{
    void (*volatile measure)(void (*)(void), int) = measured;
    make_lists();
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        operations[i].run();
        measure(operations[i].run, operations[i].times);
        printf("%d %s\n", operations[i].times, operations[i].words);
    }
    MUST(polyshm_list_unlink(list) == POLYSHM_OK);
    polyshm_list_unref(list);
    polyshm_list_unref(texts);
}
