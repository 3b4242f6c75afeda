/* Statuses have names and texts; a thread remembers its last failure. */
#include <pthread.h>
#include <stdlib.h>

#include "error.h"
#include "expect.h"
#include "leaks.h"
#include "utf8.h"

TEST(error, every_status_has_the_name_and_text_of_the_list)
{
#define X(name, text, errno_, python, ruby)                                                                            \
    cr_expect_str_eq(polyshm_status_name(POLYSHM_##name), "POLYSHM_" #name);                                           \
    cr_expect_str_eq(polyshm_status_text(POLYSHM_##name), text);
#include <polyshm/errors.def>
#undef X
    cr_expect_str_eq(polyshm_status_name(POLYSHM_OK), "POLYSHM_OK");
    cr_expect_str_eq(polyshm_status_text(POLYSHM_OK), "success");
    cr_expect_str_eq(polyshm_status_name(POLYSHM_OWNER_DIED), "POLYSHM_OWNER_DIED");
    cr_expect_str_eq(polyshm_status_text(POLYSHM_OWNER_DIED), "the last holder of the lock died with it");
}

TEST(error, a_number_that_is_no_status_is_unknown)
{
    const int32_t numbers[] = {2, 3, POLYSHM_ENOTSTARTER - 1, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        cr_expect_str_eq(polyshm_status_name(numbers[i]), "POLYSHM_UNKNOWN");
        cr_expect_str_eq(polyshm_status_text(numbers[i]), "unknown status");
    }
}

TEST(error, there_is_no_message_before_the_first_failure)
{
    cr_assert_str_eq(polyshm_error_message(), "");
}

TEST(error, a_failure_gives_its_status_and_leaves_its_words)
{
    cr_assert_eq(pshmi_fail(POLYSHM_EINDEX, "item %d of '%s'", 7, "numbers"), POLYSHM_EINDEX);
    cr_assert_str_eq(polyshm_error_message(), "item 7 of 'numbers'");
}

TEST(error, a_null_parameter_is_named_with_its_function)
{
    cr_assert_eq(pshmi_fail_null("polyshm_list_get", "value"), POLYSHM_EINVAL);
    cr_assert_str_eq(polyshm_error_message(), "polyshm_list_get: 'value' is NULL");
}

TEST(error, a_message_that_is_too_long_is_cut)
{
    char words[5000];
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    pshmi_fail(POLYSHM_EINVAL, "%s", words);
    size_t length = strlen(polyshm_error_message());
    cr_assert(length > 500 && length < sizeof words, "%zu bytes", length);
    cr_assert_eq(strncmp(polyshm_error_message(), words, length), 0);
}

TEST(error, what_is_no_utf8_becomes_question_marks)
{
    pshmi_fail(POLYSHM_EINVAL, "'%s' is \u00e9vil", "/\xFFx\xC3/\xE2y\x82");
    cr_assert_str_eq(polyshm_error_message(), "'/?x?/?y?' is \u00e9vil");
}

TEST(error, a_message_is_not_cut_in_a_character)
{
    char words[5000] = "";
    for (size_t i = 0; i + 3 < sizeof words; i += 2)
        memcpy(words + i, "\u00e9", 3);
    for (int shift = 0; shift < 2; shift++) {
        pshmi_fail(POLYSHM_EINVAL, "%s%s", shift ? "x" : "", words);
        cr_assert(pshmi_utf8_is_valid(polyshm_error_message(), strlen(polyshm_error_message())));
    }
}

static void *fail_in_thread(void *argument)
{
    char *message = argument;
    strcpy(message, polyshm_error_message());
    pshmi_fail(POLYSHM_EINVAL, "of the thread");
    return NULL;
}

TEST(error, each_thread_has_a_message_of_its_own)
{
    char seen[100] = "untouched";
    pthread_t thread;
    pshmi_fail(POLYSHM_EINVAL, "of the test");
    cr_assert_eq(pthread_create(&thread, NULL, fail_in_thread, seen), 0);
    pthread_join(thread, NULL);
    cr_assert_str_eq(seen, "");
    cr_assert_str_eq(polyshm_error_message(), "of the test");
}

static void expect_message_of_parent(void *argument)
{
    CHECK(strcmp(polyshm_error_message(), argument) == 0);
}

TEST(error, a_child_has_the_message_of_the_thread_that_forked)
{
    pshmi_fail(POLYSHM_EINVAL, "before the fork");
    EXPECT_CHILD(expect_message_of_parent, "before the fork");
}

TEST(error, a_record_can_be_put_back)
{
    pshmi_fail(POLYSHM_EINVAL, "before");
    pshmi_error_record before = pshmi_error_save();
    pshmi_fail(POLYSHM_ENOENT, "overcome");
    pshmi_error_restore(&before);
    cr_assert_str_eq(polyshm_error_message(), "before");
}
