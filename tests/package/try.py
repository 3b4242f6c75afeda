"""What an installed package must do, of the version that is given: a list, which the command reads, a tracked block,
which needs the helper, and a manager."""

import subprocess
import sys

import polyshm

assert polyshm.__version__ == sys.argv[1], polyshm.__version__

with polyshm.ShareableList([1, "text", None], name="t_package") as made:
    same = polyshm.ShareableList(name="t_package")
    assert list(same) == [1, "text", None]
    same.close()
    assert subprocess.check_output(["polyshm", "get", "t_package", "1"]) == b"text\n"
    made.unlink()

with polyshm.SharedMemory("t_package", create=True, size=100, track=True) as memory:
    memory.unlink()

with polyshm.SharedMemoryManager() as manager:
    manager.ShareableList([1])
    assert len(manager.names()) == 1

print("Python", polyshm.__version__)
