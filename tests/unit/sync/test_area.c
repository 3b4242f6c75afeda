/* The sync area as bytes: where everything is, and what is refused. */
#include "area.h"

#include <stdlib.h>

#include "areas.h"
#include "expect.h"
#include "leaks.h"

enum { COUNT = 3, WIDEST = 16 };

/* An area in memory of its own, which is exactly as large as it says. */
static char *make(void)
{
    char *bytes = calloc(1, pshmi_area_size(COUNT, WIDEST));
    pshmi_area_write(bytes, COUNT, WIDEST);
    return bytes;
}

static int32_t check(const char *bytes, uint64_t size, bool *present, const char **why)
{
    return pshmi_area_check((const pshmi_area_header *)(const void *)bytes, size, COUNT, WIDEST, present, why);
}

TEST(area, places_and_sizes_are_those_of_the_layout)
{
    cr_expect_eq(pshmi_area_offset(16), 64);
    cr_expect_eq(pshmi_area_offset(64), 64);
    cr_expect_eq(pshmi_area_offset(65), 128);
    for (uint64_t count = 0; count < 20; count++)
        for (uint64_t widest = 0; widest < 64; widest += 8)
            cr_expect_eq(pshmi_area_size(count, widest), area_size(count, widest));

    pshmi_area area;
    char *bytes = make();
    pshmi_area_open(bytes, COUNT, WIDEST, &area);
    cr_expect_eq((char *)&area.state->lock - bytes, AREA_LOCK);
    cr_expect_eq((char *)&area.state->version - bytes, AREA_VERSION);
    cr_expect_eq((char *)&area.state->mark - bytes, AREA_MARK);
    cr_expect_eq((char *)area.generations - bytes, AREA_GENERATIONS);
    cr_expect_eq((char *)area.versions - bytes, AREA_VERSIONS);
    cr_expect_eq((size_t)((char *)area.journal - bytes), area_journal(COUNT));
    cr_expect_eq((size_t)((char *)area.copy - bytes), area_copy(COUNT));
    cr_expect(area.count == COUNT && area.copy_size == WIDEST);
    free(bytes);
}

TEST(area, is_within_its_bound)
{
    static const uint64_t counts[] = {0, 1, 7, 8, 9, 1000, 1000000};
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        cr_expect_leq(pshmi_area_size(counts[i], 9999992), 8192 + 8 * counts[i] + 9999992);
}

TEST(area, is_known_by_its_header)
{
    char *bytes = make();
    bool present = false;
    const char *why = "untouched";
    uint64_t size = pshmi_area_size(COUNT, WIDEST);
    cr_assert_eq(memcmp(bytes, "pshsync1", 8), 0);
    EXPECT_OK(check(bytes, size, &present, &why));
    cr_assert(present);
    EXPECT_OK(check(bytes, size + 1, &present, &why));
    cr_assert(present);
    free(bytes);
}

TEST(area, without_magic_or_room_for_a_header_is_none)
{
    char *bytes = make();
    bool present = true;
    const char *why = NULL;
    EXPECT_OK(check(bytes, 63, &present, &why));
    cr_assert_not(present);
    present = true;
    bytes[AREA_MAGIC + 7] = '2';
    EXPECT_OK(check(bytes, pshmi_area_size(COUNT, WIDEST), &present, &why));
    cr_assert_not(present);
    free(bytes);
}

static void expect_refused(char *bytes, uint64_t size, const char *words)
{
    bool present;
    const char *why = NULL;
    EXPECT_STATUS(POLYSHM_ELAYOUT, check(bytes, size, &present, &why));
    cr_assert(why && strstr(why, words), "%s", why);
}

TEST(area, of_another_version_or_list_is_refused)
{
    static const int places[] = {AREA_PARTICIPANTS, AREA_COUNT, AREA_COPY_SIZE};
    uint64_t size = pshmi_area_size(COUNT, WIDEST);
    char *bytes = make();
    bytes[AREA_LAYOUT]++;
    expect_refused(bytes, size, "another version");
    bytes[AREA_LAYOUT]--;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        bytes[places[i]]++;
        expect_refused(bytes, size, "does not fit");
        bytes[places[i]]--;
    }
    expect_refused(bytes, size - 1, "does not fit");
    expect_refused(bytes, 64, "does not fit");
    free(bytes);
}
