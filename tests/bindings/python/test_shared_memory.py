"""polyshm.SharedMemory: blocks of bytes."""

import copy
import os
import pickle
import re
import stat

import pytest

from polyshm import SharedMemory

FOLDER = "/dev/shm"


# Creating


def test_a_new_block_has_exactly_the_size_asked_for_and_is_zero_filled(name):
    with SharedMemory(name, create=True, size=5000) as shm:
        assert (shm.name, shm.size) == (name, 5000)
        assert bytes(shm.buf) == bytes(5000)
        assert os.stat(f"{FOLDER}/{name}").st_size == 5000


def test_arguments_may_be_given_by_position(name):
    with SharedMemory(name, True, 16) as shm:
        assert (shm.name, shm.size) == (name, 16)


def test_without_a_name_a_fresh_one_is_made():
    with SharedMemory(create=True, size=1) as shm:
        try:
            assert re.fullmatch("psm_[0-9a-f]{8}", shm.name)
        finally:
            shm.unlink()


def test_a_name_may_be_any_text_up_to_250_bytes(name):
    longest = (name + " :\n€" + "n" * 250)[:248]
    with SharedMemory(longest, create=True, size=1) as shm:
        try:
            assert shm.name == longest
            assert SharedMemory.exists(longest)
        finally:
            shm.unlink()


@pytest.mark.parametrize("name", ["", "/", "a/b", "a/", ".", "..", "n" * 251, "€" * 84])
def test_a_name_that_is_none_is_an_oserror(name):
    with pytest.raises(OSError, match="name") as caught:
        SharedMemory(name, create=True, size=1)
    assert type(caught.value) is OSError


@pytest.mark.parametrize("attach", [SharedMemory, SharedMemory.exists, SharedMemory.attached])
def test_a_name_with_a_nul_is_refused_and_not_cut_short(name, attach):
    with SharedMemory(name, create=True, size=1), pytest.raises(ValueError, match="embedded null character"):
        attach(name + "\0tail")


def test_a_name_with_a_lone_surrogate_is_a_unicode_error():
    with pytest.raises(UnicodeEncodeError):
        SharedMemory("t_python_\ud800", create=True, size=1)


@pytest.mark.parametrize("name", [b"bytes", 7, ["list"]])
def test_a_name_that_is_not_a_str_is_a_type_error(name):
    with pytest.raises(TypeError, match="'name' must be a str, not"):
        SharedMemory(name, create=True, size=1)


def test_a_name_that_is_taken_is_a_file_exists_error(segment):
    with pytest.raises(FileExistsError, match=segment.name):
        SharedMemory(segment.name, create=True, size=1)


@pytest.mark.parametrize(
    "size, error, words",
    [
        (0, ValueError, "'size' must be a positive number different from zero"),
        (-1, ValueError, "'size' must be a positive integer"),
        (-(2**70), ValueError, "'size' must be a positive integer"),
        (2**63, OverflowError, "'size' is larger than 9223372036854775807"),
        (2**70, OverflowError, "'size' is larger than 9223372036854775807"),
        (1.5, TypeError, "'float' object cannot be interpreted as an integer"),
        ("5", TypeError, "'str' object cannot be interpreted as an integer"),
        (None, TypeError, "'NoneType' object cannot be interpreted as an integer"),
    ],
)
def test_a_bad_size_is_an_error_and_leaves_no_block(name, size, error, words):
    with pytest.raises(error, match=words):
        SharedMemory(name, create=True, size=size)
    assert not SharedMemory.exists(name)


@pytest.mark.parametrize("sparse", [False, True])
def test_a_size_beyond_the_system_is_an_oserror_and_leaves_no_block(name, sparse):
    with pytest.raises(OSError):
        SharedMemory(name, create=True, size=2**62, sparse=sparse)
    assert not SharedMemory.exists(name)


def test_a_block_is_for_its_owner_unless_told_otherwise_whatever_the_umask(new_name):
    before = os.umask(0o277)
    try:
        for options, mode in (({}, 0o600), ({"mode": 0o644}, 0o644)):
            with SharedMemory(new_name(), create=True, size=1, **options) as shm:
                assert stat.S_IMODE(os.stat(f"{FOLDER}/{shm.name}").st_mode) == mode
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    "mode, error", [(0o1777, ValueError), (-1, ValueError), (2**32, OverflowError), ("rw", TypeError)]
)
def test_a_bad_mode_is_an_error(name, mode, error):
    with pytest.raises(error, match="mode|integer"):
        SharedMemory(name, create=True, size=1, mode=mode)


def test_a_sparse_block_takes_no_memory_until_it_is_written(new_name):
    blocks = []
    for sparse in (False, True):
        with SharedMemory(new_name(), create=True, size=2**20, sparse=sparse) as shm:
            blocks.append(os.stat(f"{FOLDER}/{shm.name}").st_blocks)
    assert blocks == [2**20 // 512, 0]


@pytest.mark.parametrize("option", ["readonly", "same_user"])
def test_what_is_for_attaching_is_refused_when_creating(name, option):
    with pytest.raises(ValueError, match="for attaching"):
        SharedMemory(name, create=True, size=1, **{option: True})


# Attaching


def test_attached_handles_see_the_same_bytes(segment):
    with SharedMemory(segment.name) as other:
        other.buf[3] = 7
        assert segment.buf[3] == 7
        assert other.size == segment.size


def test_the_size_is_ignored_when_attaching_but_must_not_be_negative(segment):
    with SharedMemory(segment.name, size=9999) as other:
        assert other.size == segment.size
    with pytest.raises(ValueError, match="positive integer"):
        SharedMemory(segment.name, size=-1)


def test_attaching_needs_a_name():
    with pytest.raises(ValueError, match="'name' can only be None if create=True"):
        SharedMemory()


def test_attaching_to_nothing_is_a_file_not_found_error(name):
    with pytest.raises(FileNotFoundError, match=name):
        SharedMemory(name)


def test_attaching_to_a_link_is_refused(new_name, segment):
    link = new_name()
    os.symlink(f"{FOLDER}/{segment.name}", f"{FOLDER}/{link}")
    with pytest.raises(OSError, match="link"):
        SharedMemory(link)


def test_attaching_to_a_block_without_bytes_is_a_value_error_and_keeps_it(name):
    open(f"{FOLDER}/{name}", "xb").close()
    with pytest.raises(ValueError, match="no bytes"):
        SharedMemory(name)
    assert SharedMemory.exists(name)


ATTACH_WITHOUT_RIGHTS = """
import os, sys
from polyshm import SharedMemory

if os.geteuid() == 0:
    os.setuid(65534)  # permissions do not bind root
SharedMemory(sys.argv[1], readonly=True).close()
try:
    SharedMemory(sys.argv[1])
except PermissionError:
    sys.exit()
sys.exit("it is attached")
"""


def test_attaching_without_permission_is_a_permission_error(name, run_child):
    with SharedMemory(name, create=True, size=1, mode=0o444):
        run_child(ATTACH_WITHOUT_RIGHTS, name)


def test_an_own_block_passes_the_check_of_its_owner(segment):
    with SharedMemory(segment.name, same_user=True) as other:
        assert other.size == segment.size


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a block away")
def test_a_block_of_another_user_is_refused_on_request(segment):
    os.chown(f"{FOLDER}/{segment.name}", 12345, -1)
    SharedMemory(segment.name).close()
    with pytest.raises(PermissionError, match="user"):
        SharedMemory(segment.name, same_user=True)


def test_sparse_is_refused_when_attaching(segment):
    with pytest.raises(ValueError, match="for creating"):
        SharedMemory(segment.name, sparse=True)


def test_create_or_attach_tells_whether_it_created(name):
    first, created = SharedMemory.create_or_attach(name, 16, mode=0o640)
    second, again = SharedMemory.create_or_attach(name, 8)
    with first, second:
        assert (created, again) == (True, False)
        assert first.size == second.size == 16
        first.buf[0] = 9
        assert second.buf[0] == 9


def test_create_or_attach_refuses_a_block_that_is_too_small(segment):
    with pytest.raises(ValueError, match="16 bytes"):
        SharedMemory.create_or_attach(segment.name, 17)


def test_create_or_attach_needs_a_name_and_a_size(name):
    with pytest.raises(ValueError, match="name"):
        SharedMemory.create_or_attach(None, 16)
    with pytest.raises(ValueError, match="size"):
        SharedMemory.create_or_attach(name, 0)
    with pytest.raises(ValueError, match="size"):
        SharedMemory.create_or_attach(name, -1)


def test_create_or_attach_makes_objects_of_the_derived_class(name):
    class Derived(SharedMemory):
        pass

    with Derived.create_or_attach(name, 1)[0] as shm:
        assert type(shm) is Derived


@pytest.mark.parametrize("positional", [(1, 2, 3, 4), ("n", True, 1, True)])
def test_options_are_given_by_name(positional):
    with pytest.raises(TypeError, match="positional"):
        SharedMemory(*positional)


def test_unknown_options_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'tracked'"):
        SharedMemory("n", tracked=False)


# What is there


def test_exists_tells_whether_the_name_is_taken(name):
    assert SharedMemory.exists(name) is False
    with SharedMemory(name, create=True, size=1) as shm:
        assert SharedMemory.exists(name) is True
        shm.unlink()
        assert SharedMemory.exists(name) is False


def test_attached_tells_whether_a_process_uses_the_block(segment):
    assert SharedMemory.attached(segment.name) is True
    segment.close()
    assert SharedMemory.attached(segment.name) is False
    segment.unlink()
    with pytest.raises(FileNotFoundError):
        SharedMemory.attached(segment.name)


@pytest.mark.parametrize("ask", [SharedMemory.exists, SharedMemory.attached])
def test_what_is_no_name_is_refused_when_asking(ask):
    with pytest.raises(OSError):
        ask("a/b")
    with pytest.raises((OSError, ValueError)):
        ask(None)
    with pytest.raises(TypeError):
        ask(5)


# Reading and writing


def test_write_copies_into_the_block_and_read_out_of_it(segment):
    segment.write(2, b"abc")
    segment.write(5, bytearray(b"d"))
    segment.write(6, memoryview(b"ef"))
    assert segment.read(0, 10) == b"\0\0abcdef\0\0"
    assert bytes(segment.buf[2:5]) == b"abc"


def test_read_copies_all_that_follows_unless_told_how_much(segment):
    segment.write(0, b"0123456789abcdef")
    assert segment.read() == b"0123456789abcdef"
    assert (segment.read(10), segment.read(16)) == (b"abcdef", b"")
    assert segment.read(size=2) == b"01"
    for offset, error in [(17, ValueError), (-1, ValueError), (2**70, OverflowError), (-(2**70), ValueError)]:
        with pytest.raises(error):
            segment.read(offset)


def test_nothing_may_be_read_and_written_up_to_the_end(segment):
    segment.write(16, b"")
    assert segment.read(16, 0) == b""


@pytest.mark.parametrize("offset, size", [(17, 0), (16, 1), (0, 17), (15, 2), (1, 2**63 - 1), (2**63 - 1, 2)])
def test_reading_beyond_the_end_is_a_value_error(segment, offset, size):
    with pytest.raises(ValueError, match="16 bytes"):
        segment.read(offset, size)


@pytest.mark.parametrize("offset, data", [(17, b""), (16, b"x"), (15, b"xx"), (0, bytes(17)), (2**63 - 1, b"xx")])
def test_writing_beyond_the_end_is_a_value_error_and_writes_nothing(segment, offset, data):
    with pytest.raises(ValueError, match="16 bytes"):
        segment.write(offset, data)
    assert bytes(segment.buf) == bytes(16)


@pytest.mark.parametrize(
    "number, error", [(-1, ValueError), (-(2**70), ValueError), (2**63, OverflowError), (2**70, OverflowError)]
)
def test_offsets_and_sizes_do_not_wrap_around(segment, number, error):
    with pytest.raises(error):
        segment.read(number, 1)
    with pytest.raises(error):
        segment.read(0, number)
    with pytest.raises(error):
        segment.write(number, b"x")


@pytest.mark.parametrize("number", [1.0, "1", [1]])
def test_offsets_and_sizes_are_integers(segment, number):
    with pytest.raises(TypeError):
        segment.read(number, 1)
    with pytest.raises(TypeError):
        segment.read(0, number)
    with pytest.raises(TypeError):
        segment.write(number, b"x")
    with pytest.raises(TypeError):
        segment.write(None, b"x")


@pytest.mark.parametrize("data", ["text", 5, None, [1]])
def test_only_bytes_like_objects_can_be_written(segment, data):
    with pytest.raises(TypeError, match="bytes-like"):
        segment.write(0, data)


# Read-only handles


def test_a_read_only_handle_sees_the_bytes_and_cannot_change_them(segment):
    segment.write(0, b"abc")
    with SharedMemory(segment.name, readonly=True) as other:
        assert other.readonly and not segment.readonly
        assert other.read(0, 3) == b"abc"
        with pytest.raises(TypeError, match="read-only"):
            other.write(0, b"x")
        with pytest.raises(TypeError, match="read-only"):
            other.buf[0] = 1
        segment.buf[0] = ord("z")
        assert other.buf[0] == ord("z")


# Closing, unlinking


def test_close_may_be_repeated_and_keeps_name_and_size(segment):
    segment.close()
    segment.close()
    assert segment.closed
    assert segment.buf is None
    assert segment.size == 16
    assert SharedMemory.exists(segment.name)


@pytest.mark.parametrize("use", [lambda shm: shm.read(0, 1), lambda shm: shm.write(0, b"x")])
def test_using_the_bytes_of_a_closed_handle_is_a_value_error(segment, use):
    segment.close()
    with pytest.raises(ValueError, match="closed"):
        use(segment)


def test_a_with_statement_closes_but_does_not_unlink(name):
    with SharedMemory(name, create=True, size=1) as shm:
        assert not shm.closed
    assert shm.closed
    assert SharedMemory.exists(name)


def test_unlink_removes_the_name_and_leaves_the_bytes(segment):
    segment.buf[0] = 5
    segment.unlink()
    assert not SharedMemory.exists(segment.name)
    assert segment.buf[0] == 5


def test_a_closed_handle_can_unlink(segment):
    segment.close()
    segment.unlink()
    assert not SharedMemory.exists(segment.name)


def test_unlinking_again_is_a_file_not_found_error(segment):
    segment.unlink()
    with pytest.raises(FileNotFoundError, match=segment.name):
        segment.unlink()


def test_unlink_leaves_another_block_of_the_same_name(segment):
    segment.unlink()
    with SharedMemory(segment.name, create=True, size=8):
        with pytest.raises(FileNotFoundError):
            segment.unlink()
        assert SharedMemory.exists(segment.name)


# As an object


def test_the_representation_tells_name_size_and_state(segment):
    assert repr(segment) == f"SharedMemory({segment.name!r}, size=16)"
    segment.close()
    assert repr(segment) == f"SharedMemory({segment.name!r}, size=16, closed)"


@pytest.mark.parametrize("attribute", ["name", "size", "buf", "readonly", "closed"])
def test_attributes_cannot_be_set(segment, attribute):
    with pytest.raises(AttributeError):
        setattr(segment, attribute, 1)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_attaches_by_name(segment, protocol):
    with pickle.loads(pickle.dumps(segment, protocol)) as other:
        other.buf[0] = 3
        assert segment.buf[0] == 3


def test_pickles_and_copies_of_a_read_only_handle_are_read_only(segment):
    with SharedMemory(segment.name, readonly=True) as shm, copy.copy(shm) as shallow, copy.deepcopy(shm) as deep:
        assert shallow.readonly and deep.readonly


def test_a_pickle_of_a_closed_handle_attaches_too(segment):
    segment.close()
    with copy.copy(segment) as other:
        assert not other.closed


def test_a_pickle_of_a_block_that_is_gone_is_a_file_not_found_error(segment):
    data = pickle.dumps(segment)
    segment.unlink()
    with pytest.raises(FileNotFoundError):
        pickle.loads(data)


def test_handles_are_equal_only_to_themselves(segment):
    with SharedMemory(segment.name) as other:
        assert segment == segment and segment != other
        assert len({segment, other, segment}) == 2


def test_classes_can_be_derived_and_have_attributes(name):
    class Derived(SharedMemory):
        def __init__(self, name):
            super().__init__(name, create=True, size=4)
            self.extra = "extra"

    Derived.shared = 1
    with Derived(name) as shm:
        assert (shm.extra, shm.shared, shm.size) == ("extra", 1, 4)
        assert repr(shm).startswith("Derived(")


def test_the_public_names_are_documented():
    for public in [SharedMemory, *(getattr(SharedMemory, name) for name in vars(SharedMemory) if name[0] != "_")]:
        assert public.__doc__
