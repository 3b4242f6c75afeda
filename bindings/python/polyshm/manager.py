"""SharedMemoryManager: an owner of blocks."""

from . import _polyshm
from .list import ShareableList
from .segment import SharedMemory, create_flags, create_size


def _is_name(address):
    return isinstance(address, str) and "/" not in address


class SharedMemoryManager:
    """An owner of blocks: what is created through it goes when it is shut down, or the process that started it ends.

    SharedMemoryManager(address=None, authkey=None, serializer="pickle", ctx=None, *, shutdown_timeout=1.0)

    address   a name of up to 250 bytes of UTF-8 without '/', by which other processes connect; None for a fresh one
    authkey   up to 255 bytes that they must give, too; None is none. It guards against mistakes: other users cannot
              connect anyhow, and processes of this user can find it out
    serializer, ctx, shutdown_timeout   taken for the sake of programs that give them, and of no effect: they are for
              the server process, which there is none of

    start makes a manager, which this process owns; connect joins one that another process owns, in whatever language
    of polyshm that is written. Through both one creates blocks. When the owner shuts it down, or ends, however it ends,
    all of them are unlinked, at once; who is attached stays attached.

        with SharedMemoryManager() as manager:                  # starts it
            items = manager.ShareableList([1, 2, 3])
            run(manager.address, items.shm.name)                # a process that connects, one that attaches
        # here it is shut down, and the blocks are gone

    It differs from that of multiprocessing.managers in these. No process serves it, so creating is a matter of
    microseconds, and an initializer, get_server and register are refused (NotImplementedError). The address is a name.
    Whatever kills the owner, the blocks go, and one that somebody unlinked is no trouble to the rest. A child of fork
    does not own what its parent owns: it may create, but neither its end nor its with statement shuts anything down.

    Before start or connect, methods raise ValueError; when the manager has shut down, or its owner has ended,
    FileNotFoundError. A manager cannot be pickled: hand its address on. Collecting the object, or the end of the
    interpreter, shuts it down as well. Threads may share it. All that waits lets other threads run.
    """

    def __init__(self, address=None, authkey=None, serializer="pickle", ctx=None, *, shutdown_timeout=1.0):
        if address is not None and not _is_name(address):
            error = ValueError if isinstance(address, str) else TypeError
            raise error(f"the address of a manager is a name without '/', no path and no pair: {address!r}")
        self._address = address
        self._authkey = b"" if authkey is None else bytes(memoryview(authkey))

    _handle = None

    def start(self, initializer=None, initargs=()):
        """Start the manager. This process owns it then.

        multiprocessing.ProcessError when it was started, or has shut down; FileExistsError when another one is at the
        address; OSError when the library cannot make its folder, or start the helper that waits for the owner to end.
        NotImplementedError for an initializer: there is no server process to run it in.
        """
        if initializer is not None:
            raise NotImplementedError("a manager has no server process to run an initializer in")
        if self._handle is None:
            handle = _polyshm.SharedMemoryManager._start(self._address, self._authkey)
            if self.__dict__.setdefault("_handle", handle) is handle:
                return
        from multiprocessing import ProcessError  # takes longer to load than all of polyshm

        raise ProcessError("Manager has shut down" if self.closed else "Already started server")

    def connect(self):
        """Connect to the manager that another process, or this one, started at the address.

        ValueError without an address, and when what is there is no manager; FileNotFoundError when there is none;
        multiprocessing.AuthenticationError when it has another authkey.
        """
        if self._address is None:
            raise ValueError("to connect, a manager needs the address of one that was started")
        handle = _polyshm.SharedMemoryManager._connect(self._address, self._authkey)
        # Setting it only if there is none: start may have been quicker, and what it started must not be dropped.
        if not self.__dict__.setdefault("_handle", handle)._is_owner():
            self._handle = handle

    def get_server(self):
        """Not supported: there is no server. NotImplementedError."""
        raise NotImplementedError("a manager has no server: start() it, and connect() in other processes")

    @classmethod
    def register(cls, typeid, *args, **kwargs):
        """Not supported: objects of other types would need a server process to live in. NotImplementedError."""
        raise NotImplementedError(
            f"a manager has no server process for {typeid!r} to live in: register it with a BaseManager of "
            "multiprocessing.managers, beside this one"
        )

    def _open(self):
        if self._handle is None:
            raise ValueError("the manager was not started: call start, or connect to one that was")
        return self._handle

    @property
    def address(self):
        """The name by which others connect; None if it was not given one and is not started."""
        return self._address if self._handle is None else self._handle._address()

    @property
    def owner(self):
        """Whether this process started the manager, through this object, and it has not shut down."""
        return self._handle is not None and self._handle._is_owner()

    @property
    def closed(self):
        """Whether this object was closed, or the manager was shut down through it. It may connect again."""
        return self._handle is not None and self._handle._is_closed()

    def SharedMemory(self, size, *, name=None, mode=0o600, sparse=False):
        """Create a block of that many bytes, which the manager owns, and give a SharedMemory, attached to it.

        Arguments and errors are those of SharedMemory(name, create=True, size=size).
        """
        size, flags = create_size(size), create_flags(sparse, track=False)
        shm = SharedMemory.__new__(SharedMemory)
        self._open()._create_segment(name, size, mode, flags, shm)
        return shm

    def ShareableList(self, sequence, *, name=None, spare=0, mode=0o600, sparse=False):
        """Create a list of these items, which the manager owns, and give a ShareableList, attached to it.

        Arguments and errors are those of ShareableList(sequence).
        """
        items, flags = () if sequence is None else sequence, create_flags(sparse, track=False)
        made = ShareableList.__new__(ShareableList)
        self._open()._create_list(name, items, spare, mode, flags, made)
        return made

    def adopt(self, name):
        """Have the manager own the block of that name as well, whoever created it. FileNotFoundError without one."""
        self._open()._adopt(name)

    def release(self, name):
        """Have the manager own the block of that name no longer: it stays until somebody unlinks it.

        FileNotFoundError if there is no such block, ValueError if the manager does not own it.
        """
        self._open()._release(name)

    def names(self):
        """The names of the blocks that the manager owns and that exist, whoever created them."""
        return self._open()._names()

    def shutdown(self):
        """Unlink all blocks that the manager owns, and end it. Doing so again is fine.

        RuntimeError when this process did not start it.
        """
        self._open()._shutdown()

    def join(self, timeout=None):
        """Wait until the manager has ended and its blocks are gone; TimeoutError after that many seconds."""
        self._open()._join(timeout)

    def close(self):
        """Disconnect, as the end of a with statement does; the owner shuts the manager down. Closing again is fine."""
        self._open()._close()

    def __enter__(self):
        if self._handle is None or self.closed:
            self.start()
        return self

    def __exit__(self, *exception):
        self.close()

    def __reduce__(self):
        raise TypeError("a SharedMemoryManager cannot be pickled; hand on its address, and connect to it")

    def __repr__(self):
        if self._handle is None:
            state = "not started"
        elif self.closed:
            state = "ended"
        else:
            state = "started" if self.owner else "connected"
        return f"{type(self).__name__}({self.address!r}, {state})"
