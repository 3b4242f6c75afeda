/* The demo's worker in C: counts its share of a text in shared memory, and writes what it finds into its row of a
 * shared list. load.py tells what a word is, columns.py what the columns are.
 *
 *     count TEXT RESULTS ROW */
#include <ctype.h>
#include <polyshm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANGUAGE, START, STOP, BLANKS, BYTES, LINES, WORDS, LONGEST, SECONDS, COLUMNS };
enum { PIECE = 1 << 20 };

typedef struct {
    const unsigned char *word; /* where the word that we are in began; NULL outside */
    const unsigned char *longest;
    int64_t longest_size, lines, words;
} tally;

/* Ends the program if a call failed, in the library's words. */
static void check(int32_t status)
{
    if (status >= 0)
        return;
    fprintf(stderr, "count: %s\n", polyshm_error_message());
    exit(EXIT_FAILURE);
}

static int64_t get(const polyshm_list *row, int64_t index)
{
    polyshm_value value;
    check(polyshm_list_get(row, index, NULL, 0, &value));
    return value.integer;
}

static void set(polyshm_list *row, int64_t index, polyshm_value value)
{
    check(polyshm_list_set(row, index, &value));
}

static void set_integer(polyshm_list *row, int64_t index, int64_t integer)
{
    set(row, index, (polyshm_value){.type = POLYSHM_TYPE_INT64, .integer = integer});
}

static void end_word(tally *found, const unsigned char *end)
{
    int64_t size = found->word ? end - found->word : 0;
    if (size > found->longest_size) {
        found->longest = found->word;
        found->longest_size = size;
    }
    found->word = NULL;
}

static void count(const unsigned char *at, const unsigned char *end, tally *found)
{
    for (; at < end; at++) {
        if (isspace(*at)) {
            end_word(found, at);
            found->lines += *at == '\n';
        } else if (!found->word && isgraph(*at)) {
            found->word = at;
            found->words++;
        }
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Writes what was found; of the longest word, as much as its slot holds. */
static void report(polyshm_list *results, int64_t row, const tally *found, double seconds)
{
    static const char language[] = "C, gcc " __VERSION__;
    uint64_t room;
    check(polyshm_list_capacity(results, row + LONGEST, 1, &room));
    uint64_t size = (uint64_t)found->longest_size < room ? (uint64_t)found->longest_size : room;

    set_integer(results, row + LINES, found->lines);
    set_integer(results, row + WORDS, found->words);
    set(results, row + LONGEST, (polyshm_value){.type = POLYSHM_TYPE_BYTES, .data = found->longest, .size = size});
    set(results, row + SECONDS, (polyshm_value){.type = POLYSHM_TYPE_FLOAT64, .real = seconds});
    set(results, row + LANGUAGE,
        (polyshm_value){.type = POLYSHM_TYPE_STR, .data = language, .size = sizeof language - 1});
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: count TEXT RESULTS ROW\n");
        return EXIT_FAILURE;
    }
    polyshm_segment *text;
    polyshm_list *results;
    void *address;
    check(polyshm_segment_attach(argv[1], POLYSHM_SEGMENT_READONLY, 0, &text));
    check(polyshm_segment_address(text, &address));
    check(polyshm_list_attach(argv[2], 0, 0, &results));

    const unsigned char *bytes = address;
    int64_t row = strtoll(argv[3], NULL, 10) * COLUMNS;
    int64_t begin = get(results, row + START), end = get(results, row + STOP);
    double start = now();
    tally found = {0};
    for (int64_t at = begin; at < end; at += PIECE) {
        int64_t stop = end - at < PIECE ? end : at + PIECE;
        count(bytes + at, bytes + stop, &found);
        set_integer(results, row + BYTES, stop - begin);
    }
    end_word(&found, bytes + end);
    report(results, row, &found, now() - start);
    polyshm_list_unref(results);
    polyshm_segment_unref(text);
    return EXIT_SUCCESS;
}
