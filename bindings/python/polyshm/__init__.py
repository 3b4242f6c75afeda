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
from ._polyshm import IntegerRangeError
from .list import ShareableList
from .manager import SharedMemoryManager
from .segment import SharedMemory

__all__ = ["IntegerRangeError", "ShareableList", "SharedMemory", "SharedMemoryManager"]
__version__ = _polyshm.version()

# Pickles name a class by its module: let that be the public one.
SharedMemory.__module__ = ShareableList.__module__ = SharedMemoryManager.__module__ = __name__
