/* Books: who owns which blocks. */
#include "book.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blocks.h"
#include "expect.h"
#include "leaks.h"
#include "names.h"
#include "runtimes.h"
#include "system.h"

#define NAME test_name(0)

/* No helper is wanted here: it would clean up what is looked at. */
static void make_runtime(void)
{
    runtime_make();
    setenv("POLYSHM_COMMAND", "/bin/true", 1);
}

static void start(pshmi_book *book)
{
    make_runtime();
    EXPECT_OK(pshmi_book_create(PSHMI_BOOK_MANAGED, "address", NULL, 0, book));
}

static void end(pshmi_book *book)
{
    pshmi_book_unlink(book);
    pshmi_book_close(book);
    unlink(book->path);
}

static const char *file_name; /* of the block that is entered next */

/* Enters a block as its creator does; the number of its record. */
static uint64_t enter(pshmi_book *book)
{
    uint64_t number = 0;
    const char *name = file_name ? file_name : NAME;
    struct stat status = block_status(name);
    CHECK(pshmi_book_begin(book, name, (pshmi_identity){status.st_dev, status.st_ino}, &number) == POLYSHM_OK);
    pshmi_book_end(book);
    return number;
}

static bool has_entry(const pshmi_book *book, uint64_t number, const char *name)
{
    pshmi_book_entry entry;
    bool used = false, there = false;
    CHECK(pshmi_book_read(book, number, &entry, &used, &there) == POLYSHM_OK);
    return there && used && strcmp(entry.name, name) == 0 && entry.identity.inode == block_status(name).st_ino;
}

TEST(book, blocks_stand_in_it_for_all_who_look)
{
    pshmi_book book, other;
    pshmi_book_title title;
    start(&book);
    block_make(NAME, "x", 1);
    cr_assert_eq(enter(&book), 1);
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    cr_assert(has_entry(&book, 1, NAME) && has_entry(&other, 1, NAME));
    cr_assert_eq(enter(&other), 2);
    cr_assert(has_entry(&book, 2, NAME));
    pshmi_book_remove(&other, 2);
    cr_assert_not(has_entry(&book, 2, NAME));
    pshmi_book_close(&other);
    EXPECT_OK(pshmi_book_open_any(runtime_path(""), "address", &other, &title));
    cr_assert(title.kind == PSHMI_BOOK_MANAGED && title.owner == (uint32_t)getpid());
    cr_assert(!title.closed && !title.stale && !title.foreign);
    pshmi_book_close(&other);
    pshmi_book_close(&other);
    block_remove(NAME);
    end(&book);
}

TEST(book, the_record_of_a_block_is_there_before_its_name)
{
    pshmi_book book;
    uint64_t number;
    start(&book);
    EXPECT_OK(pshmi_book_begin(&book, NAME, (pshmi_identity){1, 2}, &number));
    pshmi_book_entry entry;
    bool used, there;
    EXPECT_OK(pshmi_book_read(&book, number, &entry, &used, &there));
    cr_assert(there && used && entry.identity.inode == 2);
    pshmi_book_end(&book);
    end(&book);
}

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

TEST(book, is_busy_while_anybody_is_naming_a_block)
{
    pshmi_book book, other, third;
    pshmi_book *const books[] = {&book, &other};
    bool busy;
    uint64_t number;
    start(&book);
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &third));
    for (int i = 0; i < 2; i++) {
        EXPECT_OK(pshmi_book_begin(books[i], NAME, (pshmi_identity){1, 2}, &number));
        EXPECT_OK(pshmi_book_is_busy(&third, &busy));
        cr_expect(busy, "%s", i ? "a client" : "the owner");
        pshmi_book_end(books[i]);
        EXPECT_OK(pshmi_book_is_busy(&third, &busy));
        cr_expect_not(busy);
    }
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

TEST(book, blocks_can_be_struck_out_by_name_and_identity)
{
    pshmi_book book;
    uint64_t struck = 0;
    start(&book);
    block_make(NAME, "x", 1);
    struct stat status = block_status(NAME);
    pshmi_identity identity = {status.st_dev, status.st_ino}, another = {status.st_dev, status.st_ino + 1};
    for (int i = 0; i < 3; i++)
        enter(&book);
    EXPECT_OK(pshmi_book_strike(&book, NAME, another, &struck));
    cr_assert_eq(struck, 0);
    EXPECT_OK(pshmi_book_strike(&book, "another", identity, &struck));
    cr_assert_eq(struck, 0);
    EXPECT_OK(pshmi_book_strike(&book, NAME, identity, &struck));
    cr_assert_eq(struck, 3);
    for (uint64_t number = 1; number <= 3; number++)
        cr_assert_not(has_entry(&book, number, NAME));
    block_remove(NAME);
    end(&book);
}

static off_t size_of(const pshmi_book *book)
{
    struct stat status;
    cr_assert_eq(stat(book->path, &status), 0);
    return status.st_size / PSHMI_RECORD_SIZE;
}

TEST(book, records_of_blocks_that_are_gone_are_used_again)
{
    pshmi_book book;
    start(&book);
    for (int i = 0; i < 10000; i++) {
        block_make(NAME, "x", 1);
        enter(&book);
        block_remove(NAME);
    }
    cr_assert(size_of(&book) < 1000, "%ld records", (long)size_of(&book));
    end(&book);
}

TEST(book, records_of_blocks_that_are_there_are_never_used_again)
{
    pshmi_book book;
    start(&book);
    block_make(test_name(1), "stays", 5);
    file_name = test_name(1);
    uint64_t number = enter(&book);
    file_name = NULL;
    for (int i = 0; i < 1000; i++) {
        block_make(NAME, "x", 1);
        cr_assert_neq(enter(&book), number);
        block_remove(NAME);
    }
    cr_assert(has_entry(&book, number, test_name(1)));
    block_remove(test_name(1));
    end(&book);
}

TEST(book, a_block_that_another_is_about_to_name_is_not_swept_away)
{
    pshmi_book book, other;
    pshmi_book *const namer[] = {&book, &other}, *const sweeper[] = {&other, &book};
    start(&book);
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    for (int i = 0; i < 2; i++) {
        uint64_t number;
        pshmi_book_entry entry;
        bool used = false, there;
        EXPECT_OK(pshmi_book_begin(namer[i], NAME, (pshmi_identity){1, 2}, &number));
        pshmi_fork_let(); /* as if the two were in two processes */
        for (int k = 0; k < 600; k++) {
            uint64_t ignored;
            EXPECT_OK(pshmi_book_begin(sweeper[i], "gone", (pshmi_identity){1, 3}, &ignored));
            pshmi_book_end(sweeper[i]);
        }
        EXPECT_OK(pshmi_book_read(&book, number, &entry, &used, &there));
        cr_expect(used && strcmp(entry.name, NAME) == 0, "%s", i ? "a client's" : "the owner's");
        pshmi_fork_hold();
        pshmi_book_end(namer[i]);
    }
    pshmi_book_close(&other);
    end(&book);
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

TEST(book, records_that_nobody_of_ours_wrote_are_none)
{
    static const char *const names[] = {"", ".", "..", "a/b", "\xff"};
    pshmi_book book;
    uint64_t number;
    start(&book);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        uint64_t record[PSHMI_RECORD_SIZE / 8] = {1, 2, 3};
        memcpy(record + 3, names[i], strlen(names[i]));
        EXPECT_OK(pshmi_records_append(&book.records, record, &number));
        cr_expect_not(has_entry(&book, number, names[i]));
    }
    uint64_t full[PSHMI_RECORD_SIZE / 8];
    memset(full, 'a', sizeof full);
    full[0] = 1;
    EXPECT_OK(pshmi_records_append(&book.records, full, &number));
    cr_expect_not(has_entry(&book, number, "a"), "a name without end");
    full[0] = 2;
    EXPECT_OK(pshmi_records_append(&book.records, full, &number));
    cr_expect_not(has_entry(&book, number, "a"));
    cr_assert_str_eq(polyshm_error_message(), "");
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
