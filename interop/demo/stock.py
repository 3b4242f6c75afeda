"""Attaching with nothing but the standard library, as a guest who takes nothing away."""
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import ShareableList, SharedMemory


def _forget(block):
    """Tells the resource tracker that the block is not ours.

    Until 3.13 it notes every block that a process attaches to, and unlinks it when the process ends, under the hands of
    everyone else. 3.13 has track=False for that, but not yet for lists.
    """
    resource_tracker.unregister("/" + block.name, "shared_memory")


def attach_block(name):
    block = SharedMemory(name)
    _forget(block)
    return block


def attach_list(name):
    list_ = ShareableList(name=name)
    _forget(list_.shm)
    return list_
