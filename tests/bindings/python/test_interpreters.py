"""Subinterpreters are refused in words, and leave the main interpreter as it was. So is a second import."""

import pytest

# Makes an interpreter that shares the lock of the main one, or has its own, and imports polyshm there.
SCRIPT = """
import sys
if sys.version_info < (3, 13):
    import _xxsubinterpreters as interpreters
    arguments = dict(isolated={own}) if sys.version_info >= (3, 9) else dict()
else:
    import _interpreters as interpreters
    arguments = dict(config="isolated" if {own} else "legacy")

def refuse():
    interpreter = interpreters.create(**arguments)
    interpreters.run_string(interpreter, '''
try:
    import polyshm
except ImportError as error:
    print(error, flush=True)
''')
    interpreters.destroy(interpreter)

if {before}:
    refuse()
import polyshm
with polyshm.ShareableList([1, "text"]) as items:
    refuse()
    items[0] += 1
    assert list(items) == [2, "text"] and items.shm.buf[32] == 2
    items.unlink()
"""


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_a_subinterpreter_is_an_import_error(run_child, own, before):
    said = run_child(SCRIPT.format(own=own, before=before)).splitlines()
    assert len(said) == 1 + before
    for line in said:
        assert "support" in line and "subinterpreters" in line and "polyshm" in line


def test_a_second_import_gives_the_same_types(run_child):
    run_child(
        "import sys, polyshm\n"
        "first = polyshm._polyshm, polyshm.IntegerRangeError\n"
        "for name in [name for name in sys.modules if name.startswith('polyshm')]: del sys.modules[name]\n"
        "import polyshm\n"
        "assert first == (polyshm._polyshm, polyshm.IntegerRangeError)\n"
        "assert polyshm._polyshm.__name__ == 'polyshm._polyshm'\n"
        "with polyshm.ShareableList([1]) as items: items.unlink()\n"
    )
