/* How processes share a list: a model of runtime/sync/{lock,journal,change} and runtime/list/{section,look,waiting}.
 *
 * Two writers and a reader share a list of two texts and a number. Each access to shared memory and each question to
 * the kernel is one step. The processes take their steps in any order and for ever, and before each of its steps a
 * writer may be killed; a new process then comes in its place. In a section a writer writes what it likes, as often as
 * it likes. A text has two words, each a step; they stand for slot, format and kind. A number is written by one store.
 * The states are finite all the same, so spin visits all of them, whatever the number of kills and sections:
 *
 *   - a version is its lowest bit and, for the reader, whether it moved since the first look: 64 bits do not wrap
 *   - a lock word is a participant number and, for all who have seen it, whether that has another generation by now
 *   - a participant number is the writer's place: which of the free ones a new process takes is but a name
 *   - a word of an item is the item's present value, the next one, or an old one; so is one of the copy, which is
 *     taken for an old one when the journal is cleared
 *
 * What must hold, whatever the order:
 *
 *   MUTUAL_EXCLUSION   no two writers have the lock at once
 *   NO_LOST_LOCK       the holder that a waiter takes for alive is in a section, from which it comes out or is killed:
 *                      so who asks again gets the lock, or gives up
 *   OLD_OR_NEW         an item is whole, and has the value of the last write that was committed: for the reader, also
 *                      while it is being written or its writer is dead, and for who ends a section or a takeover. So
 *                      nothing that was acknowledged is undone, and nothing is seen that is undone later
 *   ONE_STATE          a snapshot is the list as it was between two sections, or as a dead writer left it
 *   TOLD               who takes the lock for several writes is told that a holder died, if nobody was told since it did
 *   BOUNDED_WAIT       the reader reads an item again only if its version has moved: each time, somebody wrote
 *
 * Left out: sleeping and waking (sleepers.pml, waiting.pml); threads and reentrance, which are private to a process;
 * the order in which processors show their stores to others, for here each step is seen by all at once (the SYNC
 * comments in the code are about that); 2^16 generations of a number that come and go while nobody looks at the lock.
 *
 * MUTATION=name puts in a fault, one of the following, which must be found; with IMMORTAL nobody is killed.
 * test_model.sh does all that. */

#define CLEAR_BEFORE_DATA     1 /* the journal is cleared before the item is changed */
#define CLOSE_BEFORE_DATA     2 /* the item's version becomes even before the item is changed */
#define NO_JOURNAL            3 /* the item is changed without a copy */
#define OPEN_BEFORE_COPY      4 /* the item's version becomes odd before the copy is in the journal */
#define CLEAR_BEFORE_CLOSE    5 /* the journal is cleared before the item's version becomes even */
#define BEGIN_AFTER_DATA      6 /* the list's version becomes odd after an item was changed */
#define END_AFTER_RELEASE     7 /* the list's version becomes even after the lock was given back */
#define NO_ROLLBACK           8 /* who takes the lock over leaves the item as it is */
#define CLEAR_BEFORE_ROLLBACK 9 /* who takes the lock over clears the journal first */
#define BLIND_ROLLBACK       10 /* who takes the lock over puts the copy back, also where the version is even */
#define NO_END_OF_RECOVERY   11 /* who takes the lock over writes on under the dead holder's version of the list */
#define NO_LEASE             12 /* a holder is dead only if its number has another generation */
#define NO_GENERATION        13 /* a holder is dead only if nobody has its lease */
#define NO_QUESTION          14 /* who has kept the lock for a while is dead */
#define NO_COMPARISON        15 /* the lock is taken over whoever has it by then */
#define NO_SECOND_LOOK       16 /* the reader does not look at the item's version again */
#define NO_COPY_READ         17 /* the reader reads the item itself while its version is odd */
#define NO_ABANDONMENT       18 /* a snapshot is read while the list's version is odd, whoever has the lock */
#define NO_NOTE              19 /* who takes the lock over for a single write does not note that a holder died */
#define LATE_NOTE            20 /* it is noted only when the lock is given back */

#ifndef MUTATION
#define MUTATION 0
#endif

/* All false: so that spin's message has the property's name. */
bool MUTUAL_EXCLUSION, OLD_OR_NEW, ONE_STATE, BOUNDED_WAIT, NO_LOST_LOCK, TOLD;
#define CHECK(property, condition) assert((condition) || property)

#define NUMBER     2 /* the item that is one; the others are texts */
#define ITEMS      3
#define NOTHING    7 /* no item */

/* Values of a word of an item. */
#define OLD        0
#define NOW(item)  (item + 1)
#define NEXT(item) (item + 1 + ITEMS)
#define FIRST      (2 * item) /* the item's words in slot */
#define SECOND     (2 * item + 1)
#define IS_RIGHT(item) (slot[2 * item] == NOW(item) && slot[2 * item + 1] == NOW(item))

/* A reading of the list. */
#define VOID       0 /* its version has moved, or a live writer was at it */
#define SOUND      1
#define SPOILT     2 /* neither, and yet something was committed */

/* Shared memory. */
byte lock;              /* 0, or participant number + 1 and whether that is out of date */
bool orphaned;          /* a holder died, and nobody was told */
bool list_odd, odd[ITEMS];
byte journal;           /* the item that it is for, plus 1 */
byte copy[2], slot[6] = { 1, 1, 2, 2, 3, 3 }; /* each NOW of its item */

/* The kernel's: whether somebody has the lease of a participant number. */
bool lease[2];

/* Of the writers and the reader: a lock word that it saw. */
byte seen[3];

/* For the checks only. */
bool inside[2];         /* by writer: it has the lock; until it gives it back, or the kernel drops its lease */
bool joining[2];        /* by writer: it has a lease, and has not raised the generation yet */
bool midway;            /* the writer inside has committed something in this section */
bool untold;            /* somebody died inside, and nobody was told since */
bool reading;           /* the reader looks at text 0, and its version has not moved since */
bool right;             /* what was read of it is its value */
byte snapshot = VOID;   /* what the reader has of the list */

#define MOVE        reading = reading && (item != 0 || MUTATION == NO_SECOND_LOOK)
#define MOVE_LIST   snapshot = VOID
#define AGE(word)   word = (word == NEXT(item) -> NOW(item) : (word == NOW(item) -> OLD : word))
#define COMMIT      AGE(slot[FIRST]); AGE(slot[SECOND]); AGE(copy[0]); AGE(copy[1]); midway = true; \
                    snapshot = (snapshot == VOID -> VOID : SPOILT)

#define ENTER       CHECK(MUTUAL_EXCLUSION, !inside[1 - _pid]); inside[_pid] = true
#define LEAVE       inside[_pid] = false

#ifdef IMMORTAL
#define MAY_DIE     false
#else
#define MAY_DIE     true
#endif
#define DIE         d_step { MAY_DIE -> midway = midway && !inside[_pid]; untold = untold || inside[_pid]; \
                             seen[_pid] = 0; item = 0; alive = false; taken = false }
#define STEP(act)   if :: d_step { act } :: DIE -> goto killed fi

#define OUT_OF_DATE   8
#define NUMBER_OF(word) ((word & 7) - 1)
#define MINE        (_pid + 1)
#define AGE_WORD(word) word = (word == MINE -> word | OUT_OF_DATE : word)

/* What is_dead in lock.c asks of the holder that a lock word names: two questions, one after the other. */
#if MUTATION == NO_QUESTION
#define HAS_LEASE(word) false
#elif MUTATION == NO_LEASE
#define HAS_LEASE(word) true
#else
#define HAS_LEASE(word) (word == MINE || (NUMBER_OF(word) != _pid && lease[NUMBER_OF(word)]))
#endif
#define IS_CURRENT(word) (!(word & OUT_OF_DATE) || MUTATION == NO_GENERATION)
#define IS_ANOTHER(word) (lock != word || !(HAS_LEASE(word) && IS_CURRENT(word)))

/* Writing a text (journal.c), by its steps. */
inline copy_item() { STEP(copy[0] = slot[FIRST]); STEP(copy[1] = slot[SECOND]); STEP(journal = item + 1) }
inline open()      { STEP(odd[item] = true; MOVE) }
inline change(to)  { STEP(slot[FIRST] = to); STEP(slot[SECOND] = to) }
inline close()     { STEP(odd[item] = false; MOVE; COMMIT) }
inline clear()     { STEP(journal = 0; copy[0] = OLD; copy[1] = OLD) }

inline write_text()
{
#if MUTATION == OPEN_BEFORE_COPY
    open(); copy_item(); change(NEXT(item)); close(); clear()
#elif MUTATION == NO_JOURNAL
    open(); change(NEXT(item)); close(); clear()
#elif MUTATION == CLEAR_BEFORE_DATA
    copy_item(); open(); clear(); change(NEXT(item)); close()
#elif MUTATION == CLOSE_BEFORE_DATA
    copy_item(); open(); close(); change(NOW(item)); clear()
#elif MUTATION == CLEAR_BEFORE_CLOSE
    copy_item(); open(); change(NEXT(item)); clear(); close()
#else
    copy_item(); open(); change(NEXT(item)); close(); clear()
#endif
}

/* A reader that had the number before the store was right then. */
inline write_number()
{
    STEP(journal = item + 1);
    STEP(slot[FIRST] = NEXT(item); slot[SECOND] = NEXT(item); COMMIT);
    STEP(MOVE);
    STEP(journal = 0)
}

/* The version of the list (change.c). */
inline begin_change() { STEP(if :: !list_odd -> list_odd = true; MOVE_LIST :: else fi) }
inline end_change()
{
    STEP(CHECK(OLD_OR_NEW, !inside[_pid] || (IS_RIGHT(0) && IS_RIGHT(1) && IS_RIGHT(NUMBER)));
         if :: list_odd -> list_odd = false; MOVE_LIST :: else fi; midway = false)
}

/* Whether the item that pshmi_journal_pending finds is half written. */
#define IS_HALF (odd[item] || MUTATION == BLIND_ROLLBACK)

/* Puts right what a dead holder left (section.c). */
inline recover()
{
    begin_change();
#if MUTATION != NO_ROLLBACK
    STEP(item = (journal != 0 -> journal - 1 : NOTHING));
    if
    :: item != NOTHING ->
        if
        :: IS_HALF ->
#if MUTATION == CLEAR_BEFORE_ROLLBACK
            clear();
#endif
            STEP(slot[FIRST] = copy[0]);
            STEP(slot[SECOND] = copy[1])
        :: else
        fi;
        STEP(odd[item] = false; MOVE);
        clear()
    :: else
    fi;
#endif
#if MUTATION != NO_END_OF_RECOVERY
    end_change()
#endif
}

inline release() { STEP(lock = 0; LEAVE) }

active [2] proctype writer()
{
    byte item;
    bool alive, taken;

join: /* the lease first, then the generation */
    STEP(lease[_pid] = true; joining[_pid] = true);
    STEP(joining[_pid] = false; AGE_WORD(lock); AGE_WORD(seen[0]); AGE_WORD(seen[1]); AGE_WORD(seen[2]));

acquire: /* lock.c */
    STEP(taken = (lock == 0); if :: taken -> lock = MINE; ENTER :: else -> seen[_pid] = lock fi);
    if
    :: taken -> goto section
    :: else
    fi;
    STEP(alive = HAS_LEASE(seen[_pid]));
    STEP(alive = alive && IS_CURRENT(seen[_pid]);
         if
         :: alive -> CHECK(NO_LOST_LOCK, IS_ANOTHER(seen[_pid]) || inside[1 - _pid] || joining[1 - _pid]);
                     seen[_pid] = 0
         :: else
         fi);
    if
    :: alive -> alive = false; goto acquire /* or gives up */
    :: else
    fi;
    STEP(taken = (lock == seen[_pid] || MUTATION == NO_COMPARISON); seen[_pid] = 0;
         if :: taken -> lock = MINE; ENTER :: else fi);
    if
    :: taken ->
#if MUTATION != NO_NOTE && MUTATION != LATE_NOTE
        STEP(orphaned = true);
#endif
        recover()
#if MUTATION == LATE_NOTE
        ; end_change(); release(); STEP(orphaned = true); taken = false; goto acquire
#endif
    :: else -> goto acquire /* somebody was faster */
    fi;

section:
    taken = false;
    if
    :: STEP(CHECK(TOLD, orphaned || !untold); orphaned = false; untold = false) /* the lock is for several writes */
    :: skip
    fi;
    do
    :: break
    :: if :: item = 0 :: item = 1 :: item = NUMBER fi;
#if MUTATION != BEGIN_AFTER_DATA
        begin_change();
#endif
        if
        :: item == NUMBER -> write_number()
        :: else -> write_text()
        fi;
#if MUTATION == BEGIN_AFTER_DATA
        begin_change();
#endif
        item = 0
    od;
#if MUTATION == END_AFTER_RELEASE
    release(); end_change();
#else
    end_change(); release();
#endif
    goto acquire;

killed: /* the kernel drops the lease a while later */
    atomic { lease[_pid] = false; inside[_pid] = false; joining[_pid] = false };
    goto join
}

/* Reads text 0 as pshmi_look_next does, and with it the list as try_snapshot in waiting.c does; text 1 is like text 0,
 * and to read a number is one step. What is no snapshot from the start is read all the same, as an item by itself. The
 * second look at a version is the one that would find it moved: what is read after that is void, so here the reader
 * begins again at once. */
active proctype reader()
{
    bool valid, copied, alive;

    do
    ::  d_step { alive = list_odd; snapshot = SOUND };
        if
        :: alive && MUTATION != NO_ABANDONMENT ->
            d_step { seen[2] = lock; alive = (lock != 0) };
            if
            :: alive ->
                alive = HAS_LEASE(seen[2]);
                d_step {
                    alive = alive && IS_CURRENT(seen[2]);
                    snapshot = (alive || snapshot == VOID -> VOID : SOUND);
                    seen[2] = 0; alive = false
                }
            :: else -> snapshot = VOID
            fi
        :: else -> alive = false
        fi;
        do
        ::  atomic { reading = true; right = true; copied = odd[0] && MUTATION != NO_COPY_READ };
            {
                valid = (!copied || journal == 1);
                right = (copied -> copy[0] : slot[0]) == NOW(0);
                right = right && (copied -> copy[1] : slot[1]) == NOW(0);
                atomic { CHECK(BOUNDED_WAIT, valid); CHECK(OLD_OR_NEW, right); break }
            } unless { !reading };
            right = false
        od;
        atomic {
            CHECK(ONE_STATE, snapshot == VOID || (snapshot == SOUND && !midway));
            reading = false; right = false; copied = false; valid = false; snapshot = VOID
        }
    od
}
