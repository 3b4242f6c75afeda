/* One handle in several threads: a call that meets a close gives its result or POLYSHM_ECLOSED, and never crashes. */
#include <pthread.h>
#include <stdatomic.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

#define NAME test_name(0)

enum { THREADS = 4, ROUNDS = 200, SIZE = 1 << 16 };

/* What the threads of a round share. */
static struct {
    pthread_barrier_t start;
    polyshm_segment *segment;
    polyshm_list *list;
    _Atomic int wrong;
    _Atomic int closed; /* calls that met the close */
} now;

static void run_threads(void *(*run)(void *), void (*meanwhile)(void))
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&now.start, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, run, NULL), 0);
    pthread_barrier_wait(&now.start);
    meanwhile();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&now.start);
}

/* Whether the call succeeded; notes a failure that is not the close. */
static bool succeeded(int32_t status)
{
    if (status == POLYSHM_ECLOSED)
        now.closed++;
    else if (status != POLYSHM_OK)
        now.wrong++;
    return status == POLYSHM_OK;
}

static void expect_right(bool result_is_right)
{
    now.wrong += !result_is_right;
}

static void *read_and_write(void *unused)
{
    static _Thread_local char found[SIZE], expected[SIZE];
    (void)unused;
    memset(expected, 'x', SIZE);
    pthread_barrier_wait(&now.start);
    while (succeeded(polyshm_segment_read(now.segment, 0, found, SIZE))) {
        expect_right(memcmp(found, expected, SIZE) == 0);
        if (!succeeded(polyshm_segment_write(now.segment, 0, expected, SIZE)))
            break;
    }
    return NULL;
}

static void close_segment(void)
{
    EXPECT_OK(polyshm_segment_close(now.segment));
}

TEST(threads, a_read_or_write_beside_a_close_has_its_result_or_says_closed)
{
    char contents[SIZE];
    memset(contents, 'x', SIZE);
    for (int round = 0; round < ROUNDS; round++) {
        block_make(NAME, contents, SIZE);
        EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &now.segment));
        run_threads(read_and_write, close_segment);
        polyshm_segment_unref(now.segment);
    }
    cr_assert_eq(now.wrong, 0, "%d wrong results", now.wrong);
    cr_assert_eq(now.closed, THREADS * ROUNDS);
    block_remove(NAME);
}

static void *use_list(void *unused)
{
    const polyshm_value value = v_str("a text of two words"), number = v_int(7);
    (void)unused;
    pthread_barrier_wait(&now.start);
    polyshm_value found;
    char text[24];
    uint64_t count;
    int64_t index;
    while (succeeded(polyshm_list_get(now.list, 1, text, sizeof text, &found))) {
        expect_right(value_is(&found, &value));
        if (!succeeded(polyshm_list_count(now.list, &number, &count)))
            break;
        expect_right(count == 1);
        if (!succeeded(polyshm_list_index(now.list, &value, &index)))
            break;
        expect_right(index == 1);
        if (!succeeded(polyshm_list_set(now.list, 0, &number)))
            break;
    }
    return NULL;
}

static void close_list(void)
{
    EXPECT_OK(polyshm_list_close(now.list));
}

TEST(threads, a_list_beside_a_close_has_its_result_or_says_closed)
{
    const polyshm_value values[] = {v_int(7), v_str("a text of two words")};
    for (int round = 0; round < ROUNDS; round++) {
        EXPECT_OK(polyshm_list_create(NAME, values, COUNT_OF(values), 0, 0, 0, &now.list));
        run_threads(use_list, close_list);
        EXPECT_OK(polyshm_list_unlink(now.list));
        polyshm_list_unref(now.list);
    }
    cr_assert_eq(now.wrong, 0, "%d wrong results", now.wrong);
    cr_assert_eq(now.closed, THREADS * ROUNDS);
}

static void *pin_and_unpin(void *unused)
{
    void *address;
    (void)unused;
    pthread_barrier_wait(&now.start);
    while (succeeded(polyshm_segment_pin(now.segment))) {
        if (polyshm_segment_address(now.segment, &address) == POLYSHM_OK)
            expect_right(*(char *)address == 'x');
        expect_right(polyshm_segment_unpin(now.segment) == POLYSHM_OK);
    }
    return NULL;
}

TEST(threads, pins_beside_a_close_keep_the_bytes_or_are_refused)
{
    for (int round = 0; round < ROUNDS; round++) {
        block_make(NAME, "x", 1);
        EXPECT_OK(polyshm_segment_attach(NAME, 0, 0, &now.segment));
        run_threads(pin_and_unpin, close_segment);
        polyshm_segment_unref(now.segment);
    }
    cr_assert_eq(now.wrong, 0, "%d wrong results", now.wrong);
    block_remove(NAME);
}

static void *close_too(void *unused)
{
    (void)unused;
    pthread_barrier_wait(&now.start);
    expect_right(polyshm_segment_close(now.segment) == POLYSHM_OK);
    polyshm_segment_unref(now.segment);
    return NULL;
}

TEST(threads, all_may_close_at_once_and_drop_their_references)
{
    for (int round = 0; round < ROUNDS; round++) {
        EXPECT_OK(polyshm_segment_create(NAME, 1, 0, 0, &now.segment));
        EXPECT_OK(polyshm_segment_unlink(now.segment));
        for (int i = 0; i < THREADS; i++)
            polyshm_segment_ref(now.segment);
        run_threads(close_too, close_segment);
        polyshm_segment_unref(now.segment);
    }
    cr_assert_eq(now.wrong, 0);
}

static void *unlink_own(void *unused)
{
    (void)unused;
    pthread_barrier_wait(&now.start);
    for (int i = 0; i < ROUNDS; i++) {
        polyshm_segment *segment;
        int32_t created;
        if (polyshm_segment_create_or_attach(NAME, 1, 0, 0, &segment, &created) != POLYSHM_OK) {
            now.wrong++;
            continue;
        }
        int32_t status = polyshm_segment_unlink(segment);
        now.wrong += status != POLYSHM_OK && status != POLYSHM_ENOENT;
        polyshm_segment_unref(segment);
    }
    return NULL;
}

static void do_nothing(void)
{
}

TEST(threads, a_name_may_come_and_go_while_others_create_or_attach)
{
    run_threads(unlink_own, do_nothing);
    cr_assert_eq(now.wrong, 0, "%d wrong results", now.wrong);
    cr_assert_not(block_exists(NAME));
}
