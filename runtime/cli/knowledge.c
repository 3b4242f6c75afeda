/* What is known of a block, from all sources (output.h). */
#include <inttypes.h>
#include <pwd.h>
#include <string.h>

#include "output.h"

void pshmi_knowledge_gather(pshmi_knowledge *knowledge)
{
    pshmi_processes_find(&knowledge->processes);
    pshmi_keepers_find_all(&knowledge->keepers);
}

void pshmi_knowledge_free(pshmi_knowledge *knowledge)
{
    pshmi_processes_free(&knowledge->processes);
    pshmi_keepers_free(&knowledge->keepers);
}

static const char *user_name(const pshmi_block *block)
{
    const struct passwd *user = getpwuid(block->owner);
    return user ? user->pw_name : NULL;
}

void pshmi_output_owner(FILE *stream, const pshmi_block *block)
{
    const char *name = user_name(block);
    if (name)
        pshmi_escape(stream, name, strlen(name), 0, 0);
    else
        fprintf(stream, "%" PRIu32, block->owner);
}

/* The name counts, too: the record may be of one that the block had. */
static bool keeps(const pshmi_keeper *keeper, const pshmi_block *block)
{
    return strcmp(keeper->name, block->name) == 0;
}

void pshmi_output_keepers(FILE *stream, const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    size_t count, printed = 0;
    const pshmi_keeper *keepers = pshmi_keepers_of(&knowledge->keepers, block->identity, &count);
    for (size_t i = 0; i < count; i++)
        if (keeps(&keepers[i], block)) {
            fputs(printed++ ? "; " : "", stream);
            pshmi_keeper_print(stream, &keepers[i]);
        }
    if (!printed)
        fputc('-', stream);
}

/* Somebody may hold the lease whom /proc does not show: another user's process, or one in another container. */
static bool has_hidden(const pshmi_block *block, size_t seen)
{
    return block->known && block->leased && !seen;
}

void pshmi_output_attached(FILE *stream, const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    size_t count;
    const pshmi_attached *attached = pshmi_processes_of(&knowledge->processes, block->identity, &count);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", stream);
        pshmi_escape(stream, attached[i].command, strlen(attached[i].command), 0, 0);
        fprintf(stream, " %" PRId32, attached[i].process);
    }
    if (!count)
        fputs(has_hidden(block, count) ? "a process that cannot be seen" : "-", stream);
}

static json_t *json_attached(const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    size_t count;
    json_t *all = json_array();
    const pshmi_attached *attached = pshmi_processes_of(&knowledge->processes, block->identity, &count);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(all, json_pack("{s:i, s:o}", "pid", attached[i].process, "command",
                                             pshmi_json_escaped(attached[i].command, strlen(attached[i].command))));
    return all;
}

json_t *pshmi_json_keeper(const pshmi_keeper *keeper)
{
    return json_pack("{s:s, s:o, s:o, s:b}", "kind", keeper->kind == PSHMI_BOOK_MANAGED ? "manager" : "tracked", "book",
                     pshmi_json_escaped(keeper->book, strlen(keeper->book)), "pid",
                     keeper->owner ? json_integer(keeper->owner) : json_null(), "lives", keeper->lives);
}

static json_t *json_keepers(const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    size_t count;
    json_t *all = json_array();
    const pshmi_keeper *keepers = pshmi_keepers_of(&knowledge->keepers, block->identity, &count);
    for (size_t i = 0; i < count; i++)
        if (keeps(&keepers[i], block))
            json_array_append_new(all, pshmi_json_keeper(&keepers[i]));
    return all;
}

static void add_contents(json_t *json, const pshmi_block *block)
{
    bool counted = block->kind == PSHMI_BLOCK_LIST && !block->note[0];
    json_object_set_new(json, "kind", json_string(pshmi_block_kind_name(block->kind)));
    json_object_set_new(json, "items", counted ? json_integer((json_int_t)block->items) : json_null());
    json_object_set_new(json, "synchronized", counted ? json_boolean(block->synchronized) : json_null());
    json_object_set_new(json, "note",
                        block->note[0] ? pshmi_json_escaped(block->note, strlen(block->note)) : json_null());
}

json_t *pshmi_json_block(const pshmi_block *block, const pshmi_knowledge *knowledge)
{
    char mode[8];
    const char *user = user_name(block);
    snprintf(mode, sizeof mode, "%04" PRIo32, block->mode);
    json_t *name = block->valid ? json_string(block->name) : pshmi_json_escaped(block->name, strlen(block->name));
    json_t *json = json_pack("{s:o, s:b}", "name", name, "valid", block->valid);
    add_contents(json, block);
    json_object_set_new(json, "size", json_integer((json_int_t)block->size));
    json_object_set_new(json, "used", json_integer((json_int_t)block->used));
    json_object_set_new(json, "mode", json_string(mode));
    json_object_set_new(json, "uid", json_integer(block->owner));
    json_object_set_new(json, "user", user ? pshmi_json_escaped(user, strlen(user)) : json_null());
    json_object_set_new(json, "attached", json_attached(block, knowledge));
    json_object_set_new(json, "leased", block->known ? json_boolean(block->leased) : json_null());
    json_object_set_new(json, "keepers", json_keepers(block, knowledge));
    return json;
}

void pshmi_output_unseen(const pshmi_processes *processes)
{
    if (processes->unseen)
        pshmi_screen_complain(
            "%" PRIu64 " process%s cannot be looked at (other users' as a rule): there may be more who are attached",
            processes->unseen, processes->unseen == 1 ? "" : "es");
}
