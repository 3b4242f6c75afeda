/* Time, chance, who we are, and whether we are alone. */
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "platform.h"
#include "system.h"

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

double pshmi_clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct timespec pshmi_clock_timespec(double seconds)
{
    double whole = seconds < 1e9 ? seconds : 1e9; /* for ever */
    struct timespec time = {.tv_sec = (time_t)whole};
    time.tv_nsec = (long)((whole - (double)time.tv_sec) * 1e9);
    return time;
}

int32_t pshmi_clock_sleep(double seconds)
{
    struct timespec time = pshmi_clock_timespec(seconds);
    return pshmi_system.nanosleep(&time, NULL) != 0 && errno == EINTR ? POLYSHM_EINTR : POLYSHM_OK;
}

void pshmi_clock_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Up to 256 bytes come whole once the kernel's pool is ready (getrandom(2)). Before that, or without the call, the clock
 * will do: a name that is taken is tried again with another number. */
static uint32_t random_by_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_nsec * 2654435761u ^ (uint32_t)getpid();
}

/* A thread has some in store, of which a child of fork makes no use. */
uint32_t pshmi_random(void)
{
    static _Thread_local struct {
        uint32_t numbers[16];
        uint32_t left;
        uint64_t forks;
    } store;
    uint64_t forks = pshmi_fork_count();
    if (!store.left || store.forks != forks) {
        if (getrandom(store.numbers, sizeof store.numbers, GRND_NONBLOCK) != sizeof store.numbers)
            return random_by_clock();
        store.left = sizeof store.numbers / sizeof *store.numbers;
        store.forks = forks;
    }
    return store.numbers[--store.left];
}

uint32_t pshmi_user(void)
{
    return geteuid();
}

bool pshmi_thread_is_alone(void)
{
#if __has_include(<sys/single_threaded.h>)
    return __libc_single_threaded; /* glibc 2.32 */
#else
    return false;
#endif
}
