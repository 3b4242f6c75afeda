/* Many clients that create through one manager at once, beside those that hinder: one scribbles garbage over a book that
 * the same helper looks after, one puts garbage into the folder and behind the records of the manager, one is stopped, one
 * has no descriptor left. The manager owns all that was created, and takes it away. Then what an idle helper costs, and
 * that it ends. */
#include <fcntl.h>
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "runtimes.h"

enum { CLIENTS_MAX = 256, RECORD = 512, NUISANCES = 4 };

#ifdef __SANITIZE_ADDRESS__
static const double HELPER_MEMORY = 256; /* most of it the sanitizer's */
#else
static const double HELPER_MEMORY = 2; /* MiB */
#endif

static uint64_t creations = 10000, clients = 64, idle = 3;

static struct {
    int gate;
    _Atomic uint64_t created, refused;
} * board;

static polyshm_manager *connect_to(const char *address)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_connect(address, "key", 3, &manager) == POLYSHM_OK);
    return manager;
}

static polyshm_manager *start(const char *address)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_start(address, "key", 3, &manager) == POLYSHM_OK);
    return manager;
}

static void create(polyshm_manager *manager, uint64_t number)
{
    char name[128];
    polyshm_segment *segment;
    snprintf(name, sizeof name, "%sc%" PRIu64, test_prefix(), number);
    CHECK(polyshm_manager_create_segment(manager, name, 8, 0, 0, &segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
    atomic_fetch_add(&board->created, 1);
}

static void be_client(void *argument)
{
    uint64_t first = *(uint64_t *)argument;
    polyshm_manager *manager = connect_to("address");
    CHECK(gate_wait(board->gate));
    for (uint64_t number = first; number < creations; number += clients)
        create(manager, number);
}

/* Whoever scribbles over a book loses what stands in it: so it is a book of its own. */
static void scribble(void *unused)
{
    uint64_t noise = 1, garbage[RECORD / 8];
    (void)unused;
    start("scribbled");
    int book = open(runtime_path("scribbled"), O_RDWR | O_CLOEXEC);
    for (;;) {
        for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
            garbage[i] = dice_throw(&noise);
        garbage[0] %= 3;
        CHECK(pwrite(book, garbage, sizeof garbage, (off_t)dice_below(&noise, 64 * RECORD)) == RECORD);
        close(open(runtime_path("scribbled"), O_WRONLY | O_CLOEXEC)); /* wakes the helper */
        if (dice_below(&noise, 16) == 0)
            CHECK(ftruncate(book, (off_t)dice_below(&noise, 64 * RECORD)) == 0);
    }
}

/* Whole records of garbage behind those of the manager, and files that are no books. */
static void litter(void *unused)
{
    uint64_t noise = 2, garbage[RECORD / 8];
    (void)unused;
    int book = open(runtime_path("address"), O_WRONLY | O_APPEND | O_CLOEXEC);
    for (int file = -1;; close(file)) {
        for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
            garbage[i] = dice_throw(&noise);
        garbage[0] %= 3;
        CHECK(write(book, garbage, sizeof garbage) == RECORD);
        file = open(runtime_path("litter"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        CHECK(file >= 0 && write(file, garbage, dice_below(&noise, RECORD)) >= 0);
        usleep(1000);
    }
}

static void be_stopped(void *unused)
{
    polyshm_manager *manager = connect_to("address");
    polyshm_segment *segment;
    char name[128];
    int32_t status = POLYSHM_OK;
    (void)unused;
    for (uint64_t number = creations; !status; number++) {
        snprintf(name, sizeof name, "%sc%" PRIu64, test_prefix(), number);
        if (!(status = polyshm_manager_create_segment(manager, name, 8, 0, 0, &segment)))
            polyshm_segment_unref(segment);
    }
    CHECK(status == POLYSHM_ENOENT);
}

static void have_no_descriptors(void *unused)
{
    polyshm_manager *manager = connect_to("address");
    const struct rlimit limit = {.rlim_cur = 3, .rlim_max = 3};
    polyshm_segment *segment;
    (void)unused;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (;; usleep(200)) {
        CHECK(polyshm_manager_create_segment(manager, NULL, 8, 0, 0, &segment) == POLYSHM_EMFILE);
        atomic_fetch_add(&board->refused, 1);
    }
}

/* Everybody creates at once; gives how long that took. */
static double create_all(void)
{
    pid_t processes[CLIENTS_MAX];
    uint64_t numbers[CLIENTS_MAX];
    for (uint64_t i = 0; i < clients; i++) {
        numbers[i] = i;
        processes[i] = child_start(be_client, &numbers[i]);
    }
    for (uint64_t i = 0; i < clients; i++)
        CHECK(child_sleeps(processes[i]));
    double begin = program_now();
    gate_open(board->gate);
    for (uint64_t i = 0; i < clients; i++)
        CHECK(child_wait(processes[i]) == 0);
    return program_now() - begin;
}

static uint64_t names_count(polyshm_manager *manager)
{
    uint64_t size = 0, count = 0, names = 0;
    int32_t status = polyshm_manager_names(manager, NULL, 0, &size);
    CHECK(status == POLYSHM_ENOBUFS || status == POLYSHM_OK);
    char *text = malloc(size + 1);
    CHECK(text && polyshm_manager_names(manager, text, size, &size) == POLYSHM_OK);
    for (const char *next = text; next < text + size; next += strlen(next) + 1, names++)
        count += strncmp(next, test_prefix(), strlen(test_prefix())) == 0;
    CHECK(names == count);
    free(text);
    return count;
}

static void measure_clients(void)
{
    void (*const acts[NUISANCES])(void *) = {scribble, litter, be_stopped, have_no_descriptors};
    pid_t nuisances[NUISANCES];
    polyshm_manager *manager = start("address");
    for (int i = 0; i < NUISANCES; i++)
        nuisances[i] = child_start(acts[i], NULL);
    while (blocks_count(test_prefix()) == 0 || atomic_load(&board->refused) == 0)
        usleep(100);
    kill(nuisances[2], SIGSTOP); /* wherever that is */
    double took = create_all();
    CHECK(board->created == creations);
    uint64_t owned = names_count(manager);
    CHECK(owned >= creations && owned == blocks_count(test_prefix()));
    double begin = program_now();
    CHECK(polyshm_manager_shutdown(manager) == POLYSHM_OK);
    double shutdown = program_now() - begin;
    uint64_t left = blocks_count(test_prefix());
    kill(nuisances[2], SIGCONT); /* to find that the manager has ended */
    CHECK(child_wait(nuisances[2]) == 0);
    for (int i = 0; i < NUISANCES; i++)
        if (i != 2)
            child_kill(nuisances[i]);
    CHECK(polyshm_manager_join(manager, 30) == POLYSHM_OK);
    CHECK(blocks_count(test_prefix()) == 0);
    polyshm_manager_unref(manager);
    unlink(runtime_path("litter"));
    unlink(runtime_path("scribbled"));
    program_figure("created by so many at once, owned, left", "%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64,
                   creations, clients, owned, left);
    program_figure("time for that", "%.2f s, %.0f a second", took, (double)creations / took);
    program_figure("time of the shutdown", "%.2f s", shutdown);
    program_figure("refused for want of descriptors meanwhile", "%" PRIu64, board->refused);
    CHECK(left == 0);
}

static double helper_memory(pid_t helper)
{
    char path[64], line[256];
    double kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)helper);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1)
            break;
    if (file)
        fclose(file);
    return kilobytes / 1024;
}

/* In clock ticks. */
static uint64_t helper_time(pid_t helper)
{
    char path[64];
    unsigned long long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)helper);
    FILE *file = fopen(path, "re");
    CHECK(file && fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) == 2);
    fclose(file);
    return user + system;
}

/* Beside a process that creates all the time: the helper has nothing to do with that. */
static void measure_idle_helper(void)
{
    long patience = 0;
    polyshm_manager *manager = start("idle");
    program_sleep(5); /* until the one before has ended, and this one looked for the last time */
    pid_t helper = runtime_helper();
    CHECK(helper);
    uint64_t before = helper_time(helper);
    double end = program_now() + (double)idle;
    for (uint64_t number = 0; program_now() < end; usleep(1000))
        create(manager, number++);
    uint64_t ticks = helper_time(helper) - before;
    program_at_most("memory of the idle helper", helper_memory(helper), " MiB", HELPER_MEMORY);
    CHECK(helper_memory(helper) < HELPER_MEMORY);
    program_figure("processor time of the idle helper", "%" PRIu64 " ticks in %" PRIu64 " s", ticks, idle);
    CHECK(ticks <= 1);
    double begin = program_now();
    CHECK(polyshm_manager_shutdown(manager) == POLYSHM_OK);
    polyshm_manager_unref(manager);
    for (patience = 0; !runtime_is_quiet();)
        CHECK(be_patient(&patience));
    program_figure("until the helper that nobody needs had ended", "%.1f ms", (program_now() - begin) * 1e3);
}

int main(int count, char **arguments)
{
    const program_usage usage = {"Has many clients create through one manager at once, beside some that hinder.",
                                 NULL,
                                 {{"creations", "how many", &creations},
                                  {"clients", "how many", &clients},
                                  {"idle", "seconds to look at the idle helper for", &idle}}};
    program_begin(count, arguments, &usage);
    CHECK(clients >= 1 && clients <= CLIENTS_MAX);
    runtime_make();
    board = shared_memory(sizeof *board);
    board->gate = gate_make();
    measure_clients();
    measure_idle_helper();
    return program_end();
}
