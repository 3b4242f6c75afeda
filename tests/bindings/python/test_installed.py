"""polyshm.install and python -m polyshm.run: programs that are written for the standard library, and not changed."""

import sys
from pathlib import Path

import pytest

import polyshm

METHODS = ["fork", "spawn", "forkserver"]
PACKAGE = Path(polyshm.__file__).parents[1]

# Takes the names as most programs do, and says whose they are in the last of its processes, and in the first.
PROGRAM = """
import multiprocessing, sys
from multiprocessing.managers import SharedMemoryManager
from multiprocessing.shared_memory import SharedMemory, ShareableList

def whose():
    return {cls.__module__.split(".")[0] for cls in (SharedMemory, ShareableList, SharedMemoryManager)}

def child(items):
    items[0] = ",".join(whose())

def grandchild(method, items):
    child(items)
    process = multiprocessing.get_context(method).Process(target=child, args=(items,))
    process.start()
    process.join()

if __name__ == "__main__":
    method, target = sys.argv[1], {"child": child, "grandchild": grandchild}[sys.argv[2]]
    with SharedMemoryManager() as manager:
        items = manager.ShareableList([" " * 15])
        arguments = (items,) if target is child else (method, items)
        process = multiprocessing.get_context(method).Process(target=target, args=arguments)
        process.start()
        process.join()
        print(*whose(), items[0], process.exitcode)
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


@pytest.fixture
def run(start_child):
    """Runs Python; gives its status and what it printed."""

    def do(*arguments, directory=None, environment=None):
        script = (
            "import os, sys\n"
            f"os.chdir({str(directory or '.')!r})\n"
            f"os.execve(sys.executable, [sys.executable, *sys.argv[1:]], {{**os.environ, **{environment or {}!r}}})\n"
        )
        child = start_child(script, *arguments)
        output, errors = child.communicate(timeout=60)
        return child.returncode, output, errors

    return do


# The unchanged program, in all processes


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("generation", ["child", "grandchild"])
def test_a_program_and_its_children_have_ours(run, program, method, generation):
    assert run("-m", "polyshm.run", program, method, generation) == (0, "polyshm polyshm 0\n", "")


@pytest.mark.parametrize("method", METHODS)
def test_without_it_they_have_the_standard_librarys(run, program, method):
    status, output, _ = run(program, method, "child")
    assert (status, output) == (0, "multiprocessing multiprocessing 0\n")


@pytest.mark.parametrize("method", METHODS)
def test_a_module_is_run_as_well(run, program, method):
    command = ["-m", "polyshm.run", "-m", program.stem, method, "child"]
    assert run(*command, directory=program.parent) == (0, "polyshm polyshm 0\n", "")


@pytest.mark.parametrize("method", METHODS)
def test_children_have_ours_where_their_search_path_does_not_have_polyshm(run, program, method):
    """The program adds to sys.path itself, and installs in its first process only."""
    text = (
        f"import sys\nsys.path.insert(0, {str(PACKAGE)!r})\n"
        "if __name__ == '__main__':\n    import polyshm\n    polyshm.install()\n"
    )
    program.write_text(text + PROGRAM)
    assert run(program, method, "child", environment={"PYTHONPATH": ""}) == (0, "polyshm polyshm 0\n", "")


def test_what_a_fork_server_preloads_has_ours(run, program):
    (program.parent / "preloaded.py").write_text("from multiprocessing.shared_memory import SharedMemory\n")
    script = (
        "import multiprocessing, sys\n"
        "def child():\n"
        "    import preloaded\n"
        "    print(preloaded.SharedMemory.__module__, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('forkserver')\n"
        "    context.set_forkserver_preload(['__main__', 'preloaded'])\n"
        "    process = context.Process(target=child)\n"
        "    process.start()\n"
        "    process.join()\n"
    )
    program.write_text(script)
    environment = {"PYTHONPATH": f"{PACKAGE}:{program.parent}"}
    assert run("-m", "polyshm.run", program, environment=environment) == (0, "polyshm\n", "")


def test_pools_have_ours(run, program):
    program.write_text(
        "import multiprocessing\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from multiprocessing.shared_memory import SharedMemory\n"
        "def whose(_):\n"
        "    return SharedMemory.__module__\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with context.Pool(1) as pool, ProcessPoolExecutor(1, context) as executor:\n"
        "        print(*pool.map(whose, [0]), *executor.map(whose, [0]))\n"
    )
    assert run("-m", "polyshm.run", program) == (0, "polyshm polyshm\n", "")


# install


INSTALL = """
import multiprocessing.shared_memory as before, sys
assert "multiprocessing.managers" not in sys.modules
import polyshm
stock = before.SharedMemory
polyshm.install()
polyshm.install()
from multiprocessing import forkserver, managers, shared_memory, spawn
assert shared_memory.SharedMemory is polyshm.SharedMemory and shared_memory.ShareableList is polyshm.ShareableList
assert managers.SharedMemoryManager is polyshm.SharedMemoryManager
assert stock is not polyshm.SharedMemory and stock.__module__ == "multiprocessing.shared_memory"
assert spawn.get_preparation_data.__wrapped__.__module__ == "multiprocessing.spawn"
assert not hasattr(spawn.get_preparation_data.__wrapped__, "__wrapped__")
assert forkserver._forkserver._preload_modules == ["polyshm.installed"]
print("fine")
"""


def test_install_puts_the_classes_in_place_once(run):
    assert run("-c", INSTALL) == (0, "fine\n", "")


def test_importing_polyshm_installs_nothing_and_takes_no_multiprocessing(run):
    script = "import polyshm, sys; print([name for name in sys.modules if name.startswith('multiprocessing')])"
    assert run("-c", script) == (0, "[]\n", "")


def test_a_pickle_of_the_standard_librarys_becomes_ours(run, segment):
    script = (
        "import pickle, sys, polyshm\n"
        "polyshm.install()\n"
        "pickled = pickle.dumps(polyshm.SharedMemory).replace(b'polyshm', b'multiprocessing.shared_memory')\n"
        "from multiprocessing.shared_memory import SharedMemory\n"
        "shm = SharedMemory(sys.argv[1], False, 16)  # what such a pickle calls\n"
        "print(type(shm).__module__, shm.size)\n"
    )
    assert run("-c", script, segment.name) == (0, "polyshm 16\n", "")


# run


SHOW = "import sys; print(__name__, __file__, sys.argv, sys.path[0], sys.modules['__main__'].__dict__ is globals())\n"


@pytest.mark.parametrize("path", ["program.py", "../{}/program.py"])
def test_a_program_is_run_as_python_would(run, program, path):
    program.write_text(SHOW)
    command = [path.format(program.parent.name), "a", "-m", "--b"]
    ours, plain = (run(*how, *command, directory=program.parent) for how in (["-m", "polyshm.run"], []))
    # From 3.9 on Python makes the path of the program that it is given an absolute one.
    assert ours[1].replace(f" {command[0]} ", f" {program.parent / command[0]} ") == plain[1].replace(
        f" {command[0]} ", f" {program.parent / command[0]} "
    )
    assert (ours[0], ours[2]) == (plain[0], plain[2]) == (0, "")


def test_a_module_is_run_as_python_would(run, program):
    program.write_text(SHOW + "print(__spec__.name, __package__ == '')\n")
    plain = run("-m", "program", "a", directory=program.parent)
    assert plain[0] == 0
    assert run("-m", "polyshm.run", "-m", "program", "a", directory=program.parent) == plain


@pytest.mark.parametrize("end, status", [("", 0), ("sys.exit(3)", 3), ("sys.exit('words')", 1), ("1 / 0", 1)])
def test_the_status_is_the_programs(run, program, end, status):
    program.write_text(f"import sys\n{end}\n")
    found, _, errors = run("-m", "polyshm.run", program)
    assert found == status
    assert ("program.py" in errors) == ("/" in end)


def test_threads_that_outlive_the_main_module_still_have_it(run, program):
    program.write_text(
        "import pickle, threading\n"
        "def thread():\n"
        "    threading.main_thread().join()\n"
        "    print(pickle.loads(pickle.dumps(thread)) is thread)\n"
        "threading.Thread(target=thread).start()\n"
    )
    assert run("-m", "polyshm.run", program) == run(program) == (0, "True\n", "")


@pytest.mark.parametrize("arguments, status", [((), 1), (("-m",), 1), (("-h",), 0), (("--help",), 0)])
def test_usage(run, arguments, status):
    found, output, errors = run("-m", "polyshm.run", *arguments)
    assert found == status and "python -m polyshm.run program.py" in (errors if status else output)


def test_a_program_that_is_not_there_is_an_error(run, tmp_path):
    for wrong, why in ((tmp_path / "none.py", "No such file"), (tmp_path, "Is a directory"), ("-c", "No such file")):
        status, _, errors = run("-m", "polyshm.run", wrong)
        assert status == 2 and errors.startswith(f"polyshm.run: cannot open '{wrong}': {why}"), errors
    status, _, errors = run("-m", "polyshm.run", "-m", "no_such_module")
    assert status == 1 and "no_such_module" in errors
