"""A visit, in Python: `visit.py polyshm_ctypes LIST ADDRESS`, or polyshm_cffi. The other visits do and print the same.

Attaches to a list that another language made, prints its items, writes, waits until another process changes item 1, and
leaves a list with the manager that is at the address.
"""
import importlib
import sys

polyshm = importlib.import_module(sys.argv[1])
KINDS = {type(None): "none", bool: "bool", int: "int64", float: "float64", str: "str", bytes: "bytes"}


def line(value):
    text = value.hex() if isinstance(value, bytes) else "-" if value is None else str(value)
    return f"{KINDS[type(value)]} {text.lower() if isinstance(value, bool) else text}"


with polyshm.List.attach(sys.argv[2]) as shared:
    for value in shared:
        print(line(value))
    print("bytes", bytes(shared.segment().buffer()[:8]).hex())

    with shared.lock():
        shared[0] = "visited"
        print("sum", shared.add(len(shared) - 1, 5))

    seen = shared.version()
    print("waiting", flush=True)
    shared.wait(seen, 60.0)
    print("changed", line(shared[1]))

    with polyshm.Manager.connect(sys.argv[3]) as manager:
        left = manager.create_list(None, list(shared))
        print("left", manager.names() == [left.segment().name()], left.segment().name(), flush=True)

try:
    polyshm.List.attach(sys.argv[2] + "_not")
except FileNotFoundError as error:
    print("error", error.strerror)

try:
    polyshm.List.attach(5)
except TypeError:
    pass  # a number is not taken for the address of a text
