/* How processes sleep and are woken: a model of the futexes in runtime/sync/{lock,change}.c.
 *
 * Two writers write in turns, and two readers wait for every change. Who sleeps here has no timeout and sleeps until it is
 * woken: so a lost wake-up ends in a state in which somebody sleeps for ever, and spin reports an invalid end state. The
 * one exception is a sleeper whose holder died, which the code's timeout wakes. A writer may be killed in its section
 * DEATHS times; the other one, or its successor, ends the version. Each access to shared memory and each call of the
 * kernel is one step; futex_wait compares and falls asleep in one.
 *
 * Left out, as the code promises nothing there but to wake by itself: a writer that is killed between the end of a version
 * and the wake, a waiter that gives up just when it is woken, and read-only waiters.
 *
 * MUTATION=name puts in a fault, which must be found. A version that is stored before a full barrier, and a mark that is
 * read behind it, stand in this order here; MARK_FIRST is what the processor may do without the barrier. */

#define MARK_FIRST      1 /* a writer reads the mark before it ends the version */
#define LOOK_FIRST      2 /* a waiter looks at the version before it leaves its mark */
#define NO_COMPARISON   3 /* who falls asleep does not compare */
#define WAKE_ONE        4 /* the end of a version wakes one only */
#define MARK_TOO_LOW    5 /* a writer wakes only if the mark is the version that it ends */
#define MARK_FALLS      6 /* a waiter sets the mark to its version, also where it is higher */
#define NO_WAKE_AT_TAKEOVER 7 /* who takes the lock over does not wake who waits for the dead holder's version */
#define NO_BIT          8 /* who sleeps for the lock leaves no bit */
#define NO_BIT_AFTER    9 /* who slept takes the lock without the bit */
#define NO_WAKE_OF_LOCK 10 /* the lock is given back without a wake */

#ifndef MUTATION
#define MUTATION 0
#endif
#ifndef CHANGES
#define CHANGES 3 /* by each writer */
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define WRITERS 2
#define READERS 2
#define LAST (2 * WRITERS * CHANGES)

#define SLEEPERS 8 /* the lock's bit; the rest is 0 or the holder */
#define HOLDER(word) (word & 7)

/* Shared memory. */
byte lock, version, mark;

/* The kernel's: who sleeps, by process. Writers sleep on the lock, readers on the version. */
bool asleep[WRITERS + READERS];

byte deaths = DEATHS;
bool dead;          /* the process that has the lock */

#define IS_ODD(word)   (word & 1)
#define EVEN(word)     (word - IS_ODD(word))

inline wake_one_writer()
{
    if
    :: asleep[0] -> asleep[0] = false
    :: asleep[1] -> asleep[1] = false
    :: else
    fi
}

inline wake_readers()
{
    if
    :: atomic { MUTATION == WAKE_ONE && asleep[2] -> asleep[2] = false }
    :: atomic { MUTATION == WAKE_ONE && asleep[3] -> asleep[3] = false }
    :: d_step { else -> asleep[2] = false; asleep[3] = false }
    fi
}
