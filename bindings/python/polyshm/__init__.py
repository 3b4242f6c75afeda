"""Shared memory by name, between processes written in different languages.

SharedMemory and ShareableList are what multiprocessing.shared_memory has under these names, and read and write the
same blocks, so a process with nothing but the standard library can be at the other end. SharedMemoryManager is that of
multiprocessing.managers, and processes of other languages share it. They differ where the standard library loses data
or blocks: see the classes.

    >>> import polyshm
    >>> with polyshm.ShareableList([1, 2.5, "text", b"bytes", None, True], name="example") as items:
    ...     items[0] += 1
    ...     items.unlink()
"""

from . import _polyshm
from ._polyshm import IntegerRangeError, ItemTypeError
from .list import ShareableList
from .manager import SharedMemoryManager
from .segment import SharedMemory

__all__ = [
    "IntegerRangeError",
    "ItemTypeError",
    "ShareableList",
    "SharedMemory",
    "SharedMemoryManager",
    "abi_version",
    "block_names",
    "install",
    "status_name",
    "version",
]
__version__ = _polyshm.version()

# Pickles name a class by its module: let that be the public one.
SharedMemory.__module__ = ShareableList.__module__ = SharedMemoryManager.__module__ = __name__


def version():
    """The version of the library, "MAJOR.MINOR.PATCH", as __version__ has it."""
    return _polyshm.version()


def abi_version():
    """The version of the library's binary interface, an int."""
    return _polyshm.abi_version()


def status_name(status):
    """The name that C programs have for a status, such as "POLYSHM_ENOENT" for -5.

    "POLYSHM_UNKNOWN" for a number that is no status. IntegerRangeError beyond 64 bits.
    """
    return _polyshm.status_name(status)


def block_names():
    """The names of all blocks in /dev/shm, whoever made them, with whatever program. OSError if it cannot be read."""
    return _polyshm.block_names()


def install():
    """Put these classes in place of the standard library's, for a program whose imports are not to be changed.

    From then on multiprocessing.shared_memory has SharedMemory and ShareableList of polyshm, and
    multiprocessing.managers its SharedMemoryManager: here, and in all processes that multiprocessing starts from here,
    by whatever method, before they import anything of the program. What took the names earlier (from
    multiprocessing.shared_memory import SharedMemory) keeps what it took, so call it first of all; or leave the program
    as it is, and start it with

        python -m polyshm.run program.py arguments...

    Calling it again does nothing. A Python that is started in another way, as by subprocess, has the standard
    library's.
    """
    from . import installed  # takes multiprocessing, which takes longer to load than all of polyshm
