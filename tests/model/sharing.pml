/* How processes share a list: a model of runtime/sync/{lock,journal,change} and runtime/list/{section,look,waiting}.
 *
 * Two writers and a reader share a list of two items, of two words each. Each access to shared memory and each question to
 * the kernel is one step. The processes take their steps in any order, and before each of its steps a writer may be killed,
 * KILLS times in all; a new process then comes in its place, with any participant number that is free.
 *
 * A writer adds 1 to both items, in one section. What must hold, whatever the order:
 *
 *   - no two live writers are in a section at once
 *   - the lock is never lost: a writer gives up or has its turn. Here one that would ask again in vain is stuck
 *     until the answer is another one; one that is stuck for ever is an invalid end state
 *   - an item is whole, and has the value of the last write that was committed: for the reader, also while it is being
 *     written or its writer is dead, and for who has the lock. So nothing that was acknowledged is undone, and nothing is
 *     seen that is undone later
 *   - the reader reads an item again only if its version has moved: each time, somebody wrote
 *   - a snapshot is the list as it was between two sections, or as a dead writer left it
 *
 * Left out: sleeping and waking, for sleepers wake by themselves, and with it the sleepers' bit of the lock; threads and
 * reentrance, which are private to a process; the order in which processors show their stores to others, for here each step
 * is seen by all at once (the SYNC comments in the code are about that); other items' versions and generations that wrap.
 *
 * NUMBER makes item 1 a number, written by a single store. MUTATION=name puts in a fault, one of the following, which must
 * be found. test_model.sh does all that. */

#define CLEAR_BEFORE_DATA     1 /* the journal is cleared before the item is changed */
#define CLOSE_BEFORE_DATA     2 /* the item's version becomes even before the item is changed */
#define NO_JOURNAL            3 /* the item is changed without a copy */
#define OPEN_BEFORE_COPY      4 /* the item's version becomes odd before the copy is in the journal */
#define NO_ROLLBACK           5 /* who takes the lock over leaves the item as it is */
#define CLEAR_BEFORE_ROLLBACK 6 /* who takes the lock over clears the journal first */
#define NO_LEASE              7 /* a holder is dead only if its number has another generation */
#define NO_GENERATION         8 /* a holder is dead only if nobody has its lease */
#define NO_QUESTION           9 /* who has kept the lock for a while is dead */
#define NO_COMPARISON        10 /* the lock is taken over whoever has it by then */
#define NO_SECOND_LOOK       11 /* the reader does not look at the item's version again */
#define NO_COPY_READ         12 /* the reader reads the item itself while its version is odd */
#define NO_END_OF_RECOVERY   13 /* who takes the lock over writes on under the dead holder's version of the list */

#ifndef MUTATION
#define MUTATION              0
#endif
#ifndef KILLS
#define KILLS                 2
#endif

#define NOBODY                7 /* no participant number, no item */
#define NEVER               255 /* no version */

/* Shared memory. */
byte lock, generation[2], list_version, item_version[2];
byte journal;              /* the item that it is for, plus 1 */
byte copy[2], slot[4];     /* item i has the words 2i and 2i + 1 */

/* The kernel's: whether somebody has the lease of a participant number. */
bool lease[2];

/* For the checks only. */
byte kills = KILLS;
byte reading = NOBODY, version, list_seen = NEVER, first, one, other; /* the reader's */
bool inside[2];            /* by writer: it has the lock, and lives */
byte committed[2];         /* by item */
byte settled[2];           /* by item: its value when the last section ended, or its writer died */

#define WORD(n)          ((n + 1) << 4 | generation[n])
#define NUMBER_OF(word)  ((word >> 4) - 1)
#define IS_ODD(version)  (version & 1)

/* What is_dead in lock.c asks of the holder that a lock word names: two questions, one after the other. */
#if MUTATION == NO_QUESTION
#define HAS_LEASE(word)  false
#elif MUTATION == NO_LEASE
#define HAS_LEASE(word)  true
#else
#define HAS_LEASE(word)  (NUMBER_OF(word) != number && lease[NUMBER_OF(word)])
#endif
#if MUTATION == NO_GENERATION
#define IS_CURRENT(word) true
#else
#define IS_CURRENT(word) (generation[NUMBER_OF(word)] == (word & 15))
#endif

#ifdef NUMBER
#define IS_NUMBER(item)  (item == 1)
#else
#define IS_NUMBER(item)  false
#endif
#define IS_RIGHT(item, one, other) (one == committed[item] && (IS_NUMBER(item) || one == other))

#if defined(REMEMBER) || MUTATION == NO_SECOND_LOOK
#define VOID(condition) skip
#else
#define VOID(condition) \
    if :: condition -> list_seen = NEVER; version = NEVER; first = 0; one = 0; other = 0; reading = NOBODY :: else fi
#endif
#define MOVE(to)  item_version[item] = to; VOID(reading == item)
#define MOVE_LIST list_version++; VOID(list_seen != NEVER)
#define LOAD(copy, slot) (version == NEVER -> 0 : (copied -> copy : slot))
#define SETTLE    settled[0] = committed[0]; settled[1] = committed[1]
#define ENTER     assert(!inside[1 - _pid]); inside[_pid] = true
#define DIE       d_step { kills > 0 -> kills--; if :: inside[_pid] -> inside[_pid] = false; SETTLE :: else fi }
#define STEP(act) if :: d_step { act } :: DIE -> goto killed fi

/* Writing an item (journal.c), by its steps. */
inline copy_item() { STEP(copy[0] = slot[2 * item]); STEP(copy[1] = slot[2 * item + 1]); STEP(journal = item + 1) }
inline open()      { STEP(MOVE(item_version[item] | 1)) }
inline change()    { STEP(slot[2 * item]++); STEP(slot[2 * item + 1]++) }
inline close()     { STEP(MOVE((item_version[item] | 1) + 1); committed[item]++) }
inline clear()     { STEP(journal = 0) }

inline write_item()
{
#if MUTATION == OPEN_BEFORE_COPY
    open(); copy_item(); change(); close(); clear()
#elif MUTATION == NO_JOURNAL
    open(); change(); close(); clear()
#elif MUTATION == CLEAR_BEFORE_DATA
    copy_item(); open(); clear(); change(); close()
#elif MUTATION == CLOSE_BEFORE_DATA
    copy_item(); open(); close(); change(); clear()
#else
    copy_item(); open(); change(); close(); clear()
#endif
}

inline write_number()
{
    STEP(slot[2 * item]++; committed[item]++);
    STEP(MOVE((item_version[item] | 1) + 1))
}

/* The version of the list (change.c). */
inline begin_change() { STEP(if :: !IS_ODD(list_version) -> MOVE_LIST :: else fi) }
inline end_change()   { STEP(if :: IS_ODD(list_version) -> MOVE_LIST; SETTLE :: else fi) }

/* What pshmi_journal_pending finds goes to item; NOBODY if it finds nothing. */
inline look_for_pending()
{
    STEP(if :: journal != 0 && IS_ODD(item_version[journal - 1]) -> item = journal - 1 :: else -> item = NOBODY fi)
}

inline put_back()
{
#if MUTATION == CLEAR_BEFORE_ROLLBACK
    clear();
#endif
    STEP(slot[2 * item] = copy[0]);
    STEP(slot[2 * item + 1] = copy[1]);
    STEP(MOVE((item_version[item] | 1) + 1));
    clear()
}

/* After a takeover (section.c). */
inline recover()
{
    begin_change();
#if MUTATION != NO_ROLLBACK
    look_for_pending();
    if
    :: item != NOBODY -> put_back()
    :: else
    fi;
#endif
#if MUTATION != NO_END_OF_RECOVERY
    end_change();
#endif
}

active [WRITERS] proctype writer()
{
    byte number = NOBODY, mine, seen, item;
    bool alive, taken;

join: /* the lease first, then the generation */
    if
    :: d_step { !lease[0] -> lease[0] = true; number = 0 }
    :: d_step { !lease[1] -> lease[1] = true; number = 1 }
    :: DIE -> goto killed
    fi;
    STEP(generation[number]++; mine = WORD(number));

acquire: /* lock.c */
    STEP(seen = lock; taken = (seen == 0); if :: taken -> lock = mine; ENTER :: else fi);
    if
    :: taken -> taken = false; goto section
    :: else
    fi;
    STEP(alive = HAS_LEASE(seen));
    STEP(alive = alive && IS_CURRENT(seen));
    if
    :: alive -> seen = 0; alive = false; goto end_idle /* its time is up */
    :: alive ->
        if
        :: lock != seen || !(HAS_LEASE(seen) && IS_CURRENT(seen)) -> goto acquire
        :: DIE -> goto killed
        fi
    :: else
    fi;
    STEP(taken = (lock == seen || MUTATION == NO_COMPARISON); if :: taken -> lock = mine; ENTER :: else fi);
    if
    :: taken -> taken = false; seen = 0; recover()
    :: else -> seen = 0; goto acquire /* somebody was faster */
    fi;

section:
    assert(IS_RIGHT(0, slot[0], slot[1]) && IS_RIGHT(1, slot[2], slot[3]));
    begin_change();
    item = 0;
    do
    :: item < 2 ->
        if
        :: IS_NUMBER(item) -> write_number()
        :: else -> write_item()
        fi;
        item++
    :: else -> break
    od;
    item = 0;
    end_change();
    STEP(lock = 0; inside[_pid] = false);

end_idle: /* attached, with its lease, until it is killed */
    if
    :: DIE -> goto killed
    fi;

killed: /* the kernel drops the lease a while later */
    atomic {
        if :: number != NOBODY -> lease[number] = false :: else fi;
        number = NOBODY; mine = 0; seen = 0; item = 0; alive = false; taken = false
    };
    goto join
}

/* Reads an item as pshmi_look_next does. */
inline read_item(item)
{
    atomic { reading = item; version = item_version[item]; copied = IS_ODD(version) && MUTATION != NO_COPY_READ };
    valid = (!copied || journal == item + 1);
    one = LOAD(copy[0], slot[2 * item]);
    other = LOAD(copy[1], slot[2 * item + 1]);
    atomic {
        valid = valid && (item_version[item] == version || MUTATION == NO_SECOND_LOOK);
        assert(!valid || IS_NUMBER(item) || IS_RIGHT(item, one, other));
        assert(valid || item_version[item] != version);
        if
        :: !valid -> goto end_read
        :: else -> reading = NOBODY
        fi
    }
}

/* Reads a list as try_snapshot in waiting.c does. */
inline read_list()
{
    list_seen = list_version;
    if
    :: IS_ODD(list_seen) && list_seen != NEVER ->
        holder = lock;
        alive = (holder == 0 || HAS_LEASE(holder));
        alive = alive && (holder == 0 || IS_CURRENT(holder));
        if
        :: alive -> goto end_read
        :: else
        fi
    :: else
    fi;
    read_item(0);
    first = one;
    read_item(1);
    assert(list_version != list_seen || (first == settled[0] && one == settled[1]))
}

/* Only one try: when that is void, the next one is as that of a reader that begins later. */
active proctype reader()
{
    byte number = NOBODY, holder;
    bool valid, copied, alive;
    if
    :: read_item(0)
    :: read_item(1)
    :: read_list()
    fi;
end_read:
    atomic { reading = NOBODY; list_seen = NEVER; version = NEVER; holder = 0; first = 0; one = 0; other = 0;
             valid = false; copied = false; alive = false }
}
