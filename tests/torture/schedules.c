/* Random lives: actors (actors.h) create, track, manage, attach and fork; they, their helper and their children are killed
 * at random, also in the middle of a command. All the while each block is there for as long as it has to be; and when all
 * is over, none is left, and no book. */
#include <inttypes.h>
#include <polyshm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors.h"
#include "blocks.h"
#include "children.h"
#include "dice.h"
#include "names.h"
#include "program.h"
#include "runtimes.h"

enum { ACTORS = 4, CHILDREN = 4, HOLDERS = ACTORS + CHILDREN, BLOCKS = 64, STEPS = 40, COMMANDS_MAX = 16 };

typedef enum { UNTRACKED, TRACKED, MANAGED, KINDS } kind;

struct block {
    char name[96];
    kind kind;
    ino_t inode;
    int owner;              /* of its manager; -1: nobody any more */
    bool attached[HOLDERS]; /* actors, then children; what one created counts, too */
    bool certain;           /* its making was acknowledged */
};

static uint64_t schedules = 60, first_schedule, schedule, seed, dice, names;
static char *const *commands;
static int commands_count;

static struct actor actors[ACTORS];
static bool is_owner[ACTORS];
static int languages[ACTORS];    /* which command runs */
static uint64_t serials[ACTORS]; /* for addresses: each life has its own */
static pid_t children[CHILDREN];
static struct block blocks[BLOCKS];
static int blocks_used;

static struct {
    uint64_t steps, blocks, leaked, removed, books, kills, cut, helpers, forks, reaped;
    uint64_t made[COMMANDS_MAX]; /* blocks, by each command */
    double longest;
} figures;

static bool is_attached(const struct block *block)
{
    for (int i = 0; i < HOLDERS; i++)
        if (block->attached[i])
            return true;
    return false;
}

static bool has_to_be_there(const struct block *block)
{
    if (!block->certain)
        return false;
    return block->kind == UNTRACKED || (block->kind == TRACKED ? is_attached(block) : block->owner >= 0);
}

static void check_blocks(void)
{
    for (int i = 0; i < blocks_used; i++) {
        struct block *block = &blocks[i];
        if (!has_to_be_there(block) || block_status(block->name).st_ino == block->inode)
            continue;
        fprintf(stderr, "schedule %" PRIu64 " of seed %" PRIu64 ": block %s of kind %d is gone, though it is needed\n",
                schedule, seed, block->name, (int)block->kind);
        block->certain = false;
        figures.removed++;
    }
}

static void start(int who)
{
    /* Half of them are in C, so that there is always somebody who can do everything. */
    languages[who] = who < ACTORS / 2 ? 0 : (int)dice_below(&dice, (uint64_t)commands_count);
    actors[who].command = commands[languages[who]];
    actor_start(&actors[who]);
    is_owner[who] = false;
    serials[who]++;
}

static void let_go(int holder)
{
    for (int i = 0; i < blocks_used; i++) {
        blocks[i].attached[holder] = false;
        if (blocks[i].owner == holder)
            blocks[i].owner = -1;
    }
}

static void end(int who)
{
    static const int signals[] = {0, SIGTERM, SIGKILL, SIGKILL};
    actor_end(&actors[who], signals[dice_below(&dice, 4)]);
    let_go(who);
    figures.kills++;
}

/* Kills an actor that may be in the middle of what it was told, and starts another one. */
static void cut(int who)
{
    usleep((useconds_t)dice_below(&dice, 1500));
    actor_end(&actors[who], SIGKILL);
    let_go(who);
    figures.cut++;
    start(who);
}

static void set_address(int owner, char address[64])
{
    snprintf(address, 64, "m%d_%" PRIu64, owner, serials[owner]);
}

static void tell_to_make(const struct block *block, int who)
{
    char address[64];
    static const char *const words[] = {"create", "track"};
    if (block->kind != MANAGED) {
        actor_tell(&actors[who], "%s %s", words[block->kind], block->name);
        return;
    }
    set_address(block->owner, address);
    actor_tell(&actors[who], "manage %s %s", address, block->name);
}

static int find_owner(void)
{
    int first = (int)dice_below(&dice, ACTORS);
    for (int i = 0; i < ACTORS; i++)
        if (is_owner[(first + i) % ACTORS])
            return (first + i) % ACTORS;
    return -1;
}

static void make(int who, bool cuts)
{
    struct block *block = &blocks[blocks_used];
    *block = (struct block){.kind = (kind)dice_below(&dice, KINDS), .owner = -1};
    if (block->kind == MANAGED && (block->owner = find_owner()) < 0)
        return;
    blocks_used++;
    figures.blocks++;
    snprintf(block->name, sizeof block->name, "%s%" PRIu64, test_prefix(), names++);
    tell_to_make(block, who);
    if (cuts) {
        cut(who);
        return;
    }
    const char *heard = actor_hear(&actors[who]);
    if (strcmp(heard, "can't") == 0)
        return;
    if (strcmp(heard, "ok") != 0)
        fprintf(stderr, "%s\n", heard);
    CHECK(strcmp(heard, "ok") == 0);
    block->certain = block->attached[who] = true;
    block->inode = block_status(block->name).st_ino;
    CHECK(block->inode);
    figures.made[languages[who]]++;
}

static void own(int who)
{
    char address[64];
    if (is_owner[who])
        return;
    set_address(who, address);
    actor_tell(&actors[who], "start %s", address);
    const char *heard = actor_hear(&actors[who]);
    CHECK(strcmp(heard, "ok") == 0 || strcmp(heard, "can't") == 0);
    is_owner[who] = strcmp(heard, "ok") == 0;
}

/* What may be gone can be found missing. */
static void attach(int who)
{
    struct block *block = blocks_used ? &blocks[dice_below(&dice, (uint64_t)blocks_used)] : NULL;
    if (!block || block->attached[who])
        return;
    actor_tell(&actors[who], "attach %s", block->name);
    const char *heard = actor_hear(&actors[who]);
    if (strcmp(heard, "ok") != 0) {
        CHECK(!has_to_be_there(block));
        return;
    }
    block->attached[who] = true;
    if (!block->certain) {
        block->inode = block_status(block->name).st_ino;
        block->certain = block->kind == TRACKED && block->inode;
    }
}

static void detach(int who)
{
    for (int i = 0; i < blocks_used; i++)
        if (blocks[i].attached[who] && dice_below(&dice, 2)) {
            actor_tell(&actors[who], "detach %s", blocks[i].name);
            if (strcmp(actor_hear(&actors[who]), "ok") == 0) /* else it made the block */
                blocks[i].attached[who] = false;
            return;
        }
}

static void end_child(int child)
{
    if (children[child])
        kill(children[child], SIGKILL);
    children[child] = 0;
    let_go(ACTORS + child);
}

static void fork_one(int who)
{
    int number, child = (int)dice_below(&dice, CHILDREN);
    end_child(child);
    actor_tell(&actors[who], "fork");
    if (sscanf(actor_hear(&actors[who]), "ok %d", &number) != 1)
        return;
    children[child] = number;
    figures.forks++;
    for (int i = 0; i < blocks_used; i++)
        blocks[i].attached[ACTORS + child] = blocks[i].attached[who];
}

static void step(void)
{
    int who = (int)dice_below(&dice, ACTORS);
    switch (dice_below(&dice, 12)) {
    case 0:
        end(who);
        start(who);
        break;
    case 1:
        make(who, true);
        break;
    case 2:
        figures.helpers += runtime_helper() != 0;
        runtime_kill_helper();
        break;
    case 3:
        own(who);
        break;
    case 4:
        fork_one(who);
        break;
    case 5:
        end_child((int)dice_below(&dice, CHILDREN));
        break;
    case 6:
        detach(who);
        break;
    case 7:
    case 8:
        attach(who);
        break;
    default:
        make(who, false);
    }
    figures.steps++;
    check_blocks();
}

/* An untracked block, whose making was cut, may be there. */
static void remove_untracked(void)
{
    for (int i = 0; i < blocks_used; i++)
        if (blocks[i].kind == UNTRACKED)
            block_remove(blocks[i].name);
}

/* Whether nothing is left; a dead helper's work is done by polyshm_reap. */
static bool is_over(void)
{
    static char reaped[BLOCKS * 128];
    uint64_t size = 0;
    if (blocks_count(test_prefix()) == 0 && runtime_is_quiet())
        return true;
    if (runtime_helper() == 0) {
        CHECK(polyshm_reap(0, reaped, sizeof reaped, &size) == POLYSHM_OK);
        figures.reaped += size > 0;
    }
    return false;
}

/* Counts what is left when that does not change any more, and takes it away. */
static void await_end(void)
{
    long patience = 0;
    bool over;
    double begin = program_now();
    while (!(over = is_over()) && be_patient(&patience))
        ;
    double took = program_now() - begin;
    if (!over) {
        fprintf(stderr, "schedule %" PRIu64 " of seed %" PRIu64 ": %zu blocks, %zu books, helper %d are left\n",
                schedule, seed, blocks_count(test_prefix()), runtime_books(), (int)runtime_helper());
        figures.books += runtime_books();
        figures.leaked += blocks_remove(test_prefix());
    }
    figures.longest = took > figures.longest ? took : figures.longest;
}

static void run(void)
{
    dice = seed * UINT64_C(1000003) + schedule;
    blocks_used = 0;
    for (int i = 0; i < ACTORS; i++)
        start(i);
    for (int i = 0; i < STEPS && blocks_used < BLOCKS; i++)
        step();
    for (int i = 0; i < ACTORS; i++)
        end(i);
    check_blocks(); /* the children may hold some */
    for (int i = 0; i < CHILDREN; i++)
        end_child(i);
    remove_untracked();
    await_end();
}

int main(int count, char **arguments)
{
    const program_usage usage = {
        "Lets processes create, track, manage, attach and fork, kills them, and looks for what is left.",
        "[ACTOR-COMMAND...] (the first is the one in C)",
        {{"schedules", "how many", &schedules},
         {"first", "the number of the first", &first_schedule},
         {"seed", "of the dice", &seed}}};
    static char *const in_c[] = {ACTOR};
    seed = (uint64_t)getpid();
    int first = program_begin(count, arguments, &usage);
    commands = first < count ? arguments + first : in_c;
    commands_count = first < count ? count - first : 1;
    CHECK(commands_count <= COMMANDS_MAX);
    signal(SIGPIPE, SIG_IGN);
    runtime_make();
    for (schedule = first_schedule; schedule < first_schedule + schedules; schedule++)
        run();
    program_figure("schedules, steps, of seed", "%" PRIu64 ", %" PRIu64 ", %" PRIu64, schedules, figures.steps, seed);
    program_figure("blocks made, of them leaked, removed while needed", "%" PRIu64 ", %" PRIu64 ", %" PRIu64,
                   figures.blocks, figures.leaked, figures.removed);
    for (int i = 0; i < commands_count; i++)
        program_figure("  made by", "%" PRIu64 ", %s", figures.made[i], commands[i]);
    program_figure("books left", "%" PRIu64, figures.books);
    program_figure("actors ended, killed within a command", "%" PRIu64 ", %" PRIu64, figures.kills, figures.cut);
    program_figure("children forked, helpers killed", "%" PRIu64 ", %" PRIu64, figures.forks, figures.helpers);
    program_figure("schedules whose rest was left to polyshm_reap", "%" PRIu64, figures.reaped);
    program_figure("longest until all was gone after the end of all", "%.1f ms", figures.longest * 1e3);
    CHECK(figures.leaked == 0 && figures.removed == 0 && figures.books == 0);
    return program_end();
}
