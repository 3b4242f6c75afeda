/* A client that scribbles over its manager's book while others create through it: errors and records that count for
 * nothing are fine, but nobody crashes, and nothing is unlinked but what the book names, by name and identity. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"

/* Blocks of nobody's: one whose name alone stands in the book, and one that is named there as it should be. */
#define STRANGER test_name(0)
#define NAMED    test_name(1)

enum { RECORD = 512, RECORDS = 64, CLIENTS = 3, CREATIONS = 1500, KINDS = 4 };

typedef struct {
    uint64_t used, device, inode;
    char name[RECORD - 24];
} record;

/* What clients share. */
typedef struct {
    _Atomic uint64_t tries, successes, failures[KINDS];
    _Atomic bool over;
} board;

static board *all;

static void scribble(void *unused)
{
    unsigned seed = 7;
    char title[RECORD], noise[RECORD];
    int book = open(runtime_path("address"), O_RDWR | O_CLOEXEC);
    (void)unused;
    CHECK(book >= 0 && pread(book, title, RECORD, 0) == RECORD);
    while (!atomic_load(&all->over)) {
        for (int i = 0; i < RECORD; i++)
            noise[i] = (char)rand_r(&seed);
        noise[0] = (char)(rand_r(&seed) % 3);
        memset(noise + 1, 0, 7); /* so that most seem to be in use */
        CHECK(pwrite(book, noise, RECORD, rand_r(&seed) % (RECORDS * RECORD)) == RECORD);
        if (rand_r(&seed) % 16 == 0)
            CHECK(ftruncate(book, rand_r(&seed) % (RECORDS * RECORD)) == 0);
        if (rand_r(&seed) % 4 == 0)
            CHECK(pwrite(book, title, RECORD, 0) == RECORD);
        close(open(runtime_path("address"), O_WRONLY | O_CLOEXEC)); /* wakes the helper */
    }
    CHECK(pwrite(book, title, RECORD, 0) == RECORD && ftruncate(book, RECORDS * RECORD) == 0);
    close(book);
}

/* Whether a call through a damaged book may end so. */
static bool is_clear(int32_t status)
{
    static const int32_t expected[KINDS] = {POLYSHM_ENOENT, POLYSHM_ENOTMANAGER, POLYSHM_ELAYOUT, POLYSHM_ECORRUPT};
    for (int i = 0; i < KINDS; i++)
        if (status == expected[i]) {
            atomic_fetch_add(&all->failures[i], 1);
            return *polyshm_error_message() != '\0';
        }
    return status == POLYSHM_OK;
}

static void use(polyshm_manager *manager, int number)
{
    char name[128], names[4096];
    uint64_t size;
    polyshm_segment *segment;
    snprintf(name, sizeof name, "%sc%d_%d", test_prefix(), (int)getpid(), number);
    int32_t status = polyshm_manager_create_segment(manager, name, 1, 0, 0, &segment);
    CHECK(is_clear(status) && block_exists(name) == (status == POLYSHM_OK));
    status = polyshm_manager_names(manager, names, sizeof names, &size);
    CHECK(status == POLYSHM_ENOBUFS || is_clear(status));
    CHECK(is_clear(polyshm_manager_adopt(manager, NAMED)));
    status = polyshm_manager_release(manager, NAMED);
    CHECK(status == POLYSHM_ENOTFOUND || is_clear(status));
    atomic_fetch_add(&all->tries, 1);
    if (!block_exists(name))
        return;
    atomic_fetch_add(&all->successes, 1);
    CHECK(polyshm_segment_unlink(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static void be_client(void *gate)
{
    polyshm_manager *manager;
    CHECK(polyshm_manager_connect("address", NULL, 0, &manager) == POLYSHM_OK);
    gate_open(*(int *)gate);
    for (int number = 0; number < CREATIONS; number++)
        use(manager, number);
    polyshm_manager_unref(manager);
}

/* Has clients and a scribbler at the book, one after the other has ended. */
static void damage_in_use(void)
{
    pid_t clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        int gate = gate_make();
        clients[i] = child_start(be_client, &gate);
        cr_assert(gate_wait(gate));
        close(gate);
    }
    pid_t scribbler = child_start(scribble, NULL);
    for (int i = 0; i < CLIENTS; i++)
        cr_assert_eq(child_wait(clients[i]), 0, "client %d", i);
    atomic_store(&all->over, true);
    cr_assert_eq(child_wait(scribbler), 0);
    cr_assert(all->successes > 0 && all->successes < all->tries, "%d of %d creations succeeded", (int)all->successes,
              (int)all->tries);
}

static polyshm_manager *begin(void)
{
    polyshm_manager *manager;
    runtime_make();
    all = shared_memory(sizeof *all);
    EXPECT_OK(polyshm_manager_start("address", NULL, 0, &manager));
    block_make(STRANGER, "stranger", 8);
    block_make(NAMED, "named", 5);
    return manager;
}

/* Ends the book with records that seem to be of others' blocks. */
static void forge(void)
{
    struct stat stranger = block_status(STRANGER), named = block_status(NAMED);
    record records[] = {
        {1, stranger.st_dev, stranger.st_ino + 1, ""}, {1, stranger.st_dev + 1, stranger.st_ino, ""},
        {3, stranger.st_dev, stranger.st_ino, ""},     {1, stranger.st_dev, stranger.st_ino, ""},
        {1, stranger.st_dev, stranger.st_ino, ""},     {1, named.st_dev, named.st_ino, ""},
    };
    for (int i = 0; i < 3; i++)
        strcpy(records[i].name, STRANGER);
    snprintf(records[3].name, sizeof records[3].name, "../shm/%s", STRANGER);
    memset(records[4].name, 'x', sizeof records[4].name);
    strcpy(records[5].name, NAMED);
    int book = open(runtime_path("address"), O_WRONLY | O_APPEND | O_CLOEXEC);
    cr_assert_eq(write(book, records, sizeof records), (ssize_t)sizeof records);
    close(book);
}

static void expect_stranger(void)
{
    char found[9] = "";
    cr_assert_eq(block_read(STRANGER, found, sizeof found), 8);
    cr_assert_str_eq(found, "stranger");
    block_remove(STRANGER);
}

TEST(books, that_a_client_scribbles_over_harm_nobody_else)
{
    polyshm_manager *manager = begin(), *other;
    polyshm_segment *segment;
    EXPECT_OK(polyshm_manager_start("other", NULL, 0, &other));
    EXPECT_OK(polyshm_manager_create_segment(other, test_name(2), 1, 0, 0, &segment));
    polyshm_segment_unref(segment);
    pid_t helper = runtime_helper();
    damage_in_use();
    cr_assert(helper && runtime_helper() == helper, "another manager needs the helper all the time");
    forge();
    EXPECT_OK(polyshm_manager_shutdown(manager));
    EXPECT_OK(polyshm_manager_join(manager, 30));
    polyshm_manager_unref(manager);
    cr_assert(block_exists(test_name(2)));
    EXPECT_OK(polyshm_manager_shutdown(other));
    polyshm_manager_unref(other);
    cr_assert_not(block_exists(test_name(2)));
    EXPECT_SOON(runtime_is_quiet());
    cr_assert_not(block_exists(NAMED));
    expect_stranger();
}

TEST(books, whose_first_record_is_damaged_are_left_alone_by_everybody)
{
    polyshm_manager *manager = begin(), *client;
    polyshm_segment *segment;
    char noise[RECORD];
    memset(noise, 0xA5, sizeof noise);
    EXPECT_OK(polyshm_manager_connect("address", NULL, 0, &client));
    forge();
    int book = open(runtime_path("address"), O_WRONLY | O_CLOEXEC);
    cr_assert_eq(pwrite(book, noise, RECORD, 0), RECORD);
    close(book);
    EXPECT_FAILURE(POLYSHM_ENOTMANAGER, "address", polyshm_manager_create_segment(client, NULL, 1, 0, 0, &segment));
    EXPECT_FAILURE(POLYSHM_ENOTMANAGER, "address", polyshm_manager_shutdown(manager));
    EXPECT_STATUS(POLYSHM_OK, polyshm_manager_shutdown(manager));
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, polyshm_manager_join(client, 0.1));
    polyshm_manager_unref(client);
    polyshm_manager_unref(manager);
    EXPECT_SOON(runtime_helper() == 0);
    cr_assert(block_exists(NAMED) && runtime_books() == 1);
    unlink(runtime_path("address"));
    block_remove(NAMED);
    expect_stranger();
}
