/* The interpreter of work.json. */
#include "script.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends a process that waits for what does not come. */
enum { PATIENCE = 60 };

#define BLOCKS "/dev/shm"

/* What the names of a process begin with. */
static void name_prefix(pid_t process, char prefix[64])
{
    const char *given = getenv("POLYSHM_TEST_PREFIX");
    snprintf(prefix, 64, "%s%d_", given ? given : "t_", (int)process);
}

scene scene_begin(const description *described)
{
    char prefix[64];
    name_prefix(getpid(), prefix);
    return (scene){.described = described, .variables = json_pack("{s:s}", "@", prefix)};
}

static void complain(const call *made, const char *what, json_t *found, json_t *wanted)
{
    char *found_text = json_dumps(found, JSON_ENCODE_ANY), *wanted_text = json_dumps(wanted, JSON_ENCODE_ANY);
    fprintf(stderr, "%s: %s is %s, not %s\n", made->function->name, what, found_text, wanted_text);
    free(found_text);
    free(wanted_text);
}

/* Takes both references. */
static bool equal(const call *made, const char *what, json_t *found, json_t *wanted)
{
    bool same = json_equal(found, wanted);
    if (!same)
        complain(made, what, found, wanted);
    json_decref(found);
    json_decref(wanted);
    return same;
}

static bool check_status(const call *made, json_t *step)
{
    json_t *name = json_object_get(step, "status");
    if (strcmp(made->function->kind, "status") != 0)
        return true;
    json_int_t status = description_constant(made->described, name ? json_string_value(name) : "POLYSHM_OK");
    if (!equal(made, "the status", json_integer(made->result.i32), json_integer(status))) {
        call asked;
        json_t *nothing = json_object();
        call_prepare(&asked, made->described, "polyshm_error_message", nothing, nothing);
        call_run(&asked);
        fprintf(stderr, "  %s\n", (const char *)asked.result.pointer);
        return false;
    }
    return call_kept_promises(made);
}

static bool check_output(const scene *played, const call *made, const char *name, json_t *value)
{
    json_t *wanted = call_resolve(value, played->variables);
    int place = call_place(made, name);
    return equal(made, name, call_output(made, place, json_string_length(wanted)), wanted);
}

static bool check(scene *played, const call *made, json_t *step)
{
    json_t *expected = json_object_get(step, "expect"), *saved = json_object_get(step, "save"), *value;
    json_t *returned = json_object_get(step, "returns");
    const char *name;
    bool fine = check_status(made, step);
    if (fine && returned)
        fine = equal(made, "what it returns", call_returned(made), call_resolve(returned, played->variables));
    json_object_foreach(expected, name, value)
    {
        fine = fine && check_output(played, made, name, value);
    }
    json_object_foreach(saved, name, value)
    {
        if (fine)
            json_object_set_new(played->variables, json_string_value(value),
                                call_output(made, call_place(made, name), 0));
    }
    return fine;
}

static bool run_call(scene *played, json_t *step)
{
    call made;
    call_prepare(&made, played->described, text_of(step, "call"), json_object_get(step, "with"), played->variables);
    call_run(&made);
    made.function->calls++;
    bool fine = check(played, &made, step);
    call_free(&made);
    return fine;
}

/* Its end waits for nobody: a process that dies is what some scenes are about. */
static bool start_child(scene *played, json_t *steps)
{
    pid_t child = fork();
    if (child == 0) {
        scene own = {.described = played->described, .variables = played->variables};
        alarm(PATIENCE);
        _exit(scene_run(&own, steps, json_array_size(steps)) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    played->children += child > 0;
    return child > 0;
}

bool scene_end(scene *played)
{
    int status;
    bool fine = true;
    for (; played->children > 0; played->children--)
        fine = wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS && fine;
    if (!fine)
        fprintf(stderr, "another process failed\n");
    return fine;
}

void scene_remove_blocks(pid_t process)
{
    char prefix[64], path[400];
    name_prefix(process, prefix);
    DIR *folder = opendir(BLOCKS);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(path, sizeof path, "%s/%s", BLOCKS, entry->d_name);
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            unlink(path);
    }
    if (folder)
        closedir(folder);
}

bool scene_run(scene *played, json_t *steps, size_t count)
{
    bool fine = true;
    for (size_t i = 0; fine && i < count; i++) {
        json_t *step = json_array_get(steps, i), *child = json_object_get(step, "child");
        json_t *meanwhile = json_object_get(step, "meanwhile");
        if (child)
            fine = start_child(played, child) && scene_end(played);
        else if (meanwhile)
            fine = start_child(played, meanwhile);
        else
            fine = run_call(played, step);
    }
    return fine;
}
