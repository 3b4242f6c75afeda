/* A process that uses polyshm, for the tests to look at.
 *
 *     peer DOING NAME [ADDRESS]
 *
 * does that, prints a line, and stays until its input ends or it is killed. */
#include <polyshm.h>
#include <stdio.h>
#include <string.h>

static const polyshm_value values[] = {
    {.type = POLYSHM_TYPE_INT64, .integer = 7},
    {.type = POLYSHM_TYPE_FLOAT64, .real = 0.1},
    {.type = POLYSHM_TYPE_BOOL, .integer = 1},
    {.type = POLYSHM_TYPE_NONE},
    {.type = POLYSHM_TYPE_STR, .data = "h\xc3\xa9", .size = 3},
    {.type = POLYSHM_TYPE_BYTES, .data = "a\0", .size = 2},
};

enum { COUNT = sizeof values / sizeof *values, SPARE = 8 };

static int32_t make(const char *name, uint32_t flags, polyshm_list **list)
{
    return polyshm_list_create(name, values, COUNT, SPARE, 0, flags, list);
}

static int32_t manage(const char *address, const char *name, polyshm_list **list)
{
    polyshm_manager *manager;
    int32_t failure = polyshm_manager_start(address, NULL, 0, &manager);
    return failure ? failure : polyshm_manager_create_list(manager, name, values, COUNT, SPARE, 0, 0, list);
}

static int32_t act(char **words, polyshm_list **list)
{
    const char *doing = words[1], *name = words[2];
    if (strcmp(doing, "make") == 0)
        return make(name, 0, list);
    if (strcmp(doing, "track") == 0)
        return make(name, POLYSHM_SEGMENT_TRACK, list);
    if (strcmp(doing, "manage") == 0)
        return manage(words[3], name, list);
    int32_t failure = polyshm_list_attach(name, 0, 0, list);
    if (!failure && strcmp(doing, "lock") == 0)
        failure = polyshm_list_lock(*list, 10);
    return failure;
}

int main(int count, char **words)
{
    static polyshm_list *list; /* for the leak sanitizer, which does not know that the system takes all back */
    if (count < 3 || act(words, &list)) {
        fprintf(stderr, "peer: %s\n", polyshm_error_message());
        return 1;
    }
    puts("ready");
    fflush(stdout);
    getchar();
    return 0;
}
