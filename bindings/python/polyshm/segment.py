"""SharedMemory: a handle on a named block of memory."""

import operator
from functools import partial

from . import _polyshm


def create_flags(sparse, track, readonly=False, same_user=False):
    """The C library's flags for creating."""
    if readonly or same_user:
        raise ValueError("'readonly' and 'same_user' are for attaching to what exists")
    return (_polyshm.SEGMENT_SPARSE if sparse else 0) | (_polyshm.SEGMENT_TRACK if track else 0)


def create_size(size):
    """The size of a new block."""
    size = operator.index(size)
    if size > 0:
        return size
    positive = "a positive integer" if size < 0 else "a positive number different from zero"
    raise ValueError(f"'size' must be {positive}")


def attach_flags(readonly, same_user, sparse=False):
    """The C library's flags for attaching."""
    if sparse:
        raise ValueError("'sparse' is for creating")
    return (_polyshm.SEGMENT_READONLY if readonly else 0) | (_polyshm.SEGMENT_SAME_USER if same_user else 0)


class SharedMemory(_polyshm.SharedMemory):
    """A handle on a named block of memory that processes share.

    SharedMemory(name=None, create=False, size=0, *, track=True, mode=0o600, sparse=False, readonly=False,
                 same_user=False, timeout=0)

    create=True makes a new block, zero-filled, and attaches to it:

    name        up to 250 bytes of UTF-8 without '/', but that one in front is dropped; None for a fresh name
    size        bytes, 1 or more; exactly as many are there
    track       when this process has ended, however it ended, the block goes as soon as no process is attached to it;
                track=False: it stays until somebody unlinks it
    mode        permissions, whatever the umask is
    sparse      do not reserve the memory now; when it runs out later, a write ends the process (SIGBUS)

    create=False attaches to the block of that name:

    readonly    map it for reading only; needs no permission to write
    same_user   refuse a block that belongs to another user
    timeout     seconds to wait for the block to appear; None for ever. Ctrl-C ends the wait

    Raises FileExistsError, FileNotFoundError, TimeoutError, PermissionError, other OSErrors (no room: ENOSPC), or
    ValueError for an argument. On failure no block is left behind and none is removed.

    Tracking is done by a helper, the program polyshm, which the library starts. Where it cannot, a tracked block cannot
    be created: OSError.

    A handle differs from that of multiprocessing.shared_memory in these: views of buf stay valid after close; only
    creating is tracked, so an attached block is not removed when this process ends (track is accepted, and kept for
    pickles), nor is a created one while others use it; a new block has its memory reserved, so that a full /dev/shm is
    an error here.

    Collecting the handle closes it. A with statement closes it, too; then read and write are ValueErrors. A pickle of
    it, or a copy, attaches by name.
    """

    def __init__(self, name=None, create=False, size=0, *, track=True, mode=0o600, sparse=False, readonly=False,
                 same_user=False, timeout=0):
        if create:
            self._create(name, create_size(size), mode, create_flags(sparse, track, readonly, same_user), self)
        elif operator.index(size) < 0:
            raise ValueError("'size' must be a positive integer")
        elif name is None:
            raise ValueError("'name' can only be None if create=True")
        else:
            self._attach(name, attach_flags(readonly, same_user, sparse), timeout, self)
        if not track:
            self._track = False

    _buf = None
    _track = True

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @classmethod
    def create_or_attach(cls, name, size, *, track=True, mode=0o600, sparse=False, same_user=False):
        """Attach to the block of this name or, where there is none, create it, in one step.

        Of many processes that do so at once one creates and all the others attach. Returns the handle, and whether it
        created the block. ValueError if the block is there, but smaller than size; the other errors are those of
        SharedMemory().
        """
        flags = create_flags(sparse, track) | attach_flags(False, same_user)
        self = cls.__new__(cls)
        created = cls._create_or_attach(name, size, mode, flags, self)
        if not track:
            self._track = False
        return self, created

    @staticmethod
    def exists(name):
        """Whether a block of this name exists. It may be another a moment later. OSError (EINVAL) for no name."""
        return _polyshm.SharedMemory._exists(name)

    @staticmethod
    def attached(name):
        """Whether any process, this one included, is attached to the block through polyshm.

        FileNotFoundError if there is no such block.
        """
        return _polyshm.SharedMemory._attached(name)

    @property
    def name(self):
        """The block's name; also when closed."""
        return _polyshm.SharedMemory._name(self)

    @property
    def _name(self):
        # Private there, but in wide use: resource_tracker.unregister(shm._name, "shared_memory").
        return f"/{self.name}"

    @property
    def size(self):
        """The size in bytes when the block was attached; also when closed."""
        return self._size()

    @property
    def readonly(self):
        """Whether the block was attached with readonly=True."""
        return self._is_readonly()

    @property
    def closed(self):
        """Whether the handle was closed."""
        return self._is_closed()

    @property
    def buf(self):
        """A memoryview of the bytes, always the same one; None when closed.

        It, and every view made of it (slices, NumPy arrays), stays valid beyond close and beyond the handle: the bytes
        stay mapped until the last view is gone. Read-only if the handle is.
        """
        if self._is_closed():
            return None
        if self._buf is not None:
            return self._buf
        view = self.__dict__.setdefault("_buf", self._view())
        if self._is_closed():  # by another thread, which may not have seen the view
            self.__dict__.pop("_buf", None)
        return view

    def read(self, offset=0, size=None):
        """Copy size bytes, by default all that follow, from offset on. ValueError if the block has not that many there."""
        if size is None:
            size = max(self.size - operator.index(offset), 0)
        return self._read(offset, size)

    def write(self, offset, data):
        """Copy data, any bytes-like object, into the block, from offset on.

        ValueError if it does not fit there, TypeError if the handle is read-only; then nothing is written.
        """
        self._write(offset, data)

    def close(self):
        """Detach from the block, which stays. Closing again is fine; views that were taken stay valid."""
        self._close()
        if self._buf is not None:
            self.__dict__.pop("_buf", None)

    def unlink(self):
        """Remove the block's name, if it still stands for this block; also when closed.

        Whoever is attached stays so; the memory is given back when the last of them closes. FileNotFoundError if the
        name is gone or stands for another block, which stays.
        """
        self._unlink()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __reduce__(self):
        return partial(type(self), self.name, readonly=self.readonly, track=self._track), ()

    def __repr__(self):
        state = ", closed" if self.closed else ""
        return f"{type(self).__name__}({self.name!r}, size={self.size}{state})"
