"""Items of a list: get, set, iterate, ranges, build, attach, count.

Peers: the standard library; a plain list and an array, the floor; and what processes share today: UltraDict, Redis over
a Unix socket, SQLite in /dev/shm.
"""

import array
import os
import sqlite3
import subprocess
import tempfile
import time
from multiprocessing import shared_memory as stock

import polyshm
import redis
import UltraDict
from cases import LENGTHS, measure, show

SIDES = {"polyshm": polyshm, "stock": stock}


def unlink(lists):
    while lists:
        shm = lists.pop().shm
        shm.close()
        shm.unlink()


# What is done with a list, how often the statement stands in its loop, whether it goes over all items, and whether the
# standard library's list has it.
CASES = (
    ("get an int", "items[at]", 10, False, True),
    ("set an int", "items[at] = 7", 10, False, True),
    ("iterate, per item", "for item in items: pass", 1, True, True),
    ("count, per item", "items.count(absent)", 1, True, True),
    ("read all, per item", "items[:]", 1, True, False),
    ("write all, per item", "items[:] = values", 1, True, False),
)


def measure_lists(length):
    """By polyshm, the standard library and a plain list."""
    values = list(range(length))
    shared = {name: side.ShareableList(values) for name, side in SIDES.items()}
    for case, statement, repeated, goes_over, is_stock in CASES:
        for side, items in {**shared, "list": list(values)}.items():
            if side == "stock" and (not is_stock or goes_over and length > 1000):
                continue  # a second and more
            names = {"items": items, "values": values, "at": length // 2, "absent": -1}
            measure(f"{case} ({length:,})", side, statement, names, per=length if goes_over else 1, repeated=repeated)
    unlink(list(shared.values()))


def measure_lives(length):
    values, count = list(range(length)), f"({length:,})"
    for name, side in SIDES.items():
        if side is stock and length > 1000:
            continue
        made, items = [], side.ShareableList(values)
        names = {"side": side, "values": values, "made": made, "name": items.shm.name}
        measure(f"build {count}", name, "made.append(side.ShareableList(values))", names,
                after=lambda: unlink(made), loops=5)
        measure(f"attach a list + close {count}", name, "side.ShareableList(name=name).shm.close()", names)
        show(f"memory, per item {count}", name, [items.shm.size / length], "B")
        unlink([items])
    measure(f"build {count}", "list", "list(values)", {"values": values})
    measure(f"build {count}", "array", "array('q', values)", {"array": array.array, "values": values})


def measure_array(length):
    items = array.array("q", range(length))
    measure(f"get an int ({length:,})", "array", "items[at]", {"items": items, "at": length // 2}, repeated=10)


def measure_ultradict(length):
    items = UltraDict.UltraDict(buffer_size=1 << 20, full_dump_size=1 << 22)
    for i in range(length):
        items[i] = i
    names = {"items": items, "at": length // 2}
    measure(f"get an int ({length:,})", "UltraDict", "items[at]", names)
    measure(f"set an int ({length:,})", "UltraDict", "items[at] = 7", names)
    items.unlink()


def measure_sqlite(length):
    """One transaction a write: others are to see it. The file is in memory, so nothing waits for a disk."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="t_bench_") as folder:
        base = sqlite3.connect(os.path.join(folder, "base"), isolation_level=None)
        base.executescript("pragma journal_mode=wal; pragma synchronous=off;"
                           "create table items (i integer primary key, value)")
        base.executemany("insert into items values (?, ?)", ((i, i) for i in range(length)))
        names, count = {"run": base.execute, "at": (length // 2,)}, f"({length:,})"
        measure(f"get an int {count}", "SQLite", "run('select value from items where i=?', at).fetchone()[0]", names)
        measure(f"set an int {count}", "SQLite", "run('update items set value=7 where i=?', at)", names)
        measure(f"read all, per item {count}", "SQLite", "run('select value from items order by i').fetchall()", names,
                per=length)
        base.close()


class Server:
    """A Redis of our own, behind a socket in a folder of its own."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="polyshm-bench-")
        socket = os.path.join(self.folder.name, "socket")
        self.process = subprocess.Popen(
            [os.environ["BENCH_REDIS"], "--port", "0", "--unixsocket", socket, "--save", "", "--dir", self.folder.name],
            env={**os.environ, "LD_LIBRARY_PATH": os.environ["BENCH_REDIS_LIBRARIES"]},
            stdout=subprocess.DEVNULL)
        client = redis.Redis(unix_socket_path=socket)
        for _ in range(500):
            try:
                client.ping()
                return client
            except redis.exceptions.ConnectionError:
                time.sleep(0.01)
        raise TimeoutError("redis-server does not answer")

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def measure_redis(client, length):
    count, key = f"({length:,})", f"items{length}"
    for i in range(0, length, 1000):
        client.rpush(key, *range(i, min(i + 1000, length)))
    names = {"client": client, "key": key, "at": length // 2}
    measure(f"get an int {count}", "Redis", "int(client.lindex(key, at))", names)
    measure(f"set an int {count}", "Redis", "client.lset(key, at, 7)", names)
    measure(f"read all, per item {count}", "Redis", "[int(item) for item in client.lrange(key, 0, -1)]", names,
            per=length)


def main():
    for length in LENGTHS:
        measure_lists(length)
        measure_lives(length)
        measure_array(length)
        measure_sqlite(length)
        if length <= 1000:  # more do not fit into its buffer
            measure_ultradict(length)
    if "BENCH_REDIS" in os.environ:
        with Server() as client:
            for length in LENGTHS:
                measure_redis(client, length)


if __name__ == "__main__":
    main()
