/* The lock among participants that live, are dead, or never were. */
#include "lock.h"

#include <math.h>
#include <pthread.h>

#include "areas.h"
#include "blocks.h"
#include "expect.h"
#include "interrupts.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { COUNT = 1, WIDEST = 8, NUMBERS = PSHMI_PARTICIPANTS };

/* The area that all take part in; shared with children. */
static pshmi_area area;

/* One who takes part, with a file of its own. */
typedef struct {
    pshmi_file file;
    pshmi_lock lock;
} participant;

static int holds;

static int32_t hold(void *user)
{
    (void)user;
    holds++;
    return POLYSHM_OK;
}

static void let(void *user)
{
    (void)user;
    holds--;
}

static void make_area(void)
{
    block_make(NAME, "", 1);
    pshmi_area_open(shared_memory(pshmi_area_size(COUNT, WIDEST)), COUNT, WIDEST, &area);
}

static void enter(participant *one)
{
    EXPECT_OK(pshmi_file_open(NAME, false, &one->file));
    pshmi_lock_init(&one->lock, &area, &(pshmi_lock_file){&one->file, NAME, hold, let, NULL});
}

/* The kernel drops its leases, as when a process dies. */
static void die(participant *one)
{
    pshmi_file_close(&one->file);
}

static void take(participant *one)
{
    EXPECT_OK(pshmi_lock_acquire(&one->lock, 0));
}

static uint32_t number_of(uint32_t word)
{
    return (word >> 16 & 0x7FFF) - 1;
}

static void end(participant *one)
{
    cr_assert_eq(holds, 0);
    die(one);
    block_remove(NAME);
}

TEST(lock, its_word_names_participant_and_generation)
{
    participant one;
    make_area();
    enter(&one);
    for (uint32_t i = 0; i < NUMBERS; i++)
        area.generations[i] = (uint16_t)(i + 7);
    take(&one);
    uint32_t word = area.state->lock, number = number_of(word);
    cr_assert(number < NUMBERS && !(word & PSHMI_LOCK_SLEEPERS));
    cr_assert_eq(word & 0xFFFF, number + 8);
    cr_assert_eq(area.generations[number], number + 8);
    cr_assert(pshmi_lock_is_owner(&one.lock));
    pshmi_lock_release(&one.lock);
    cr_assert_eq(area.state->lock, 0);
    cr_assert_not(pshmi_lock_is_owner(&one.lock));
    take(&one);
    cr_assert_eq(area.state->lock, word, "it joins once");
    end(&one);
}

TEST(lock, is_reentrant)
{
    participant one;
    make_area();
    enter(&one);
    for (int i = 0; i < 3; i++)
        take(&one);
    for (int i = 0; i < 3; i++) {
        cr_assert(pshmi_lock_is_owner(&one.lock) && area.state->lock);
        pshmi_lock_release(&one.lock);
    }
    cr_assert_eq(area.state->lock, 0);
    end(&one);
}

TEST(lock, is_tried_only_by_who_has_joined)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    cr_assert_not(pshmi_lock_try(&one.lock));
    take(&one);
    cr_assert_not(pshmi_lock_try(&one.lock));
    pshmi_lock_release(&one.lock);
    cr_assert(pshmi_lock_try(&one.lock));
    EXPECT_FAILURE(POLYSHM_ETIMEDOUT, "has kept the lock", pshmi_lock_acquire(&other.lock, 0));
    pshmi_lock_give(&one.lock);
    take(&other);
    die(&one);
    end(&other);
}

TEST(lock, of_a_dead_holder_is_taken_over_also_by_who_will_not_wait)
{
    static const double timeouts[] = {0, 0.001, 10, INFINITY};
    make_area();
    for (size_t i = 0; i < COUNT_OF(timeouts); i++) {
        participant one, other;
        bool abandoned = false;
        enter(&one);
        enter(&other);
        take(&one);
        EXPECT_OK(pshmi_lock_is_abandoned(&other.lock, &abandoned));
        cr_assert_not(abandoned);
        die(&one);
        EXPECT_OK(pshmi_lock_is_abandoned(&other.lock, &abandoned));
        cr_assert(abandoned);
        EXPECT_STATUS(POLYSHM_OWNER_DIED, pshmi_lock_acquire(&other.lock, timeouts[i]));
        cr_assert(pshmi_lock_is_owner(&other.lock));
        pshmi_lock_release(&other.lock);
        cr_assert_eq(area.state->lock, 0);
        take(&other);
        pshmi_lock_release(&other.lock);
        die(&other);
    }
    block_remove(NAME);
}

TEST(lock, of_a_generation_that_is_over_is_taken_over)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    take(&one);
    area.generations[number_of(area.state->lock)]++; /* somebody has the number by now, and the lease */
    EXPECT_STATUS(POLYSHM_OWNER_DIED, pshmi_lock_acquire(&other.lock, 0));
    die(&one);
    end(&other);
}

TEST(lock, of_nobody_is_taken_over)
{
    static const uint32_t words[] = {1,          0xFFFF,     0x7FFFFFFF,    0xFFFFFFFF,
                                     0x80000000, 0x00010000, NUMBERS << 16, (NUMBERS + 1) << 16};
    participant one;
    make_area();
    enter(&one);
    take(&one);
    uint32_t mine = area.state->lock;
    pshmi_lock_release(&one.lock);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        area.state->lock = words[i];
        EXPECT_STATUS(POLYSHM_OWNER_DIED, pshmi_lock_acquire(&one.lock, 0));
        pshmi_lock_release(&one.lock);
    }
    area.state->lock = mine ^ 1; /* an older life of its own number */
    EXPECT_STATUS(POLYSHM_OWNER_DIED, pshmi_lock_acquire(&one.lock, 0));
    end(&one);
}

TEST(lock, of_a_living_holder_stays_with_it)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    take(&one);
    EXPECT_STATUS(POLYSHM_ETIMEDOUT, pshmi_lock_acquire(&other.lock, 0.05));
    cr_assert_eq(number_of(area.state->lock), number_of(one.lock.word));
    pshmi_lock_release(&one.lock);
    take(&other);
    die(&one);
    end(&other);
}

static void *fail_in_thread(void *argument)
{
    participant *one = argument;
    CHECK(pshmi_lock_acquire(&one->lock, 0) == POLYSHM_ETIMEDOUT);
    CHECK(pshmi_lock_acquire(&one->lock, 0.02) == POLYSHM_ETIMEDOUT);
    CHECK(!pshmi_lock_is_owner(&one->lock));
    return NULL;
}

TEST(lock, whose_word_somebody_changed_is_still_its_holders_among_the_threads_of_one_handle)
{
    static const uint32_t words[] = {0, 1, 0x7FFFFFFF};
    participant one;
    pthread_t thread;
    make_area();
    enter(&one);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        take(&one);
        area.state->lock = words[i];
        cr_assert_eq(pthread_create(&thread, NULL, fail_in_thread, &one), 0);
        pthread_join(thread, NULL);
        cr_assert(pshmi_lock_is_owner(&one.lock) && one.lock.depth == 1);
        pshmi_lock_release(&one.lock);
        cr_assert_eq(area.state->lock, 0);
    }
    end(&one);
}

static void *wait_in_thread(void *argument)
{
    participant *one = argument;
    CHECK(pshmi_lock_acquire(&one->lock, 30) == POLYSHM_OK);
    pshmi_lock_release(&one->lock);
    return NULL;
}

/* Lets a thread wait with the lock of `other` while `one` has it, and gives it back when the thread sleeps. */
static void hand_over(participant *one, participant *other)
{
    pthread_t thread;
    take(one);
    cr_assert_eq(pthread_create(&thread, NULL, wait_in_thread, other), 0);
    while (!(area.state->lock & PSHMI_LOCK_SLEEPERS))
        pshmi_clock_relax();
    pshmi_lock_release(one == other ? &other->lock : &one->lock);
    pthread_join(thread, NULL);
    cr_assert_eq(area.state->lock, 0);
}

TEST(lock, wakes_who_sleeps_for_it)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    hand_over(&one, &other);
    die(&one);
    end(&other);
}

TEST(lock, is_handed_over_between_threads_of_one_participant)
{
    participant one;
    make_area();
    enter(&one);
    hand_over(&one, &one);
    end(&one);
}

static void *try_in_thread(void *argument)
{
    participant *one = argument;
    CHECK(!pshmi_lock_is_owner(&one->lock));
    CHECK(!pshmi_lock_try(&one->lock));
    CHECK(pshmi_lock_acquire(&one->lock, 0.02) == POLYSHM_ETIMEDOUT);
    return NULL;
}

TEST(lock, of_a_thread_is_not_another_ones)
{
    participant one;
    pthread_t thread;
    make_area();
    enter(&one);
    take(&one);
    cr_assert_eq(pthread_create(&thread, NULL, try_in_thread, &one), 0);
    pthread_join(thread, NULL);
    cr_assert(pshmi_lock_is_owner(&one.lock));
    end(&one);
}

static void *take_in_thread(void *argument)
{
    take(argument);
    return NULL;
}

/* The C library gives the memory of a thread that has ended to the next one. */
TEST(lock, of_a_thread_that_has_ended_is_not_the_next_ones)
{
    participant one;
    pthread_t thread;
    make_area();
    enter(&one);
    cr_assert_eq(pthread_create(&thread, NULL, take_in_thread, &one), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(pthread_create(&thread, NULL, try_in_thread, &one), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(one.lock.depth, 1);
    end(&one);
}

TEST(lock, a_signal_ends_the_wait)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    take(&one);
    interrupts_start();
    int32_t status = pshmi_lock_acquire(&other.lock, INFINITY);
    interrupts_stop();
    EXPECT_STATUS(POLYSHM_EINTR, status);
    cr_assert_not(pshmi_lock_is_owner(&other.lock));
    die(&one);
    end(&other);
}

/* Takes the leases of all numbers but those from `free` on. */
static pshmi_file take_numbers(uint32_t free)
{
    pshmi_file file;
    bool taken;
    EXPECT_OK(pshmi_file_open(NAME, false, &file));
    for (uint32_t i = 0; i < free; i++)
        EXPECT_OK(pshmi_lease_take(&file, NAME, i, &taken));
    return file;
}

TEST(lock, has_so_many_participants_and_no_more)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    pshmi_file file = take_numbers(NUMBERS - 1);
    take(&one);
    cr_assert_eq(number_of(area.state->lock), NUMBERS - 1);
    pshmi_lock_release(&one.lock);
    EXPECT_FAILURE(POLYSHM_EMFILE, "1024 participants", pshmi_lock_acquire(&other.lock, 10));
    die(&one);
    take(&other);
    cr_assert_eq(number_of(area.state->lock), NUMBERS - 1, "the number of the dead is free");
    cr_assert_eq(area.generations[NUMBERS - 1], 2);
    pshmi_file_close(&file);
    end(&other);
}

TEST(lock, may_be_reset_and_is_joined_anew)
{
    participant one;
    make_area();
    enter(&one);
    take(&one);
    pshmi_lock_reset(&one.lock);
    cr_assert_not(pshmi_lock_is_owner(&one.lock));
    die(&one);
    EXPECT_OK(pshmi_file_open(NAME, false, &one.file));
    EXPECT_STATUS(POLYSHM_OWNER_DIED, pshmi_lock_acquire(&one.lock, 0));
    end(&one);
}

static int32_t refuse(void *user)
{
    (void)user;
    return pshmi_fail(POLYSHM_ECLOSED, "closed");
}

TEST(lock, of_a_closed_file_can_not_be_had)
{
    participant one, other;
    make_area();
    enter(&one);
    enter(&other);
    one.lock.file.hold = refuse;
    EXPECT_STATUS(POLYSHM_ECLOSED, pshmi_lock_acquire(&one.lock, 10));
    one.lock.file.hold = hold;
    take(&one);
    pshmi_lock_release(&one.lock);
    take(&other);
    one.lock.file.hold = refuse;
    EXPECT_STATUS(POLYSHM_ECLOSED, pshmi_lock_acquire(&one.lock, 10));
    bool abandoned;
    EXPECT_STATUS(POLYSHM_ECLOSED, pshmi_lock_is_abandoned(&one.lock, &abandoned));
    die(&one);
    end(&other);
}
