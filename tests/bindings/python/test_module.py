"""What polyshm has beside its classes: versions, the names of statuses, and those of all blocks."""

from pathlib import Path

import pytest

import polyshm


def test_the_versions():
    assert polyshm.version() == polyshm.__version__
    assert all(part.isdigit() for part in polyshm.version().split("."))
    assert polyshm.abi_version() == 1


def test_the_names_of_statuses():
    assert [polyshm.status_name(status) for status in (-1, -5)] == ["POLYSHM_EINVAL", "POLYSHM_ENOENT"]
    unknown = [polyshm.status_name(status) for status in (-12345, 2**40, -(2**63))]
    assert unknown == ["POLYSHM_UNKNOWN"] * 3
    with pytest.raises(polyshm.IntegerRangeError, match="'status' is outside"):
        polyshm.status_name(2**63)
    with pytest.raises(TypeError):
        polyshm.status_name("ENOENT")


def test_the_names_of_blocks(new_name):
    names = [new_name().ljust(120, "ü") for _ in range(100)]
    try:
        for name in names:
            Path("/dev/shm", name).write_bytes(b"")
        assert set(names) <= set(polyshm.block_names())
    finally:
        for name in names:
            Path("/dev/shm", name).unlink()
    assert not set(names) & set(polyshm.block_names())
