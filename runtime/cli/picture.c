/* A picture of a list (show.h): the parts of the block, the items in their slots, and what the sync area says. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "list.h"
#include "opening.h"
#include "show.h"

/* A shortened list shows so many items, and so many columns of a value. */
enum { FIRST = 20, LAST = 5, COLUMNS = 40 };

typedef struct {
    const char *name, *content;
    uint64_t begin, end;
} part;

/* What an item says of itself. */
typedef struct {
    int32_t status; /* why it has no value */
    polyshm_value value;
    uint64_t format; /* as it stands in the block */
    uint8_t kind;
    uint64_t width, used;
    bool exact; /* the format says how long the value is */
} item;

enum { PARTS = 5 };

static void measure(const polyshm_list *list, uint64_t size, part parts[PARTS])
{
    const pshmi_geometry *geometry = &list->geometry;
    bool synchronized = list->synchronized;
    uint64_t area = synchronized ? pshmi_area_offset(geometry->size) : geometry->size;
    const part found[PARTS] = {
        {"header", "item count, offsets", 0, geometry->data},
        {"slots", "the items' values", geometry->data, geometry->formats},
        {"formats", "8 bytes an item", geometry->formats, geometry->kinds},
        {"kinds", "1 byte an item", geometry->kinds, geometry->size},
        {synchronized ? "sync area" : "rest", synchronized ? "lock, versions, journal" : "not used", area, size}};
    memcpy(parts, found, sizeof found);
}

static void print_parts(const part *parts, uint64_t size)
{
    static const pshmi_column columns[] = {
        {"PART", false}, {"FROM", true}, {"BYTES", true}, {"SHARE", false}, {"CONTENT", false}};
    pshmi_table table = {.columns = columns, .width = 5};
    for (int i = 0; i < PARTS; i++) {
        if (parts[i].begin == parts[i].end)
            continue;
        pshmi_table_add(&table, PSHMI_PLAIN, "%s", parts[i].name);
        pshmi_table_add(&table, PSHMI_PLAIN, "%" PRIu64, parts[i].begin);
        pshmi_table_add(&table, PSHMI_PLAIN, "%" PRIu64, parts[i].end - parts[i].begin);
        pshmi_screen_bar(pshmi_table_cell(&table, PSHMI_PLAIN), parts[i].end - parts[i].begin, size);
        pshmi_table_add(&table, PSHMI_PLAIN, "%s", parts[i].content);
    }
    putchar('\n');
    pshmi_table_print(&table);
}

/* Gives the value's memory, to be freed. */
static void *look(const polyshm_list *list, uint64_t index, item *found)
{
    pshmi_format_bytes bytes;
    pshmi_item place = pshmi_list_item(list, index);
    *found = (item){
        .width = place.width, .format = pshmi_shared_load(place.format), .kind = pshmi_shared_load_byte(place.kind)};
    found->exact = found->kind != PSHMI_KIND_NONE && pshmi_format_parse(found->format, &bytes) &&
                   (bytes.exact || found->kind == PSHMI_KIND_AS_IS);
    char *content = pshmi_must(malloc((size_t)place.width));
    found->status = polyshm_list_get(list, (int64_t)index, content, place.width, &found->value);
    if (!found->status && found->value.type != POLYSHM_TYPE_NONE)
        found->used = found->value.type < POLYSHM_TYPE_STR ? 8 : found->value.size;
    return content;
}

static size_t format_size(const uint64_t *format)
{
    return strnlen((const char *)format, sizeof *format);
}

static void add_item(pshmi_table *table, uint64_t index, const item *found, bool all)
{
    pshmi_table_add(table, PSHMI_PLAIN, "%" PRIu64, index);
    pshmi_table_add(table, found->status ? PSHMI_BAD : PSHMI_PLAIN, "%s",
                    found->status ? "?" : pshmi_output_type_name(found->value.type));
    pshmi_escape(pshmi_table_cell(table, PSHMI_PLAIN), &found->format, format_size(&found->format),
                 PSHMI_ESCAPE_ASCII | PSHMI_ESCAPE_QUOTES, 0);
    pshmi_table_add(table, PSHMI_PLAIN, "%" PRIu64, found->width);
    pshmi_table_add(table, PSHMI_PLAIN, "%" PRIu64 "%s", found->used, found->exact ? " exact" : "");
    pshmi_table_add(table, PSHMI_PLAIN, "%" PRIu64, found->width - found->used);
    pshmi_screen_bar(pshmi_table_cell(table, PSHMI_PLAIN), found->used, found->width);
    if (found->status)
        pshmi_table_add(table, PSHMI_BAD, "%s", polyshm_status_text(found->status));
    else
        pshmi_output_value(pshmi_table_cell(table, PSHMI_PLAIN), &found->value, all ? 0 : COLUMNS);
}

static void add_gap(pshmi_table *table)
{
    for (size_t i = 0; i < table->width; i++)
        pshmi_table_add(table, PSHMI_PLAIN, "%s", i && i + 1 < table->width ? "" : "...");
}

static void print_items(const polyshm_list *list, bool all)
{
    static const pshmi_column columns[] = {{"ITEM", true},  {"TYPE", false}, {"FORMAT", false}, {"SLOT", true},
                                           {"USED", false}, {"SPARE", true}, {"FULL", false},   {"VALUE", false}};
    pshmi_table table = {.columns = columns, .width = sizeof columns / sizeof *columns};
    uint64_t count = list->geometry.count;
    bool shortened = !all && count > FIRST + LAST;
    for (uint64_t i = 0; i < count; i++) {
        item found;
        if (shortened && i == FIRST) {
            add_gap(&table);
            i = count - LAST;
        }
        void *content = look(list, i, &found);
        add_item(&table, i, &found, all);
        free(content);
    }
    putchar('\n');
    pshmi_table_print(&table);
}

static json_t *json_items(const polyshm_list *list)
{
    json_t *items = json_array();
    for (uint64_t i = 0; i < list->geometry.count; i++) {
        item found;
        void *content = look(list, i, &found);
        json_t *json = found.status ? json_pack("{s:n, s:n}", "type", "value") : pshmi_json_value(&found.value);
        json_object_set_new(json, "error", found.status ? json_string(polyshm_status_text(found.status)) : json_null());
        json_object_set_new(json, "format", pshmi_json_escaped(&found.format, format_size(&found.format)));
        json_object_set_new(json, "kind", json_integer(found.kind));
        json_object_set_new(json, "slot", json_integer((json_int_t)found.width));
        json_object_set_new(json, "used", json_integer((json_int_t)found.used));
        json_object_set_new(json, "spare", json_integer((json_int_t)(found.width - found.used)));
        json_object_set_new(json, "exact", json_boolean(found.exact));
        json_array_append_new(items, json);
        free(content);
    }
    return items;
}

static json_t *json_parts(const part *parts)
{
    json_t *all = json_array();
    for (int i = 0; i < PARTS; i++)
        if (parts[i].begin != parts[i].end)
            json_array_append_new(all, json_pack("{s:s, s:I, s:I}", "part", parts[i].name, "from",
                                                 (json_int_t)parts[i].begin, "bytes",
                                                 (json_int_t)(parts[i].end - parts[i].begin)));
    return all;
}

int pshmi_show_list(const pshmi_block *block, bool all, json_t *json)
{
    polyshm_list *list;
    part parts[PARTS];
    if (pshmi_opening_list(block->name, POLYSHM_SEGMENT_READONLY, &list))
        return pshmi_command_fail();
    measure(list, list->segment->file.size, parts);
    if (json) {
        json_object_set_new(json, "parts", json_parts(parts));
        json_object_set_new(json, "items", json_items(list));
        json_object_set_new(json, "sync", pshmi_json_sync(list));
    } else {
        print_parts(parts, list->segment->file.size);
        print_items(list, all);
        pshmi_show_sync(list);
    }
    polyshm_list_unref(list);
    return PSHMI_COMMAND_DONE;
}
