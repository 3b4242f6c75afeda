/* A platform of bytes (sync_platform.h). Whoever asks it for anything gives the peers a turn. */
#include "sync_platform.h"

#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "sync_block.h"
#include "sync_peers.h"
#include "tracking.h"

/* What looking at the clock takes, in seconds. */
static const double LOOK = 1e-6;

/* An answer that means a signal. */
enum { SIGNAL = 255 };

static const uint8_t *script, *end;
static double now;

void platform_begin(const uint8_t *bytes, size_t size)
{
    script = bytes;
    end = bytes + size;
    now = 1;
}

uint8_t platform_next(void)
{
    return script < end ? *script++ : 0;
}

int platform_is_over(void)
{
    return script >= end;
}

double platform_time(void)
{
    return now;
}

static int32_t interrupt(void)
{
    return pshmi_fail(POLYSHM_EINTR, "a signal interrupted the wait");
}

double pshmi_clock_now(void)
{
    peers_turn();
    return now += LOOK;
}

int32_t pshmi_clock_sleep(double seconds)
{
    now += seconds > PLATFORM_NAP ? seconds : PLATFORM_NAP;
    peers_turn();
    return platform_next() == SIGNAL ? interrupt() : POLYSHM_OK;
}

void pshmi_clock_relax(void)
{
    peers_turn();
}

/* The kernel looks at the word once; then somebody wakes the sleeper, at once or never. */
int32_t pshmi_futex_wait(_Atomic uint32_t *word, uint32_t expected, double timeout)
{
    if (atomic_load(word) != expected)
        return POLYSHM_OK;
    uint8_t how = platform_next();
    peers_turn();
    if (how == SIGNAL)
        return interrupt();
    if (how & 1)
        return POLYSHM_OK;
    now += timeout;
    return POLYSHM_ETIMEDOUT;
}

void pshmi_futex_wake(_Atomic uint32_t *word, int32_t count)
{
    (void)word, (void)count;
    peers_turn();
}

int32_t pshmi_lease_take(const pshmi_file *file, const char *name, uint32_t number, bool *taken)
{
    (void)file, (void)name, (void)number;
    *taken = (platform_next() & 7) != 7;
    peers_turn();
    return POLYSHM_OK;
}

int32_t pshmi_lease_is_taken(const pshmi_file *file, const char *name, uint32_t number, bool *taken)
{
    (void)file, (void)name, (void)number;
    *taken = platform_next() & 1;
    peers_turn();
    return POLYSHM_OK;
}

int32_t pshmi_lease_share(const pshmi_file *file, const char *name)
{
    (void)file, (void)name;
    return POLYSHM_OK;
}

int32_t pshmi_lease_is_held(const pshmi_file *file, const char *name, bool *held)
{
    (void)file, (void)name;
    *held = true;
    return POLYSHM_OK;
}

int32_t pshmi_file_create(const char *name, const void *contents, uint64_t size, uint32_t mode, bool sparse,
                          pshmi_file *file)
{
    (void)name, (void)mode, (void)sparse;
    *file = (pshmi_file){.descriptor = 0, .size = size};
    block_set(contents, size);
    return POLYSHM_OK;
}

int32_t pshmi_file_publish(pshmi_file *file, const char *name)
{
    (void)file, (void)name;
    return POLYSHM_OK;
}

int32_t pshmi_file_open(const char *name, bool readonly, pshmi_file *file)
{
    (void)name, (void)readonly;
    *file = (pshmi_file){.descriptor = 0, .size = block_size};
    return POLYSHM_OK;
}

int32_t pshmi_file_read(const pshmi_file *file, const char *name, uint64_t offset, void *data, uint64_t size,
                        uint64_t *got)
{
    (void)file, (void)name;
    peers_turn();
    memcpy(data, block_of_peers + offset, size);
    *got = size;
    return POLYSHM_OK;
}

void pshmi_file_close(pshmi_file *file)
{
    file->descriptor = -1;
}

void pshmi_file_reopen(pshmi_file *file, bool readonly)
{
    (void)file, (void)readonly;
}

int32_t pshmi_file_exists(const char *name, bool *exists)
{
    (void)name;
    *exists = true;
    return POLYSHM_OK;
}

int32_t pshmi_file_unlink(const char *name, pshmi_identity identity)
{
    (void)name, (void)identity;
    return POLYSHM_OK;
}

int32_t pshmi_mapping_check(const char *name, uint64_t size)
{
    (void)name, (void)size;
    return POLYSHM_OK;
}

int32_t pshmi_mapping_open(const pshmi_file *file, bool readonly, const char *name, void **address)
{
    (void)file, (void)name;
    block_permit();
    *address = readonly ? block_readonly : block_writable;
    return POLYSHM_OK;
}

void pshmi_mapping_reopen(const pshmi_file *file, bool readonly, void *address)
{
    (void)file, (void)readonly, (void)address;
}

/* Blank pages are for other threads: this one has no business there any more. */
void pshmi_mapping_blank(void *address, uint64_t size)
{
    (void)address, (void)size;
    block_forbid();
}

void pshmi_mapping_close(void *address, uint64_t size)
{
    (void)address, (void)size;
    block_forbid();
}

bool pshmi_thread_is_alone(void)
{
    return platform_next() & 1;
}

uint32_t pshmi_random(void)
{
    return platform_next();
}

uint32_t pshmi_user(void)
{
    return 0;
}

/* There are no other processes: nobody forks, and nothing is tracked. */
uint64_t pshmi_fork_count(void)
{
    return 0;
}

void pshmi_fork_hold(void)
{
}

void pshmi_fork_let(void)
{
}

void pshmi_fork_follow(pshmi_follower *follower)
{
    (void)follower;
}

void pshmi_fork_unfollow(pshmi_follower *follower)
{
    (void)follower;
}

int32_t pshmi_tracking_book(pshmi_book **book)
{
    *book = NULL;
    return POLYSHM_OK;
}

int32_t pshmi_book_begin(pshmi_book *book, const char *name, pshmi_identity identity, uint64_t *number)
{
    (void)book, (void)name, (void)identity, (void)number;
    abort();
}

void pshmi_book_end(pshmi_book *book)
{
    (void)book;
    abort();
}

void pshmi_book_remove(pshmi_book *book, uint64_t number)
{
    (void)book, (void)number;
    abort();
}

void pshmi_tracking_forget(uint32_t book, uint64_t number, const char *name, pshmi_identity identity)
{
    (void)book, (void)number, (void)name, (void)identity;
}
