"""Importing this module does what polyshm.install says.

A child of fork has what its parent has. To the others goes a stowaway: multiprocessing sends each new process what it
needs to know about its parent (multiprocessing.spawn), and that carries a piece of code, which runs as it is read,
before the process imports the program's main module. A fork server imports this module before all that it is told to
preload. The main module it leaves to its children, for it would import that first.
"""

import functools
from multiprocessing import forkserver, managers, shared_memory, spawn
from pathlib import Path

from . import ShareableList, SharedMemory, SharedMemoryManager

_CODE = """
import sys
if "polyshm" not in sys.modules:
    sys.path.append({folder!r})  # the parent's own path comes with what is read next
import polyshm.installed
"""


class _Stowaway:
    def __reduce__(self):
        return exec, (_CODE.format(folder=str(Path(__file__).parents[1])), {})


def _with_stowaway(get_preparation_data):
    @functools.wraps(get_preparation_data)
    def replacement(*args, **kwargs):
        return {**get_preparation_data(*args, **kwargs), "polyshm": _Stowaway()}

    return replacement


def _with_preload(set_forkserver_preload):
    @functools.wraps(set_forkserver_preload)
    def replacement(modules_names):
        set_forkserver_preload([__name__, *(name for name in modules_names if name not in (__name__, "__main__"))])

    return replacement


shared_memory.SharedMemory, shared_memory.ShareableList = SharedMemory, ShareableList
managers.SharedMemoryManager = SharedMemoryManager

spawn.get_preparation_data = _with_stowaway(spawn.get_preparation_data)
forkserver.set_forkserver_preload = _with_preload(forkserver.set_forkserver_preload)
forkserver.set_forkserver_preload(forkserver._forkserver._preload_modules)  # what was set until now
