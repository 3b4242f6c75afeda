/* A platform of bytes (sync_platform.h). Whoever asks the time, pauses, sleeps or asks for a lease gives the peers a turn. */
#include "sync_platform.h"

#include <stdlib.h>
#include <string.h>

#include "area.h"
#include "platform.h"

/* A sleep lasts so long at least, in seconds: a call that polls for its whole timeout does not do so ten thousand times. */
static const double NAP = 0.05;

/* What looking at the clock takes. */
static const double LOOK = 1e-6;

char *platform_block;
size_t platform_size;

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

/* A number that looks like one of the layout's. */
static uint64_t number(uint64_t old, uint8_t how)
{
    switch (how & 7) {
    case 0:
        return how >> 3;
    case 1:
        return old + 1;
    case 2:
        return old ^ UINT64_C(1) << (how >> 3) * 2;
    case 3:
        return UINT64_MAX << (how >> 3) * 2;
    case 4:
        return UINT64_MAX >> (how >> 3) * 2;
    case 5: /* a lock word */
        return (uint64_t)platform_next() << 16 | (how >> 3);
    case 6:
        return platform_size - (how >> 3);
    default:
        return platform_next() * UINT64_C(0x0101010101010101);
    }
}

void platform_scribble(void)
{
    size_t place = platform_next();
    place |= (size_t)platform_next() << 8;
    uint8_t how = platform_next(), width = platform_next();
    if (platform_size < sizeof(uint64_t))
        return;
    char *at = platform_block + place % (platform_size / sizeof(uint64_t)) * sizeof(uint64_t);
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word = number(word, how);
    if (width & 1)
        memcpy(at, &word, sizeof word);
    else if (width & 2)
        memcpy(at + (width & 4), &word, sizeof word / 2);
    else
        at[width >> 2 & 7] = (char)word;
}

static void let_peers(void)
{
    if (platform_next() & 1)
        platform_scribble();
}

double pshmi_clock_now(void)
{
    return now += LOOK;
}

int32_t pshmi_clock_sleep(double seconds)
{
    let_peers();
    now += seconds > NAP ? seconds : NAP;
    return POLYSHM_OK;
}

void pshmi_clock_relax(void)
{
    if (!platform_is_over())
        let_peers();
}

int32_t pshmi_futex_wait(_Atomic uint32_t *word, uint32_t expected, double timeout)
{
    if (atomic_load(word) != expected)
        return POLYSHM_OK;
    now += timeout;
    uint8_t how = platform_next();
    let_peers();
    if (how == 255)
        return pshmi_fail(POLYSHM_EINTR, "a signal interrupted the wait");
    return how & 1 && atomic_load(word) != expected ? POLYSHM_OK : POLYSHM_ETIMEDOUT;
}

void pshmi_futex_wake(_Atomic uint32_t *word, int32_t count)
{
    (void)atomic_load(word);
    (void)count;
}

int32_t pshmi_lease_take(const pshmi_file *file, const char *name, uint32_t number, bool *taken)
{
    (void)file, (void)name, (void)number;
    *taken = (platform_next() & 7) != 7;
    return POLYSHM_OK;
}

int32_t pshmi_lease_is_taken(const pshmi_file *file, const char *name, uint32_t number, bool *taken)
{
    (void)file, (void)name, (void)number;
    *taken = platform_next() & 1;
    let_peers();
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
    platform_block = malloc(size);
    platform_size = size;
    memcpy(platform_block, contents, size);
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
    *file = (pshmi_file){.descriptor = 0, .size = platform_size};
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

int32_t pshmi_mapping_open(const pshmi_file *file, bool readonly, const char *name, void **address)
{
    (void)file, (void)readonly, (void)name;
    *address = platform_block;
    return POLYSHM_OK;
}

void pshmi_mapping_reopen(const pshmi_file *file, bool readonly, void *address)
{
    (void)file, (void)readonly, (void)address;
}

void pshmi_mapping_blank(void *address, uint64_t size)
{
    (void)address, (void)size;
}

void pshmi_mapping_close(void *address, uint64_t size)
{
    (void)address, (void)size;
}

bool pshmi_thread_is_alone(void)
{
    return true;
}

uint32_t pshmi_random(void)
{
    return platform_next();
}

uint32_t pshmi_user(void)
{
    return 0;
}
