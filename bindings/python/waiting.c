/* Waiting without the interpreter's lock, and with an ear for signals.
 *
 * Ctrl-C raises KeyboardInterrupt, and when no handler raised, the wait goes on for the time that is left. A signal
 * handler that ran while the library slept ends its wait with POLYSHM_EINTR. One that ran between two sleeps goes
 * unseen, so a long wait is made of short ones. */
#include "binding.h"

#include <time.h>

static const double PIECE = 0.1;

/* The library also waits, for less than this, without being told to: for a foreign block to be filled. Signals must not
 * make such a wait start anew for ever. */
static const double GRACE = 1;

static double waiting_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

waiting waiting_begin(double *timeout)
{
    waiting begun = {timeout, waiting_clock() + (timeout ? *timeout : 0)};
    if (timeout && *timeout > PIECE)
        *timeout = PIECE;
    return begun;
}

int waiting_goes_on(const waiting *wait, int32_t status)
{
    int is_over = status == POLYSHM_ETIMEDOUT || status == POLYSHM_EEMPTY;
    if (!is_over && status != POLYSHM_EINTR)
        return 0;
    double left = wait->deadline - waiting_clock();
    if ((is_over && left <= 0) || PyErr_CheckSignals() < 0)
        return 0;
    if (wait->timeout && *wait->timeout > 0) /* it stays above 0, which would mean not to wait at all */
        *wait->timeout = left > PIECE ? PIECE : left > 1e-9 ? left : 1e-9;
    return left > -GRACE;
}

/* How long the list's user wants a call to wait for the lock. */
static int list_timeout(PyObject *self, double *timeout)
{
    PyObject *given = PyObject_GetAttrString(self, "timeout");
    int result = given ? argument_seconds(given, timeout) : -1;
    Py_XDECREF(given);
    return result;
}

/* take: polyshm_list_lock or polyshm_list_enter. */
static int32_t wait_to(int32_t (*take)(polyshm_list *, double), polyshm_list *list, double timeout)
{
    int32_t status;
    waiting wait = waiting_begin(&timeout);
    do {
        Py_BEGIN_ALLOW_THREADS status = take(list, timeout);
        Py_END_ALLOW_THREADS
    } while (waiting_goes_on(&wait, status));
    if (status < 0 && !PyErr_Occurred())
        error_raise(status);
    return status;
}

int32_t waiting_lock(polyshm_list *list, double timeout)
{
    return wait_to(polyshm_list_lock, list, timeout);
}

int waiting_enter(PyObject *self, polyshm_list *list)
{
    double timeout;
    return list_timeout(self, &timeout) < 0 || wait_to(polyshm_list_enter, list, timeout) < 0 ? -1 : 0;
}

int32_t waiting_snapshot(PyObject *self, polyshm_list *list, items *many, uint64_t *version)
{
    double timeout;
    int32_t status;
    if (list_timeout(self, &timeout) < 0)
        return POLYSHM_EINTR;
    int readonly = list_is_readonly(list);
    waiting wait = waiting_begin(&timeout);
    do {
        Py_BEGIN_ALLOW_THREADS status = items_snapshot(list, many, version);
        Py_END_ALLOW_THREADS
    } while (readonly && waiting_goes_on(&wait, status));
    if (status != POLYSHM_ETIMEDOUT || readonly || waiting_enter(self, list) < 0)
        return status;

    Py_BEGIN_ALLOW_THREADS status = items_snapshot(list, many, version);
    polyshm_list_unlock(list);
    Py_END_ALLOW_THREADS return status;
}
