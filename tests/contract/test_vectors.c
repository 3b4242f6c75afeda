/* Golden vectors: blocks that a stock CPython made (interop/vectors). We read what it wrote; what we write for the same
 * values is the same to the last byte, with our sync area behind it; and the lists of CPython 3.8, which had another
 * layout, are refused.
 *
 * NAME.bin holds a block's bytes. NAME.txt has the values: a first line "# cpython X.Y.Z", then for each item
 * "index<TAB>type<TAB>value". foreign_* are lists that were changed since they were made, py38_* are CPython 3.8's. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { ITEMS = 1000, FILE_SIZE = 1 << 20, LINE_SIZE = 1 << 16 };

/* One vector. The values' data stands in text, which has room for all that the lines hold. */
typedef struct {
    const char *name;
    char bytes[FILE_SIZE];
    size_t size;
    polyshm_value values[ITEMS];
    uint64_t count;
    char text[FILE_SIZE];
} vector;

/* In the folder sync/ are whole blocks of ours: NAME, for the vector of that name, and what killed writers left. */
static FILE *open_file(const char *name, const char *ending)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s", VECTORS, name, ending);
    FILE *file = fopen(path, "re");
    cr_assert(file, "cannot read %s", path);
    return file;
}

static size_t decode_hex(const char *hex, char *target)
{
    size_t size = 0;
    for (unsigned byte; sscanf(hex + 2 * size, "%2x", &byte) == 1; size++)
        target[size] = (char)byte;
    return size;
}

static polyshm_value parse_value(const char *type, const char *shown, char *text)
{
    if (strcmp(type, "int64") == 0)
        return v_int(strtoll(shown, NULL, 10));
    if (strcmp(type, "bool") == 0)
        return v_bool(shown[0] == '1');
    if (strcmp(type, "none") == 0)
        return v_none();
    if (strcmp(type, "str") == 0)
        return v_str_of(text, decode_hex(shown, text));
    if (strcmp(type, "bytes") == 0)
        return v_bytes_of(text, decode_hex(shown, text));
    cr_assert_str_eq(type, "float64");
    uint64_t word = strtoull(shown, NULL, 16);
    double real;
    memcpy(&real, &word, sizeof real);
    return v_float(real);
}

static void parse_values(vector *read)
{
    static char line[LINE_SIZE];
    FILE *file = open_file(read->name, ".txt");
    char *text = read->text;
    cr_assert(fgets(line, sizeof line, file) && strncmp(line, "# cpython ", 10) == 0, "%s", read->name);
    while (fgets(line, sizeof line, file)) {
        char type[16] = "";
        int shown = 0;
        uint64_t index = ITEMS;
        cr_assert(sscanf(line, "%" SCNu64 "\t%15[^\t]\t%n", &index, type, &shown) == 2, "%s: %s", read->name, line);
        cr_assert(index == read->count && index < ITEMS, "%s: %s", read->name, line);
        polyshm_value value = parse_value(type, line + shown, text);
        text += value.size;
        read->values[read->count++] = value;
    }
    fclose(file);
}

static bool is_of_kind(const char *name, const char *kind)
{
    return strncmp(name, kind, strlen(kind)) == 0;
}

static size_t read_bytes(const char *name, char bytes[FILE_SIZE])
{
    FILE *file = open_file(name, ".bin");
    size_t size = fread(bytes, 1, FILE_SIZE, file);
    fclose(file);
    return size;
}

static vector *read_vector(const char *name)
{
    vector *read = calloc(1, sizeof *read);
    read->name = name;
    read->size = read_bytes(name, read->bytes);
    parse_values(read);
    return read;
}

/* Runs check for every vector whose name begins with kind; for "", for those that begin with none of the kinds that
 * have a name. There must be one at least. */
static void for_each_vector(const char *kind, void (*check)(const vector *read))
{
    int found = 0;
    DIR *folder = opendir(VECTORS);
    cr_assert(folder, "no folder %s", VECTORS);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *ending = strrchr(entry->d_name, '.');
        bool is_plain = !is_of_kind(entry->d_name, "foreign_") && !is_of_kind(entry->d_name, "py38_");
        if (!ending || strcmp(ending, ".bin") != 0 || !(kind[0] ? is_of_kind(entry->d_name, kind) : is_plain))
            continue;
        *ending = '\0';
        vector *read = read_vector(entry->d_name);
        check(read);
        free(read);
        found++;
    }
    closedir(folder);
    cr_assert(found > 0, "no vector '%s*' in %s", kind, VECTORS);
}

static void expect_read(const vector *read)
{
    polyshm_list *list;
    uint64_t length = 0, size;
    polyshm_value found[ITEMS];
    block_make(NAME, read->bytes, read->size);
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &list));
    EXPECT_OK(polyshm_list_length(list, &length));
    cr_assert_eq(length, read->count, "%s: %d items", read->name, (int)length);
    EXPECT_OK(polyshm_list_capacity(list, 0, length, &size));
    char *buffer = malloc(size + 1);
    EXPECT_OK(polyshm_list_read(list, 0, length, buffer, size, found));
    for (uint64_t i = 0; i < length; i++)
        cr_expect(value_is(&found[i], &read->values[i]), "%s, item %d: %s", read->name, (int)i, value_show(&found[i]));
    free(buffer);
    polyshm_list_unref(list);
    block_remove(NAME);
}

/* Makes a block of what is in sync/. */
static void make_synchronized(const char *name)
{
    static char bytes[FILE_SIZE];
    char path[256];
    snprintf(path, sizeof path, "sync/%s", name);
    block_make(NAME, bytes, read_bytes(path, bytes));
}

static void expect_bytes(const char *name, const char *expected, size_t size)
{
    static char written[FILE_SIZE];
    cr_assert_geq(block_read(NAME, written, sizeof written), size, "%s", name);
    for (size_t i = 0; i < size; i++)
        if (written[i] != expected[i])
            cr_assert(0, "%s: byte %zu is %02x, not %02x", name, i, written[i] & 0xFF, expected[i] & 0xFF);
}

static void expect_written(const vector *read)
{
    static char whole[FILE_SIZE];
    char path[256];
    polyshm_list *list;
    EXPECT_OK(polyshm_list_create(NAME, read->values, read->count, 0, 0, 0, &list));
    snprintf(path, sizeof path, "sync/%s", read->name);
    size_t size = read_bytes(path, whole);
    cr_assert_eq(block_size(NAME), size, "%s", read->name);
    expect_bytes(read->name, read->bytes, read->size);
    expect_bytes(path, whole, size);
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_list_unref(list);
}

static void expect_refused(const vector *read)
{
    polyshm_list *list = NULL;
    block_make(NAME, read->bytes, read->size);
    EXPECT_FAILURE(POLYSHM_ELAYOUT, "3.8", polyshm_list_attach(NAME, 0, 0, &list));
    cr_assert_null(list);
    block_remove(NAME);
}

TEST(vectors, the_lists_of_cpython_are_read)
{
    for_each_vector("", expect_read);
}

TEST(vectors, lists_that_cpython_changed_are_read)
{
    for_each_vector("foreign_", expect_read);
}

TEST(vectors, the_same_values_are_written_to_the_same_bytes)
{
    for_each_vector("", expect_written);
}

TEST(vectors, the_lists_of_cpython_38_are_refused)
{
    for_each_vector("py38_", expect_refused);
}

/* The list of a writer that was killed: its item 1 is this, to readers and, behind a takeover, in its bytes. */
static void expect_left(const char *name, polyshm_value expected, const char *stock)
{
    static char bytes[FILE_SIZE];
    char text[64];
    polyshm_value found;
    polyshm_list *list;
    make_synchronized(name);
    EXPECT_OK(polyshm_list_attach(NAME, POLYSHM_SEGMENT_READONLY, 0, &list));
    EXPECT_OK(polyshm_list_get(list, 1, text, sizeof text, &found));
    EXPECT_VALUE(expected, found);
    polyshm_list_unref(list);

    EXPECT_OK(polyshm_list_attach(NAME, 0, 0, &list));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, polyshm_list_lock(list, 0));
    EXPECT_OK(polyshm_list_unlock(list));
    EXPECT_OK(polyshm_list_get(list, 1, text, sizeof text, &found));
    EXPECT_VALUE(expected, found);
    if (stock)
        expect_bytes(name, bytes, read_bytes(stock, bytes));
    polyshm_list_unref(list);
    block_remove(NAME);
}

TEST(vectors, what_killed_writers_left_is_whole)
{
    expect_left("abandoned", v_str("h\xC3\xA9"), "example");
    expect_left("uncleared", v_float(0.5), NULL);
}

TEST(vectors, areas_that_are_other_or_do_not_fit_are_refused)
{
    static const char *const names[] = {"version", "participants", "count", "copy", "size"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char name[64];
        polyshm_list *list = NULL;
        snprintf(name, sizeof name, "refused_%s", names[i]);
        make_synchronized(name);
        EXPECT_FAILURE(POLYSHM_ELAYOUT, "sync area", polyshm_list_attach(NAME, 0, 0, &list));
        cr_assert_null(list);
        block_remove(NAME);
    }
}
