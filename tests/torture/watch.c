/* The process that looks on (watch.h). */
#include "watch.h"

#include <stddef.h>

#include "children.h"
#include "program.h"

#define NOWHERE UINT64_MAX

static const double INTERVAL = 0.0002;

typedef struct {
    struct watch *watch;
    const char *name;
} task;

static void look_on(void *argument)
{
    struct watch *watch = ((const task *)argument)->watch;
    uint64_t version;
    polyshm_list *list;
    CHECK(polyshm_list_attach(((const task *)argument)->name, POLYSHM_SEGMENT_READONLY, 10, &list) == POLYSHM_OK);
    for (double before = program_now(), now;; before = now) {
        program_sleep(INTERVAL);
        uint64_t aim = atomic_load(&watch->version);
        CHECK(polyshm_list_version(list, &version) == POLYSHM_OK);
        now = program_now();
        if (now - before > atomic_load(&watch->longest))
            atomic_store(&watch->longest, now - before);
        if (aim != NOWHERE && version != aim && atomic_compare_exchange_strong(&watch->version, &aim, NOWHERE))
            atomic_store(&watch->moved, now);
    }
}

struct watch *watch_start(const char *name)
{
    struct watch *watch = shared_memory(sizeof *watch);
    atomic_store(&watch->version, NOWHERE);
    watch->process = child_start(look_on, &(task){watch, name});
    return watch;
}

void watch_stop(struct watch *watch)
{
    child_kill(watch->process);
}

void watch_aim(struct watch *watch, uint64_t version)
{
    atomic_store(&watch->version, NOWHERE);
    atomic_store(&watch->moved, 0);
    atomic_store(&watch->version, version);
}
