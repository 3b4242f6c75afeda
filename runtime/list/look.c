/* The unlikely half of a look: trying again (look.h). */
#include "look.h"

/* A writer moves the version twice within a microsecond. Whoever meets that so often in a row is slow or deceived, and
 * sleeps between the tries. */
enum { TRIES = 200 };

/* How long a reader tries, in seconds: not the timeout of the lock, of which it knows nothing. */
static const double READ_TIMEOUT = 10;

bool pshmi_look_retry(pshmi_look *look)
{
    if (look->tries < TRIES) {
        pshmi_clock_relax();
    } else if (look->deadline == 0) {
        look->deadline = pshmi_clock_now() + READ_TIMEOUT;
    } else if (pshmi_clock_now() > look->deadline) {
        look->expired = true;
        return false;
    } else {
        pshmi_clock_sleep(0.0001);
    }
    pshmi_look_aim(look);
    return true;
}
