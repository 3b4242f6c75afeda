/* A book's life: who owns it, who opens it, and how it ends. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "leaks.h"
#include "own_book.h"
#include "system.h"

TEST(book, has_one_owner_which_a_child_is_not)
{
    pshmi_book book, other;
    bool owned = false;
    start(&book);
    EXPECT_STATUS(POLYSHM_EEXIST, pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 0, &other));
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    cr_assert(book.owner && !other.owner);
    EXPECT_OK(pshmi_book_is_owned(&other, &owned));
    cr_assert(owned);
    EXPECT_OK(pshmi_book_is_owned(&book, &owned));
    cr_assert(owned);
    pshmi_book_close(&book);
    EXPECT_OK(pshmi_book_is_owned(&other, &owned));
    cr_assert_not(owned);
    EXPECT_FAILURE(POLYSHM_ENOENT, "has ended", pshmi_book_attend(&other));
    EXPECT_STATUS(POLYSHM_ENOENT, pshmi_book_open("address", NULL, 0, &book));
    end(&other);
}

static void be_child(void *argument)
{
    pshmi_book *book = argument;
    bool owned = false;
    CHECK(!book->owner && book->open);
    CHECK(enter(book) == 2 && has_entry(book, 1, NAME));
    CHECK(pshmi_book_is_owned(book, &owned) == POLYSHM_OK && owned);
    pshmi_book_close(book);
}

TEST(book, a_child_goes_on_with_it_as_another)
{
    pshmi_book book;
    bool owned = false;
    start(&book);
    block_make(NAME, "x", 1);
    enter(&book);
    EXPECT_CHILD(be_child, &book);
    cr_assert(book.owner && has_entry(&book, 2, NAME));
    EXPECT_OK(pshmi_book_is_owned(&book, &owned));
    cr_assert(owned);
    block_remove(NAME);
    end(&book);
}

struct succession {
    pshmi_book *book;
    int gates[2];
};

static void go_on_after_parent(void *argument)
{
    struct succession *succession = argument;
    uint64_t number;
    CHECK(gate_wait(succession->gates[0]));
    CHECK(pshmi_book_begin(succession->book, "name", (pshmi_identity){1, 2}, &number) == POLYSHM_ENOENT);
    CHECK(pshmi_book_attend(succession->book) == POLYSHM_ENOENT);
}

TEST(book, a_child_does_not_take_the_next_book_of_the_address_for_its_own)
{
    pshmi_book book, next;
    struct succession succession = {&book, {gate_make(), -1}};
    start(&book);
    pid_t child = child_start(go_on_after_parent, &succession);
    end(&book);
    EXPECT_OK(pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 0, &next));
    gate_open(succession.gates[0]);
    cr_assert_eq(child_wait(child), 0);
    close(succession.gates[0]);
    end(&next);
}

TEST(book, nobody_enters_a_closed_one)
{
    pshmi_book book, other;
    uint64_t number = 4711;
    start(&book);
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    EXPECT_OK(pshmi_book_shut(&book));
    EXPECT_STATUS(POLYSHM_ENOENT, pshmi_book_begin(&other, NAME, (pshmi_identity){1, 2}, &number));
    EXPECT_STATUS(POLYSHM_ENOENT, pshmi_book_begin(&book, NAME, (pshmi_identity){1, 2}, &number));
    cr_assert_eq(number, 4711);
    bool busy = true;
    EXPECT_OK(pshmi_book_is_busy(&book, &busy));
    cr_assert_not(busy);
    pshmi_book_close(&other);
    end(&book);
}

static void *shut(void *book)
{
    CHECK(pshmi_book_shut(book) == POLYSHM_OK);
    return NULL;
}

TEST(book, is_closed_behind_a_thread_that_is_naming_a_block)
{
    pshmi_book book;
    pshmi_book_title title;
    pshmi_book other;
    pthread_t thread;
    uint64_t number;
    start(&book);
    EXPECT_OK(pshmi_book_open_any(runtime_path(""), "address", &other, &title));
    EXPECT_OK(pshmi_book_begin(&book, NAME, (pshmi_identity){1, 2}, &number));
    cr_assert_eq(pthread_create(&thread, NULL, shut, &book), 0);
    pshmi_clock_sleep(0.02);
    char record[PSHMI_RECORD_SIZE];
    bool there;
    EXPECT_OK(pshmi_records_read(&other.records, 0, record, &there));
    cr_assert_eq(record[16], 0, "closed while a block was entered, but not named");
    pshmi_book_end(&book);
    pthread_join(thread, NULL);
    EXPECT_OK(pshmi_records_read(&other.records, 0, record, &there));
    cr_assert_eq(record[16], 1);
    pshmi_book_close(&other);
    end(&book);
}

TEST(book, is_busy_while_a_client_is_naming_a_block)
{
    pshmi_book book, other, third;
    bool busy;
    uint64_t number;
    start(&book);
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &third));
    EXPECT_OK(pshmi_book_begin(&other, NAME, (pshmi_identity){1, 2}, &number));
    EXPECT_OK(pshmi_book_is_busy(&third, &busy));
    cr_expect(busy);
    pshmi_book_end(&other);
    EXPECT_OK(pshmi_book_is_busy(&third, &busy));
    cr_expect_not(busy);
    pshmi_book_close(&third);
    pshmi_book_close(&other);
    end(&book);
}

TEST(book, the_key_must_be_the_same)
{
    char key[PSHMI_BOOK_KEY_MAX + 1];
    pshmi_book book, other;
    memset(key, 'k', sizeof key);
    make_runtime();
    EXPECT_STATUS(POLYSHM_EINVAL, pshmi_book_create(PSHMI_BOOK_MANAGED, "address", key, sizeof key, &book));
    EXPECT_STATUS(POLYSHM_EINVAL, pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 1, &book));
    EXPECT_OK(pshmi_book_create(PSHMI_BOOK_MANAGED, "address", key, PSHMI_BOOK_KEY_MAX, &book));
    EXPECT_OK(pshmi_book_open("address", key, PSHMI_BOOK_KEY_MAX, &other));
    pshmi_book_close(&other);
    EXPECT_STATUS(POLYSHM_EAUTHKEY, pshmi_book_open("address", key, PSHMI_BOOK_KEY_MAX - 1, &other));
    EXPECT_STATUS(POLYSHM_EAUTHKEY, pshmi_book_open("address", NULL, 0, &other));
    EXPECT_STATUS(POLYSHM_EINVAL, pshmi_book_open("address", key, sizeof key, &other));
    key[PSHMI_BOOK_KEY_MAX - 1] = 'l';
    EXPECT_STATUS(POLYSHM_EAUTHKEY, pshmi_book_open("address", key, PSHMI_BOOK_KEY_MAX, &other));
    end(&book);
}

TEST(book, a_tracked_one_is_no_managers)
{
    pshmi_book book, other;
    make_runtime();
    EXPECT_OK(pshmi_book_create(PSHMI_BOOK_TRACKED, NULL, NULL, 0, &book));
    cr_assert_eq(strncmp(book.name, "tracked-", 8), 0);
    EXPECT_STATUS(POLYSHM_ENOTMANAGER, pshmi_book_open(book.name, NULL, 0, &other));
    end(&book);
}

TEST(book, is_not_where_the_helper_is)
{
    pshmi_book book;
    make_runtime();
    EXPECT_STATUS(POLYSHM_ENAME, pshmi_book_create(PSHMI_BOOK_MANAGED, "helper", NULL, 0, &book));
    EXPECT_STATUS(POLYSHM_ENAME, pshmi_book_open("helper", NULL, 0, &book));
}

TEST(book, goes_when_no_helper_can_be_started)
{
    pshmi_book book;
    make_runtime();
    setenv("POLYSHM_COMMAND", "/bin/false", 1);
    EXPECT_STATUS(POLYSHM_ESYSTEM, pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 0, &book));
    cr_assert_eq(runtime_books(), 0);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(runtime_path(name), "we");
    cr_assert(file);
    fwrite(bytes, 1, size, file);
    fclose(file);
}

TEST(book, what_is_no_book_is_told_apart)
{
    static const char garbage[PSHMI_RECORD_SIZE] = "garbage";
    pshmi_book book, other;
    pshmi_book_title title;
    start(&book);
    write_file("other", garbage, sizeof garbage);
    EXPECT_STATUS(POLYSHM_ENOTMANAGER, pshmi_book_open_any(runtime_path(""), "other", &other, &title));
    EXPECT_STATUS(POLYSHM_ENOTMANAGER, pshmi_book_open("other", NULL, 0, &other));
    write_file("other", garbage, 100);
    EXPECT_STATUS(POLYSHM_ENOTMANAGER, pshmi_book_open_any(runtime_path(""), "other", &other, &title));
    write_file("other", garbage, 0);
    EXPECT_OK(pshmi_book_open_any(runtime_path(""), "other", &other, &title));
    cr_assert(title.stale);
    pshmi_book_close(&other);
    unlink(runtime_path("other"));
    char longest[256] = "";
    memset(longest, 'x', 255);
    EXPECT_FAILURE(POLYSHM_ENAME, "too long", pshmi_book_open_any(runtime_path(""), longest, &other, &title));
    end(&book);
}

static void change_title(pshmi_book *book, size_t at, char byte)
{
    char record[PSHMI_RECORD_SIZE];
    bool there;
    EXPECT_OK(pshmi_records_read(&book->records, 0, record, &there));
    record[at] = byte;
    EXPECT_OK(pshmi_records_write(&book->records, 0, record));
}

TEST(book, of_another_version_boot_or_folder_is_told_apart)
{
    pshmi_book book, other;
    pshmi_book_title title;
    start(&book);
    change_title(&book, 24, 99); /* device */
    EXPECT_OK(pshmi_book_open_any(runtime_path(""), "address", &other, &title));
    cr_assert(title.foreign && !title.stale);
    pshmi_book_close(&other);
    change_title(&book, 32, '!'); /* boot */
    EXPECT_OK(pshmi_book_open_any(runtime_path(""), "address", &other, &title));
    cr_assert(title.stale);
    pshmi_book_close(&other);
    change_title(&book, 8, 2); /* version */
    EXPECT_FAILURE(POLYSHM_ELAYOUT, "version 2", pshmi_book_open("address", NULL, 0, &other));
    change_title(&book, 12, 3); /* kind */
    EXPECT_STATUS(POLYSHM_ENOTMANAGER, pshmi_book_open("address", NULL, 0, &other));
    end(&book);
}

TEST(book, is_removed_only_without_an_owner_and_itself)
{
    pshmi_book book, looking, next;
    pshmi_book_title title;
    start(&book);
    EXPECT_OK(pshmi_book_open_any(runtime_path(""), "address", &looking, &title));
    pshmi_book_unlink(&looking);
    cr_assert_eq(runtime_books(), 1, "it has an owner");
    cr_assert_not(pshmi_book_is_gone(&looking));
    end(&book);
    cr_assert(pshmi_book_is_gone(&looking) && pshmi_book_is_gone(&book));

    EXPECT_OK(pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 0, &next));
    pshmi_book_close(&next);
    pshmi_book_unlink(&looking);
    cr_assert_eq(runtime_books(), 1, "another book of that name");
    pshmi_book_close(&looking);
    unlink(runtime_path("address"));
}
