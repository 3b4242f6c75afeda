/* A signal that comes again and again: the first may come before the call that it is to interrupt. */
#include "interrupts.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static void on_alarm(int number)
{
    (void)number;
}

void interrupts_start(void)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval often = {.it_interval = {.tv_usec = 10000}, .it_value = {.tv_usec = 10000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

void interrupts_stop(void)
{
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
}
