/* Calls that can take their time let other threads run, and let Python's signal handlers have their turn: Ctrl-C raises
 * KeyboardInterrupt, and when no handler raised, the call goes on for the time that is left.
 *
 * A signal handler that ran while the library slept ends its wait with POLYSHM_EINTR. One that ran between two sleeps
 * goes unseen, so a long wait is made of short ones. */

%{
static const double WAIT_PIECE = 0.1;

/* The library also waits, for less than this, without being told to: for a foreign block to be filled. Signals must not
 * make such a wait start anew for ever. */
static const double WAIT_GRACE = 1;

typedef struct {
    double *timeout; /* of the call to come; NULL if it has none */
    double deadline;
} waiting;

static double waiting_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static waiting waiting_begin(double *timeout)
{
    waiting begun = {timeout, waiting_clock() + (timeout ? *timeout : 0)};
    if (timeout && *timeout > WAIT_PIECE)
        *timeout = WAIT_PIECE;
    return begun;
}

/* Whether to call again, after a call that gave this status. */
static int waiting_goes_on(const waiting *waiting, int32_t status)
{
    int is_over = status == POLYSHM_ETIMEDOUT || status == POLYSHM_EEMPTY;
    if (!is_over && status != POLYSHM_EINTR)
        return 0;
    double left = waiting->deadline - waiting_clock();
    if ((is_over && left <= 0) || PyErr_CheckSignals() < 0)
        return 0;
    if (waiting->timeout && *waiting->timeout > 0) /* it stays above 0, which would mean not to wait at all */
        *waiting->timeout = left > WAIT_PIECE ? WAIT_PIECE : left > 1e-9 ? left : 1e-9;
    return left > -WAIT_GRACE;
}
%}

/* TIMEOUT points to the argument that says how long the function waits, or is NULL. */
%define WAITS(FUNCTION, TIMEOUT)
%exception FUNCTION {
    waiting waiting = waiting_begin(TIMEOUT);
    do {
        Py_BEGIN_ALLOW_THREADS
        $action
        Py_END_ALLOW_THREADS
    } while (waiting_goes_on(&waiting, result));
    if (PyErr_Occurred())
        SWIG_fail;
}
%enddef

WAITS(polyshm_segment::create, NULL)
WAITS(polyshm_segment::create_or_attach, NULL)
WAITS(polyshm_segment::attach, &arg3)
WAITS(polyshm_segment::close, NULL)
WAITS(polyshm_segment::unlink, NULL)
WAITS(polyshm_list::create, NULL)
WAITS(polyshm_list::attach, &arg3)
WAITS(polyshm_list::close, NULL)
WAITS(polyshm_list::unlink, NULL)
