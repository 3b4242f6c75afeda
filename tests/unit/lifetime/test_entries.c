/* What stands in a book, and which records are used again. */
#include <string.h>

#include "leaks.h"
#include "own_book.h"

TEST(entries, blocks_stand_in_it_for_all_who_look)
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

TEST(entries, the_record_of_a_block_is_there_before_its_name)
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

TEST(entries, blocks_can_be_struck_out_by_name_and_identity)
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

TEST(entries, records_of_blocks_that_are_gone_are_used_again)
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

TEST(entries, records_that_others_left_are_used_again)
{
    pshmi_book book, other;
    uint64_t struck;
    start(&book);
    block_make(NAME, "x", 1);
    struct stat status = block_status(NAME);
    for (int i = 0; i < 1000; i++) {
        EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
        enter(&other);
        pshmi_book_remove(&other, enter(&other));
        pshmi_book_close(&other);
        EXPECT_OK(pshmi_book_strike(&book, NAME, (pshmi_identity){status.st_dev, status.st_ino}, &struck));
        cr_assert_eq(struck, 1);
    }
    cr_assert_leq(size_of(&book), 3, "the title and two blocks");
    block_remove(NAME);
    end(&book);
}

enum { TAKEN = 20 };

/* Ends with free records that only this handle may use again, as by a kill. */
static void take_out_and_die(void *unused)
{
    pshmi_book client;
    uint64_t numbers[TAKEN];
    (void)unused;
    CHECK(pshmi_book_open("address", NULL, 0, &client) == POLYSHM_OK);
    block_make(NAME, "x", 1);
    for (int i = 0; i < TAKEN; i++)
        numbers[i] = enter(&client);
    for (int i = 0; i < TAKEN; i++)
        pshmi_book_remove(&client, numbers[i]);
    block_remove(NAME);
}

TEST(entries, records_that_killed_clients_had_are_used_again)
{
    pshmi_book book;
    start(&book);
    for (int i = 0; i < 200; i++)
        EXPECT_CHILD(take_out_and_die, NULL);
    cr_assert_leq(size_of(&book), 2 * TAKEN, "%ld records", (long)size_of(&book));
    end(&book);
}

TEST(entries, records_that_a_living_client_has_are_its_own)
{
    pshmi_book book, one, other;
    start(&book);
    block_make(NAME, "x", 1);
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &one));
    EXPECT_OK(pshmi_book_open("address", NULL, 0, &other));
    pshmi_book *const handles[] = {&one, &book};
    for (int i = 0; i < 2; i++) {
        uint64_t number = enter(handles[i]);
        pshmi_book_remove(handles[i], number);
        cr_assert_neq(enter(&other), number);
        cr_assert_eq(enter(handles[i]), number, "%s", i ? "the owner's" : "a client's");
    }
    pshmi_book_close(&one);
    pshmi_book_close(&other);
    block_remove(NAME);
    end(&book);
}

TEST(entries, records_of_blocks_that_are_there_are_never_used_again)
{
    pshmi_book book;
    start(&book);
    block_make(test_name(1), "stays", 5);
    uint64_t number = enter_named(&book, test_name(1));
    for (int i = 0; i < 1000; i++) {
        block_make(NAME, "x", 1);
        cr_assert_neq(enter(&book), number);
        block_remove(NAME);
    }
    cr_assert(has_entry(&book, number, test_name(1)));
    block_remove(test_name(1));
    end(&book);
}

TEST(entries, a_block_that_another_is_about_to_name_is_not_swept_away)
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

TEST(entries, records_that_nobody_of_ours_wrote_are_none)
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
    full[0] = 3;
    EXPECT_OK(pshmi_records_append(&book.records, full, &number));
    cr_expect_not(has_entry(&book, number, "a"));
    cr_assert_str_eq(polyshm_error_message(), "");
    end(&book);
}
