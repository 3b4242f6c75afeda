"""Checks that the golden vectors are what stock CPythons write: makes them anew with each that is installed.

    python3 check_vectors.py

The block's bytes must be the same, and its description but for the line that names the version. CPython 3.8 is asked
for the vectors of its own layout, the others for the rest. Those with a sync area are made anew from the others.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import make_sync_vectors  # noqa: E402
from interpreters import interpreters  # noqa: E402

DEADLINE = 120  # seconds


def content(folder, is_old):
    """What the vectors of one layout say, by file name; without the line that tells who wrote them."""
    files = [path for path in folder.iterdir() if path.suffix in (".bin", ".txt")]
    return {
        path.name: path.read_bytes() if path.suffix == ".bin" else path.read_text().partition("\n")[2]
        for path in files
        if path.name.startswith("py38_") == is_old
    }


def compare(python, is_old):
    """The number of files, and the names of those that this CPython writes differently."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, HERE / "make_vectors.py", folder], check=True, timeout=DEADLINE)
        made, golden = content(pathlib.Path(folder), is_old), content(HERE, is_old)
    names = sorted(made.keys() | golden.keys())
    return len(names), [name for name in names if made.get(name) != golden.get(name)]


def compare_sync():
    """The same of the vectors that no CPython makes."""
    made = make_sync_vectors.vectors()
    golden = {path.stem: path.read_bytes() for path in (HERE / "sync").iterdir()}
    names = sorted(made.keys() | golden.keys())
    return len(names), [name for name in names if made.get(name) != golden.get(name)]


def main():
    count, different = compare_sync()
    print(f"with a sync area: {count} files, differing: {', '.join(different) or 'none'}")
    failed, checked = len(different), interpreters(oldest=(3, 8))
    for version, python in checked.items():
        count, different = compare(python, version == (3, 8))
        failed += len(different)
        verdict = f"differs in {', '.join(different)}" if different else f"writes the same {count} files"
        print(f"CPython {version[0]}.{version[1]} ({python}) {verdict}")
    if not any(version >= (3, 9) for version in checked):
        raise SystemExit("no CPython 3.9 to 3.13 here: nothing was checked")
    raise SystemExit(1 if failed else 0)


main()
