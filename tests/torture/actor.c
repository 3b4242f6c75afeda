/* The actor in C (actors.h). */
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HELD_MAX = 64, SIZE = 8, NAME_SIZE = 256 };

static struct {
    char name[NAME_SIZE];
    polyshm_segment *segment;
} held[HELD_MAX];

static void answer(int32_t status)
{
    if (status)
        printf("no %s: %.200s\n", polyshm_status_name(status), polyshm_error_message());
    else
        puts("ok");
}

static int32_t create(const char *name, uint32_t flags)
{
    polyshm_segment *segment;
    return polyshm_segment_create(name, SIZE, 0, flags, &segment);
}

static int32_t manage(const char *address, const char *name)
{
    polyshm_manager *manager;
    polyshm_segment *segment;
    int32_t status = polyshm_manager_connect(address, NULL, 0, &manager);
    if (status)
        return status;
    status = polyshm_manager_create_segment(manager, name, SIZE, 0, 0, &segment);
    polyshm_manager_unref(manager);
    return status;
}

static int32_t attach(const char *name)
{
    for (int i = 0; i < HELD_MAX; i++)
        if (!held[i].segment) {
            snprintf(held[i].name, sizeof held[i].name, "%s", name);
            return polyshm_segment_attach(name, 0, 0, &held[i].segment);
        }
    return POLYSHM_ENOMEM;
}

static int32_t detach(const char *name)
{
    for (int i = 0; i < HELD_MAX; i++)
        if (held[i].segment && strcmp(held[i].name, name) == 0) {
            polyshm_segment_unref(held[i].segment);
            held[i].segment = NULL;
            return POLYSHM_OK;
        }
    return POLYSHM_ENOENT;
}

/* The child outlives its parent. */
static void leave_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        fclose(stdin);
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        for (;;)
            pause();
    }
    printf("ok %d\n", (int)child);
}

static void obey(const char *command, const char *first, const char *second)
{
    polyshm_manager *manager;
    if (strcmp(command, "create") == 0)
        answer(create(first, 0));
    else if (strcmp(command, "track") == 0)
        answer(create(first, POLYSHM_SEGMENT_TRACK));
    else if (strcmp(command, "attach") == 0)
        answer(attach(first));
    else if (strcmp(command, "detach") == 0)
        answer(detach(first));
    else if (strcmp(command, "start") == 0)
        answer(polyshm_manager_start(first, NULL, 0, &manager));
    else if (strcmp(command, "manage") == 0)
        answer(manage(first, second));
    else if (strcmp(command, "fork") == 0)
        leave_child();
    else
        puts("can't");
}

int main(void)
{
    char line[1024], command[16], first[NAME_SIZE], second[NAME_SIZE];
    while (fgets(line, sizeof line, stdin)) {
        first[0] = second[0] = '\0';
        if (sscanf(line, "%15s %255s %255s", command, first, second) < 1 || strcmp(command, "quit") == 0)
            break;
        obey(command, first, second);
        fflush(stdout);
    }
    return 0;
}
