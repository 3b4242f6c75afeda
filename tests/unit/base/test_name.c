/* Which names a block can have. */
#include "name.h"

#include "expect.h"
#include "leaks.h"

static void expect_valid(const char *name)
{
    EXPECT_OK(pshmi_name_check(name));
}

static void expect_invalid(const char *name, const char *words)
{
    EXPECT_FAILURE(POLYSHM_ENAME, words, pshmi_name_check(name));
}

TEST(name, nearly_every_text_is_a_name)
{
    expect_valid("a");
    expect_valid("numbers");
    expect_valid("psm_0123abcd");
    expect_valid(".hidden");
    expect_valid("...");
    expect_valid("with space");
    expect_valid("new\nline");
    expect_valid("back\\slash");
    expect_valid("%s%n");
    expect_valid("h\xC3\xA9");
    expect_valid("\xF0\x9F\x90\x8D");
}

TEST(name, no_text_is_no_name)
{
    EXPECT_STATUS(POLYSHM_EINVAL, pshmi_name_check(NULL));
    expect_invalid("", "empty");
}

TEST(name, a_name_leads_into_no_folder)
{
    expect_invalid("/", "'/'");
    expect_invalid("/a", "'/'");
    expect_invalid("a/", "'/'");
    expect_invalid("a/b", "'/'");
    expect_invalid("../a", "'/'");
    expect_invalid(".", "folder");
    expect_invalid("..", "folder");
}

TEST(name, is_utf8)
{
    expect_invalid("\xFF", "UTF-8");
    expect_invalid("a\xC3", "UTF-8");
    expect_invalid("\xED\xA0\x80", "UTF-8");
}

TEST(name, has_250_bytes_at_the_most)
{
    char name[300];
    memset(name, 'n', sizeof name);
    name[250] = '\0';
    expect_valid(name);
    name[250] = 'n';
    name[251] = '\0';
    expect_invalid(name, "longer than 250 bytes");
    name[251] = 'n';
    name[299] = '\0';
    expect_invalid(name, "longer than 250 bytes");
}

TEST(name, a_fresh_one_looks_like_those_of_cpython)
{
    char name[PSHMI_NAME_SIZE];
    pshmi_name_format(0, name);
    cr_expect_str_eq(name, "psm_00000000");
    pshmi_name_format(0xDEADBEEF, name);
    cr_expect_str_eq(name, "psm_deadbeef");
    expect_valid(name);
}
