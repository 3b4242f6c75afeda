/* Damaged lists, one after the other: none leads out of its bytes. The list stands at the very end of a page, behind
 * which there is none; in a sanitized build the walk's copies are watched byte by byte besides. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "expect.h"
#include "leaks.h"
#include "samples.h"
#include "walk.h"

static uint64_t whole[SAMPLE_WORDS];
static size_t size;
static char *block; /* ends where nothing is */
static int outcomes[32];

static void set_up(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(pages != MAP_FAILED && mprotect(pages + page, page, PROT_NONE) == 0);
    size = sample_make(whole);
    block = pages + page - size;
}

static void restore(void)
{
    memcpy(block, whole, size);
}

static void walk_block(void)
{
    outcomes[-walk((uint64_t *)block, size)]++;
}

static void put_word(size_t index, uint64_t word)
{
    memcpy(block + 8 * index, &word, 8);
}

/* The damage must have been of every sort, or it was not damage enough. */
static void expect_all_outcomes(void)
{
    cr_assert(outcomes[POLYSHM_OK] > 100, "lists");
    cr_assert(outcomes[-POLYSHM_ENOTLIST] > 100, "no lists");
    cr_assert(outcomes[-POLYSHM_EEMPTY] > 0, "unfilled lists");
}

TEST(corruption, the_whole_list_is_one)
{
    set_up();
    restore();
    cr_assert_eq(walk((uint64_t *)block, size), POLYSHM_OK);
}

TEST(corruption, of_any_byte_to_any_value_stays_in_bounds)
{
    set_up();
    for (size_t at = 0; at < size; at++)
        for (int value = 0; value < 256; value++) {
            restore();
            block[at] = (char)value;
            walk_block();
        }
    expect_all_outcomes();
}

TEST(corruption, of_any_word_stays_in_bounds)
{
    set_up();
    for (size_t at = 0; at < size / 8; at++)
        for (size_t i = 0; i < sample_words_count; i++) {
            restore();
            put_word(at, sample_words[i]);
            walk_block();
        }
    expect_all_outcomes();
}

TEST(corruption, of_any_two_words_stays_in_bounds)
{
    set_up();
    for (size_t one = 0; one < size / 8; one++)
        for (size_t other = 0; other < one; other++)
            for (size_t i = 0; i < sample_words_count * sample_words_count; i++) {
                restore();
                put_word(one, sample_words[i % sample_words_count]);
                put_word(other, sample_words[i / sample_words_count]);
                walk_block();
            }
    expect_all_outcomes();
}

TEST(corruption, by_a_cut_anywhere_stays_in_bounds)
{
    set_up();
    for (size_t left = 0; left <= size; left += 8) {
        char *end = block + size;
        memcpy(end - left, whole, left);
        int32_t status = walk((uint64_t *)(end - left), left);
        cr_assert_eq(status == POLYSHM_OK, left == size, "%zu bytes: %s", left, polyshm_status_name(status));
    }
}
