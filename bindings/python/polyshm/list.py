"""ShareableList: typed items in a block."""

import reprlib
import types
from contextlib import suppress
from functools import partial

from . import _polyshm
from .segment import SharedMemory, attach_flags, create_flags

# The types whose == the C library knows.
_EXACT = frozenset((type(None), bool, int, float, str, bytes))

_TYPES = ("none", "bool", "int64", "float64", "str", "bytes")

_short = reprlib.Repr()
_short.maxlist = 100
_short.maxstring = _short.maxother = 1000


class ShareableList(_polyshm.ShareableList):
    """A list of None, bool, int, float, str and bytes in a block that processes share. Its length is fixed.

    ShareableList(sequence=None, *, name=None, spare=0, track=True, mode=0o600, sparse=False, readonly=False,
                  same_user=False, timeout=0)

    A sequence, or no name, makes a new list of these items, and attaches to it:

    sequence    any iterable; subclasses of the types count by their value, as an IntEnum does
    name        up to 250 bytes of UTF-8 without '/'; None for a fresh name
    spare       bytes that texts, bytes and None get beyond their value, to hold longer ones later
    track, mode, sparse   as for SharedMemory

    A name alone attaches to the list in that block; readonly, same_user and timeout are as for SharedMemory.

    The errors are those of SharedMemory, and: ItemTypeError for an item of another type, IntegerRangeError for an
    integer beyond 64 bits, UnicodeEncodeError for a text with lone surrogates, ValueError for a block that is no list.
    On failure no block is left behind.

    list[i] and list[i] = value work as with a list: negative indices count from the end. An item may change its type;
    a text or bytes longer than its slot is a ValueError, and the item keeps its value. list[i:j] gives a plain list,
    and list[i:j] = values writes as many items as the slice has, all or, if one of them is refused, none.

    Any number of processes and threads may read and write one list at once. A reader sees an item as it was before or
    after a write, also when the writer dies in the middle of it, and never waits; a writer waits for the list's lock
    for as long as timeout says, and no longer (TimeoutError). lock makes one step of several writes, add and
    compare_exchange one of reading and writing, snapshot one of reading everything; wait sleeps until something
    changes. All that waits lets other threads run, and Ctrl-C ends it.

    A block of the standard library's ShareableList is served as well, and ours by it. Such a block has no lock and no
    versions (synchronized is False): there, and where a process of the standard library writes, a reader may meet half
    a value. Unlike there, texts of any script and values that end in NUL come back as they were written, and an index
    below -len is an IndexError.

    Collecting the list closes it. A with statement closes it, too; what needs the items is a ValueError then, as it is
    where a foreign block's item is none, or a UnicodeDecodeError where its text is no UTF-8. A pickle of it, or a copy,
    attaches by name, and has the timeout that it has at first.
    """

    def __init__(self, sequence=None, *, name=None, spare=0, track=True, mode=0o600, sparse=False, readonly=False,
                 same_user=False, timeout=0):
        if name is None or sequence is not None:
            items = () if sequence is None else sequence
            self._create(name, items, spare, mode, create_flags(sparse, track, readonly, same_user), self)
        else:
            self._attach(name, attach_flags(readonly, same_user, sparse), timeout, self)
        if not track:
            self._track = False

    _shm = None
    _track = True
    _timeout = 10.0

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    if hasattr(types, "GenericAlias"):
        __class_getitem__ = classmethod(types.GenericAlias)

    @property
    def shm(self):
        """The SharedMemory under the list, always the same one. Closing it closes the list."""
        if self._shm is not None:
            return self._shm
        shm = SharedMemory.__new__(SharedMemory)
        self._segment(shm)
        if not self._track:
            shm._track = False
        return self.__dict__.setdefault("_shm", shm)

    @property
    def format(self):
        """The struct formats of all items, one behind the other."""
        return self._format()

    @property
    def readonly(self):
        """Whether the list was attached with readonly=True; also when closed."""
        return self._is_readonly()

    @property
    def closed(self):
        """Whether the list was closed."""
        return self._is_closed()

    def type(self, index):
        """The type of an item: "none", "bool", "int64", "float64", "str" or "bytes". IndexError."""
        return _TYPES[self._type(index)]

    def count(self, value):
        """How many items equal value."""
        if type(value) in _EXACT:
            try:
                return self._count(value)
            except (_polyshm.IntegerRangeError, UnicodeEncodeError):
                pass  # No item holds it, but a float may still equal the integer.
        return sum(1 for item in self if value == item)

    def index(self, value):
        """The index of the first item that equals value. ValueError if there is none."""
        index = self._find(value)
        if index < 0:
            raise ValueError(f"{value!r} not in this container")
        return index

    def __contains__(self, value):
        return self._find(value) >= 0

    def _find(self, value):
        if type(value) in _EXACT:
            try:
                return self._index(value)
            except (_polyshm.IntegerRangeError, UnicodeEncodeError):
                pass  # As in count.
        return next((index for index, item in enumerate(self) if value == item), -1)

    @property
    def synchronized(self):
        """Whether the list has a lock and versions, as all have that polyshm made.

        The methods that need them raise ValueError where it is False.
        """
        return self._is_synchronized()

    @property
    def timeout(self):
        """How long a write or snapshot through this object waits for others, in seconds: 10 unless set, None for ever.

        ValueError for less than 0, TypeError for what is no number. lock and wait have timeouts of their own.
        """
        return self._timeout

    @timeout.setter
    def timeout(self, seconds):
        self._timeout = _polyshm.seconds(seconds)

    def lock(self, timeout=10):
        """Take the list's lock, within so many seconds (None: for ever), and give what a with statement needs:

            with items.lock() as held:
                items[0] += 1
                items[1] = "done"

        Until unlock, or the end of the with statement, no other process and no other thread writes to the list, and
        what this thread writes through this object shows as one step in snapshot and wait. Readers of single items are
        not held up. Whatever ends the with statement gives the lock back, also Ctrl-C at any instant; so does closing
        the list. A thread that ends does not.

        The lock is this thread's, through this object: it may take it again, and gives it back as often; through
        another object it would wait for itself. A child of fork does not have what its parent has, and leaves the with
        statement without a word. Tasks and generators of one thread share the lock: do not await or yield under it.

        A process that dies with the lock loses it. Then held.owner_died is True for the first who calls lock after
        that, also if others wrote single items meanwhile. Every item has a whole value; whether they belong together
        is for the caller to judge. A stopped process is not dead.

        TimeoutError when others have the lock for all that time; ValueError for a closed list, one that is not
        synchronized, or a negative timeout; TypeError for a read-only list, or a timeout that is no number; OSError
        (EMFILE) when 1,024 attachments write already. What lock gives serves one with statement, then RuntimeError.
        """
        return self._hold(timeout)

    def unlock(self):
        """Give the lock back. RuntimeError when this thread does not have it through this object.

        ValueError for a closed list, or one that is not synchronized.
        """
        self._unlock()

    def add(self, index, delta=1):
        """Add delta to an int, in one step for everybody, and give the sum.

        TypeError for an item that is no int, ValueError for a sum beyond 64 bits or a list that is not synchronized,
        and the errors of list[index] = value; the item keeps its value.
        """
        return self._add(index, delta)

    def compare_exchange(self, index, expected, desired):
        """Write desired if the item is expected, in one step for everybody, and give whether it was.

        Both are None, bool, int or float, and compared by type and bits: 1 is neither 1.0 nor True, and a NaN is
        itself. TypeError for text and bytes, ValueError for a list that is not synchronized, and the errors of
        list[index] = value.
        """
        return self._compare_exchange(index, expected, desired)

    def snapshot(self):
        """All items, and the version that they are of: (values, version).

        What others write under one lock is there as a whole, or not at all. Needs no right to write. ValueError for a
        list that is not synchronized, TimeoutError when others write for all the time that timeout allows; and the
        errors of list[:].
        """
        return self._snapshot()

    @property
    def version(self):
        """A number that each write moves, or, where a lock was taken, the end of that. ValueError as for lock."""
        return self._version()

    def item_version(self, index):
        """A number that each write to the item moves. IndexError; ValueError as for lock."""
        return self._item_version(index)

    def wait(self, seen, timeout=None, *, item=None):
        """Sleep until the list's version is not seen any more, and give the new one.

            seen = items.version
            while items[0] != "ready":
                seen = items.wait(seen)

        item  an index: wait for that item alone, whose item_version was seen

        TimeoutError when nothing changes for so many seconds (None: for ever); IndexError; TypeError and ValueError as
        for lock. Whoever holds the lock waits in vain, for nobody else can write. A write of the standard library
        moves no version.
        """
        return self._wait(seen, timeout) if item is None else self._wait_item(item, seen, timeout)

    async def changed(self, seen, *, item=None):
        """wait, for a task of asyncio: the event loop goes on meanwhile, and cancelling the task ends it.

            seen = items.version
            while items[0] != "ready":
                seen = await asyncio.wait_for(items.changed(seen), timeout=10)

        A thread sleeps for all tasks that await the same change; a tenth of a second after the last of them it is
        gone. The errors are those of wait; ValueError also when the list is closed meanwhile.
        """
        from .changes import change  # loads asyncio, which takes longer than all of polyshm

        while True:
            with suppress(TimeoutError):
                return self.wait(seen, 0, item=item)
            await change(self, seen, item)

    def close(self):
        """Detach from the block, which stays. Closing again is fine."""
        self._close()
        if self._shm is not None:
            self._shm.close()  # lets go of its buf

    def unlink(self):
        """Remove the block's name, as SharedMemory.unlink does."""
        self._unlink()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __reduce__(self):
        return partial(type(self), name=self.shm.name, readonly=self.shm.readonly, track=self._track), ()

    def __repr__(self):
        values = "closed" if self.closed else _short.repr(self[: _short.maxlist + 1])
        return f"{type(self).__name__}({values}, name={self.shm.name!r})"
