"""The build backend: scikit-build-core, in a tree that has pyproject.toml at its root.

What is built are the sources of the whole repository, and its root has no place for pyproject.toml. So a copy of the
sources stands in for it: wheels are built there, and a source distribution is that copy, which needs no other.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile

from scikit_build_core import build

_SOURCES = ("CMakeLists.txt", ".cmake", "LICENSE", "abi", "runtime", "bindings/swig", "bindings/python")


@contextlib.contextmanager
def _source_tree():
    here = pathlib.Path.cwd()
    if (here / "abi").is_dir():  # a source distribution
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        for name in _SOURCES:
            source = here.parents[1] / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tree / name)
        for name in ("pyproject.toml", "backend.py"):
            shutil.copy(here / name, tree / name)
        os.chdir(tree)
        try:
            yield
        finally:
            os.chdir(here)


def _in_source_tree(hook):
    def call(*arguments):
        with _source_tree():
            return hook(*arguments)

    return call


build_sdist = _in_source_tree(build.build_sdist)
build_wheel = _in_source_tree(build.build_wheel)
get_requires_for_build_sdist = _in_source_tree(build.get_requires_for_build_sdist)
get_requires_for_build_wheel = _in_source_tree(build.get_requires_for_build_wheel)
