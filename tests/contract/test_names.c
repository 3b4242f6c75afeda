/* Which names the functions take, and that a wrong one does nothing. */
#include <stdio.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"

static polyshm_segment *const NO_SEGMENT = (polyshm_segment *)0x1234;
static polyshm_list *const NO_LIST = (polyshm_list *)0x1234;

static void expect_refused(const char *name)
{
    polyshm_segment *segment = NO_SEGMENT;
    polyshm_list *list = NO_LIST;
    int32_t number = 4711;
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_segment_create(name, 1, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_segment_attach(name, 0, 0, &segment));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_segment_attach(name, 0, 1e9, &segment));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_segment_create_or_attach(name, 1, 0, 0, &segment, &number));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_segment_exists(name, &number));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_segment_attached(name, &number));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_list_create(name, NULL, 0, 0, 0, 0, &list));
    EXPECT_STATUS(POLYSHM_ENAME, polyshm_list_attach(name, 0, 0, &list));
    cr_assert(segment == NO_SEGMENT && list == NO_LIST && number == 4711, "an output changed");
}

TEST(names, a_wrong_one_is_refused_by_every_function)
{
    char longest[252];
    memset(longest, 'n', 251);
    longest[251] = '\0';
    expect_refused("");
    expect_refused(".");
    expect_refused("..");
    expect_refused("/");
    expect_refused("/t");
    expect_refused("t/");
    expect_refused("../t");
    expect_refused("t/../../tmp/t");
    expect_refused("\xFF");
    expect_refused("t\xED\xA0\x80");
    expect_refused(longest);
}

static void expect_used(const char *name)
{
    polyshm_segment *segment, *again;
    const char *found;
    int32_t exists = 0;
    EXPECT_OK(polyshm_segment_create(name, 1, 0, 0, &segment));
    EXPECT_OK(polyshm_segment_name(segment, &found));
    cr_assert_str_eq(found, name);
    cr_assert(block_exists(name));
    EXPECT_OK(polyshm_segment_exists(name, &exists));
    cr_assert_eq(exists, 1);
    EXPECT_OK(polyshm_segment_attach(name, 0, 0, &again));
    EXPECT_OK(polyshm_segment_unlink(again));
    cr_assert_not(block_exists(name));
    polyshm_segment_unref(segment);
    polyshm_segment_unref(again);
}

TEST(names, unusual_ones_work)
{
    static const char *const ends[] = {" with space", "\nline",           "%s%n%d",  "\\",  "*?[a]",
                                       "h\xC3\xA9",   "\xF0\x9F\x90\x8D", "'\"$(x)", "-rf", ":"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", test_name(0), ends[i]);
        expect_used(name);
    }
}

TEST(names, one_of_250_bytes_works)
{
    char name[251];
    memset(name, 'n', sizeof name);
    memcpy(name, test_name(0), strlen(test_name(0)));
    name[250] = '\0';
    expect_used(name);
}

TEST(names, none_gives_a_fresh_one_as_cpython_makes_them)
{
    polyshm_segment *one, *other;
    polyshm_list *list;
    const char *one_name, *other_name;
    EXPECT_OK(polyshm_segment_create(NULL, 1, 0, 0, &one));
    EXPECT_OK(polyshm_segment_name(one, &one_name));
    EXPECT_OK(polyshm_list_create(NULL, NULL, 0, 0, 0, 0, &list));
    EXPECT_OK(polyshm_list_segment(list, &other));
    EXPECT_OK(polyshm_segment_name(other, &other_name));
    cr_assert_str_neq(one_name, other_name);
    cr_assert(strncmp(one_name, "psm_", 4) == 0 && strlen(one_name) == 12, "%s", one_name);
    cr_assert_eq(strspn(one_name + 4, "0123456789abcdef"), 8, "%s", one_name);
    cr_assert(block_exists(one_name) && block_exists(other_name));
    EXPECT_OK(polyshm_segment_unlink(one));
    EXPECT_OK(polyshm_list_unlink(list));
    polyshm_segment_unref(one);
    polyshm_segment_unref(other);
    polyshm_list_unref(list);
}
