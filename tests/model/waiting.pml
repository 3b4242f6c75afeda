/* How processes wait for a change: a model of runtime/sync/change.c and its callers in runtime/list.
 *
 * Two writers write in turns, each CHANGES times at most, and two readers wait for one version after the other. Each
 * access to shared memory and each call of the kernel is one step; falling asleep compares the version, in the same
 * step. Nobody wakes by itself, as all do in the code after a while. DEATHS times a writer is killed in its section;
 * who takes the lock over ends its version. What must hold:
 *
 *   no lost wake-up   nobody sleeps on under a version that has ended, unless it is about to be woken; else, when that
 *                     was the last change, spin reports an invalid end state
 *
 * Left out, for there the code counts on sleepers that wake by themselves: a writer that is killed between the end of a
 * version and the wake, and readers that may not leave a mark.
 *
 * MUTATION=name puts in a fault, one of the following, which must be found; with IMMORTAL nobody is killed.
 * test_model.sh does all that. */

#define MARK_FIRST           1 /* a writer looks at the mark before it ends the version: as without the full barrier */
#define MARK_TOO_LATE        2 /* a writer wakes only if the mark is the version that begins */
#define MARK_FALLS           3 /* a reader sets the mark to its version, also where it is higher */
#define NO_MARK              4 /* a reader leaves no mark */
#define NO_COMPARISON        5 /* who falls asleep does not compare the version */
#define WAKE_ONE             6 /* the end of a version wakes one reader only */
#define NO_WAKE_AT_TAKEOVER  7 /* who takes the lock over wakes nobody */

#ifndef MUTATION
#define MUTATION 0
#endif
#ifndef CHANGES
#define CHANGES 1 /* at most, by each writer */
#endif
#ifdef IMMORTAL
#define DEATHS 0
#elif !defined(DEATHS)
#define DEATHS 1
#endif

#define EVEN(version) (version & 254)

/* Shared memory. */
byte version, mark;
bool lock;

bool asleep[4];      /* the kernel's; by process: two writers, which do not sleep here, and two readers */
bool dead;           /* who has the lock died with it */
byte deaths = DEATHS;
byte resting;        /* writers that write no more */

inline begin_change() { d_step { version = version | 1 } }
inline look_at_mark() { called = ((MUTATION == MARK_TOO_LATE -> mark : mark + 2) >= ended) }

inline end_change()
{
    ended = EVEN(version) + 2;
#if MUTATION == MARK_FIRST
    look_at_mark();
#endif
    version = ended
}

inline wake()
{
#if MUTATION != MARK_FIRST
    look_at_mark();
#endif
    if
    :: !called
    :: called && MUTATION != WAKE_ONE -> d_step { asleep[2] = false; asleep[3] = false }
#if MUTATION == WAKE_ONE
    :: called && asleep[2] -> asleep[2] = false
    :: called && asleep[3] -> asleep[3] = false
    :: called && !asleep[2] && !asleep[3]
#endif
    fi;
    called = false;
    ended = 0
}

active [2] proctype writer()
{
    byte left = CHANGES, ended;
    bool called;

begin:
    if
    :: left > 0 -> left--
    :: !dead -> goto rest
    fi;
    if
    :: atomic { !lock -> lock = true }
    :: atomic { dead -> dead = false };
        begin_change();
        end_change();
#if MUTATION == NO_WAKE_AT_TAKEOVER
        ended = 0;
#else
        wake();
#endif
    fi;
    begin_change();
    if
    :: atomic { deaths > 0 -> deaths--; dead = true; left++ }; goto begin
    :: end_change()
    fi;
    lock = false;
    wake();
    goto begin;

rest:
    resting++
}

active [2] proctype reader()
{
    byte seen, now;

    do
    ::  now = version;
        if
        :: EVEN(now) != seen -> seen = EVEN(now); now = 0
        :: else ->
#if MUTATION != NO_MARK
            d_step { mark = (mark < seen || MUTATION == MARK_FALLS -> seen : mark) };
#endif
            now = version;
            if
            :: EVEN(now) == seen ->
                d_step { asleep[_pid] = (version == now || MUTATION == NO_COMPARISON) };
                if
                :: !asleep[_pid] -> now = 0
                :: resting == 2 && version == seen -> break
                fi
            :: else
            fi
        fi
    od
}
