/* How processes sleep until the lock is free: a model of the futex in runtime/sync/lock.c.
 *
 * Three writers take the lock and give it back, as often as they like, and then rest. Each access to shared memory and
 * each call of the kernel is one step; falling asleep compares the word, in the same step. Nobody wakes by itself, as
 * all do in the code after some milliseconds, save who sleeps while the holder is dead. A writer may be killed in its
 * section, any number of times; its successor asks for the lock like anybody. What must hold:
 *
 *   no lost wake-up   nobody sleeps on when all others rest; else spin reports an invalid end state
 *
 * Left out, for there the code counts on sleepers that wake by themselves: a writer that is killed between the free
 * lock and the wake, and who gives up just when it is woken.
 *
 * MUTATION=name puts in a fault, one of the following, which must be found; with IMMORTAL nobody is killed.
 * test_model.sh does all that. */

#define NO_BIT              1 /* who goes to sleep does not leave the sleepers' bit */
#define NO_BIT_AFTER_SLEEP  2 /* who slept takes the lock without the sleepers' bit */
#define NO_BIT_AT_TAKEOVER  3 /* who takes the lock over does it without the sleepers' bit */
#define NO_WAKE             4 /* the lock is given back without a wake */
#define NO_COMPARISON       5 /* who falls asleep does not compare the word */

#ifndef MUTATION
#define MUTATION 0
#endif

#define SLEEPERS 8         /* the lock's bit; the rest is 0 or who holds it */
#define MINE     (_pid + 1)

byte lock;                 /* shared memory */
bool asleep[3];            /* the kernel's */
bool dead;                 /* who has the lock died with it */

inline wake_one()
{
    if
    :: asleep[0] -> asleep[0] = false
    :: asleep[1] -> asleep[1] = false
    :: asleep[2] -> asleep[2] = false
    :: else
    fi
}

active [3] proctype writer()
{
    byte word, flag;

begin:
    if
    :: goto try
    :: goto end_rest
    fi;

try:
    atomic {
        if
        :: lock == 0 -> lock = MINE | flag; goto section
        :: else -> word = lock; flag = (MUTATION == NO_BIT_AFTER_SLEEP -> 0 : SLEEPERS)
        fi
    };
#if MUTATION != NO_BIT
    if
    :: !(word & SLEEPERS) ->
        atomic {
            if
            :: lock == word -> word = word | SLEEPERS; lock = word
            :: else -> goto try
            fi
        }
    :: else
    fi;
#endif
    d_step { asleep[_pid] = (lock == word || MUTATION == NO_COMPARISON) };
    if
    :: !asleep[_pid] -> goto try
    :: dead -> asleep[_pid] = false /* its patience is over: it asks for the holder's lease */
    fi;
    atomic {
        if
        :: dead && lock == word -> dead = false; lock = (MUTATION == NO_BIT_AT_TAKEOVER -> MINE : MINE | SLEEPERS)
        :: else -> goto try
        fi
    };

section:
    flag = 0;
    if
#ifndef IMMORTAL
    :: atomic { dead = true; word = 0 }; goto begin
#endif
    :: atomic { word = lock; lock = 0 }
    fi;
    if
    :: word & SLEEPERS && MUTATION != NO_WAKE -> atomic { word = 0; wake_one() }
    :: else -> word = 0
    fi;
    goto begin;

end_rest:
    false
}
