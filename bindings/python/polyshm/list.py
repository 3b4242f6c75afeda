"""ShareableList: typed items in a block."""

import reprlib
import types
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

    ShareableList(sequence=None, *, name=None, spare=0, mode=0o600, sparse=False, readonly=False, same_user=False,
                  timeout=0)

    A sequence, or no name, makes a new list of these items, and attaches to it:

    sequence    any iterable; subclasses of the types count by their value, as an IntEnum does
    name        up to 250 bytes of UTF-8 without '/'; None for a fresh name
    spare       bytes that texts, bytes and None get beyond their value, to hold longer ones later
    mode        permissions, whatever the umask is
    sparse      do not reserve the memory now; when it runs out later, a write ends the process (SIGBUS)

    A name alone attaches to the list in that block; readonly, same_user and timeout are as for SharedMemory.

    The errors are those of SharedMemory, and: TypeError for an item of another type, IntegerRangeError for an integer
    beyond 64 bits, UnicodeEncodeError for a text with lone surrogates, ValueError for a block that is no list. On
    failure no block is left behind.

    list[i] and list[i] = value work as with a list: negative indices count from the end. An item may change its type;
    a text or bytes longer than its slot is a ValueError, and the item keeps its value. list[i:j] gives a plain list,
    and list[i:j] = values writes as many items as the slice has, all or, if one of them is refused, none.

    A block of the standard library's ShareableList is served as well, and ours by it. Unlike there, texts of any
    script and values that end in NUL come back as they were written, and an index below -len is an IndexError.

    Collecting the list closes it. A with statement closes it, too. A pickle of it, or a copy, attaches by name.
    """

    def __init__(self, sequence=None, *, name=None, spare=0, mode=0o600, sparse=False, readonly=False,
                 same_user=False, timeout=0):
        _polyshm.fresh(self)
        if name is None or sequence is not None:
            items = () if sequence is None else sequence
            handle = self._create(name, items, spare, mode, create_flags(sparse, readonly, same_user))
        else:
            handle = self._attach(name, attach_flags(readonly, same_user, sparse), timeout)
        _polyshm.adopt(self, handle)

    _shm = None

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    if hasattr(types, "GenericAlias"):
        __class_getitem__ = classmethod(types.GenericAlias)

    @property
    def shm(self):
        """The SharedMemory under the list, always the same one. Closing it closes the list."""
        if self._shm is not None:
            return self._shm
        return self.__dict__.setdefault("_shm", SharedMemory._of(self._segment()))

    @property
    def format(self):
        """The struct formats of all items, one behind the other."""
        return self._format()

    @property
    def closed(self):
        """Whether the list was closed."""
        return self._is_closed()

    def type(self, index):
        """The type of an item: "none", "bool", "int64", "float64", "str" or "bytes"."""
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
        return partial(type(self), name=self.shm.name, readonly=self.shm.readonly), ()

    def __repr__(self):
        values = "closed" if self.closed else _short.repr(self[: _short.maxlist + 1])
        return f"{type(self).__name__}({values}, name={self.shm.name!r})"
