"""A block's life, and a manager's. Peers: the standard library, posix_ipc."""

import mmap
import sys
from multiprocessing import managers
from multiprocessing import shared_memory as stock

import polyshm
import posix_ipc
from cases import measure

SIZE = 4096
UNTRACKED = ", track=False" if sys.version_info >= (3, 13) else ""  # before, the standard library tracks all the same
LIVE = "shm = side.SharedMemory(create=True, size=4096{}); shm.close(); shm.unlink()"


def live_posix_ipc(name="/t_bench_posix_ipc"):
    memory = posix_ipc.SharedMemory(name, posix_ipc.O_CREX, size=SIZE)
    mmap.mmap(memory.fd, SIZE).close()
    memory.close_fd()
    memory.unlink()


def attach_posix_ipc(name):
    memory = posix_ipc.SharedMemory("/" + name)
    mmap.mmap(memory.fd, memory.size).close()
    memory.close_fd()


def discard(blocks, unlink=True):
    while blocks:
        shm = blocks.pop()
        shm.close()
        if unlink:
            shm.unlink()


def measure_sides():
    sides, made = (("polyshm", polyshm, ", track=False"), ("stock", stock, UNTRACKED)), []
    for name, side, untracked in sides:
        measure("create + close + unlink", name, LIVE.format(untracked), {"side": side})
    for name, side, _ in sides:
        measure("create + close + unlink, tracked", name, LIVE.format(""), {"side": side})
    for name, side, _ in sides:
        measure("create, tracked", name, "made.append(side.SharedMemory(create=True, size=4096))",
                {"side": side, "made": made}, after=lambda: discard(made), loops=50)
    for name, side, _ in sides:
        shm = side.SharedMemory(create=True, size=SIZE)
        measure("attach + close, 4 KiB", name, "side.SharedMemory(name).close()", {"side": side, "name": shm.name})
        discard([shm])


def measure_manager(name, manager):
    """The standard library's manager unlinks what it owns, and stops at what is gone: that stays for it to unlink."""
    owner, made = manager(), []
    owner.start()
    measure("create, managed", name, "made.append(owner.SharedMemory(4096))", {"owner": owner, "made": made},
            after=lambda: discard(made, unlink=False), loops=50)
    measure("start + end of a manager", name, "one = manager(); one.start(); one.shutdown()", {"manager": manager},
            loops=1)
    owner.shutdown()


def main():
    measure_sides()
    measure("create + close + unlink, sparse", "polyshm", LIVE.format(", track=False, sparse=True"), {"side": polyshm})
    measure("create + close + unlink, sparse", "posix_ipc", "live()", {"live": live_posix_ipc})
    shm = polyshm.SharedMemory(create=True, size=SIZE)
    measure("attach + close, 4 KiB", "posix_ipc", "attach(name)", {"attach": attach_posix_ipc, "name": shm.name})
    discard([shm])
    measure_manager("polyshm", polyshm.SharedMemoryManager)
    measure_manager("stock", managers.SharedMemoryManager)


if __name__ == "__main__":
    main()
