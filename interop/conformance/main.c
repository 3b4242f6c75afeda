/* Calls every function of the library through libffi, from its own description alone: no header of polyshm is included.
 *
 *     conformance LIBRARY DESCRIPTION SCRIPT [edges]
 *     conformance --believe DESCRIPTION LIBRARY SCRIPT [edges]
 *
 * First the script: work that people do, each scene in a process of its own, in which every function must be called.
 * Then, if asked, the edges (edges.h). In the second form the description is believed instead of the library, so that a
 * wrong one can be tried. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edges.h"

/* Ends a scene that waits for what does not come. */
enum { PATIENCE = 60 };

/* In a process of its own, which may crash. */
static bool run_scene(const description *described, json_t *told)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        json_t *steps = json_object_get(told, "steps");
        scene played = scene_begin(described);
        alarm(PATIENCE);
        bool done = scene_run(&played, steps, json_array_size(steps));
        _exit(scene_end(&played) && done ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    bool fine = waitpid(child, &status, 0) == child && status == 0;
    if (!fine)
        fprintf(stderr, "failed: %s%s%s\n", text_of(told, "about"), WIFSIGNALED(status) ? ": " : "",
                WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
    scene_remove_blocks(child);
    return fine;
}

static bool run_scenes(const description *described, json_t *scenes, size_t *calls)
{
    json_t *each;
    size_t index;
    bool fine = true;
    json_array_foreach(scenes, index, each)
    {
        fine = run_scene(described, each) && fine;
    }
    for (size_t i = 0; i < described->count; i++) {
        *calls += described->functions[i].calls;
        if (described->functions[i].calls > 0)
            continue;
        fprintf(stderr, "%s: never called\n", described->functions[i].name);
        fine = false;
    }
    return fine;
}

int main(int count, char **arguments)
{
    bool believes = count > 1 && strcmp(arguments[1], "--believe") == 0;
    description described;
    json_error_t error;
    size_t calls = 0;
    arguments += believes;
    count -= believes;
    if (count != 4 && count != 5) {
        fprintf(stderr, "usage: conformance LIBRARY DESCRIPTION SCRIPT [edges]\n");
        return 2;
    }
    const char *library = arguments[believes ? 2 : 1], *file = arguments[believes ? 1 : 2];
    if (!description_load(library, file, believes ? file : NULL, &described))
        return EXIT_FAILURE;
    json_t *scenes = json_load_file(arguments[3], JSON_ALLOW_NUL, &error);
    if (!scenes)
        return fprintf(stderr, "%s:%d: %s\n", arguments[3], error.line, error.text), EXIT_FAILURE;
    bool fine = run_scenes(&described, scenes, &calls);
    printf("%zu functions, %zu calls at work", described.count, calls);
    if (count == 5) {
        edges_result edges = edges_run(&described, scenes);
        printf(", %zu at the edges", edges.calls);
        fine = fine && edges.failures == 0;
    }
    printf("\n");
    json_decref(scenes);
    json_decref(described.root);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
