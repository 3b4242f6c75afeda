/* Running a call without the interpreter's lock (call.h). */
#include "ruby/call.h"
#include "ruby/native.h"

#include <math.h>
#include <ruby/thread.h>
#include <time.h>

static double waiting_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *waiting_run(void *data)
{
    waiting *call = data;
    call->status = call->function(call);
    return call;
}

int32_t waiting_call(waiting call)
{
    const double deadline = waiting_clock() + call.timeout;
    bool collected = false;
    for (;;) {
        /* Unlike its sibling without the 2, this raises nothing itself, and so cannot lose what the call gave. It
         * returns NULL if it did not run the call because there was something to raise already. */
        const bool ran = rb_thread_call_without_gvl2(waiting_run, &call, RUBY_UBF_IO, NULL) != NULL;

        if (ran && call.status == POLYSHM_EMFILE && !collected) {
            rb_gc(); /* closes the handles that a script has dropped without closing them */
            collected = true;
            continue;
        }
        if (ran && call.status != POLYSHM_EINTR)
            return call.status;
        rb_thread_check_ints();
        if (call.timeout > 0) /* never back to 0, which is not to wait at all, and another error */
            call.timeout = fmax(deadline - waiting_clock(), WAITING_OVER);
    }
}
