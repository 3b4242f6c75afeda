"""rm, gc, doctor and the helper: what goes, and what would."""

import json
import os
import signal
import subprocess
from contextlib import contextmanager

import pytest
from conftest import COMMAND, KEEPER, PEER, SHM, fails, fits, good, kill, polyshm, stat, wait_until

CHECK = {"check": str, "status": ("ok", "warning", "problem"), "level": int, "found": str, "advice": (str, None)}
LEFT = {**KEEPER, "name": str, "action": ("removed", "would remove", "in use", "not removed")}

own_folder = pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0, reason="no mount namespaces"
)

own_processes = pytest.mark.skipif(
    subprocess.run(["unshare", "-rpf", "true"], capture_output=True).returncode != 0, reason="no pid namespaces"
)


def checks(*command):
    done = subprocess.run([*command, COMMAND, "doctor", "--json"], capture_output=True)
    found = json.loads(done.stdout)
    assert fits(found, {"checks": [CHECK], "warnings": int, "problems": int})
    assert done.returncode == (1 if found["problems"] else 0)
    return {one["check"]: one for one in found["checks"]}


def find_helper():
    words = checks()["helper"]["found"].split()
    return int(words[1]) if words[0] == "process" else None


def helper():
    """It says who it is a moment after it is at work."""
    wait_until(find_helper)
    return find_helper()


@contextmanager
def stopped_helper():
    """While the helper is stopped and killed nobody cleans up."""
    pid = helper()
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not find_helper())


def test_rm_removes_names(make):
    names = [make(b"x"), make(b"")]
    assert good("rm", *names).out == ""
    assert not any((SHM / name).exists() for name in names)


def test_rm_goes_on_where_one_name_fails(make, new_name):
    one, missing, other = make(b"x"), new_name(), make(b"x")
    done = fails(1, missing, "rm", one, missing, other)
    assert done.err.count("\n") == 1
    assert not (SHM / one).exists() and not (SHM / other).exists()


def test_rm_removes_no_link_and_no_folder(new_name):
    name = new_name()
    (SHM / name).symlink_to("/dev/null")
    fails(1, "no regular file", "rm", name)
    assert (SHM / name).is_symlink()
    fails(1, "'/'", "rm", "../dev/null")


def test_gc_has_nothing_to_do(runtime):
    assert good("gc").out == ""
    assert good("gc", "--json").json == {"blocks": []}


def test_gc_removes_what_was_tracked_and_says_why(peer, name):
    owner = peer("track", name)
    with stopped_helper():
        kill(owner)
    dry = good("gc", "--dry-run")
    assert dry.out.split(maxsplit=3) == ["would", "remove", name, f"tracked by {owner.pid}, which has ended\n"]
    assert (SHM / name).exists()
    assert "1 blocks" in checks()["left"]["found"] and checks()["left"]["status"] == "warning"
    assert good("gc").out.split(maxsplit=2) == ["removed", name, f"tracked by {owner.pid}, which has ended\n"]
    assert not (SHM / name).exists()


def test_gc_removes_what_a_manager_had(peer, name):
    owner = peer("manage", name, "m")
    with stopped_helper():
        kill(owner)
    found = good("gc", "--json").json
    assert fits(found, {"blocks": [LEFT]})
    (block,) = found["blocks"]
    assert (block["name"], block["action"], block["kind"], block["book"]) == (name, "removed", "manager", "m")
    assert not (SHM / name).exists()


def test_gc_leaves_what_a_stock_process_has(peer, stock, name):
    owner = peer("track", name)
    user = stock(name)
    with stopped_helper():
        kill(owner)
    (block,) = good("gc", "--json").json["blocks"]
    assert (block["action"], block["lives"]) == ("in use", False)
    assert (SHM / name).exists()
    kill(user)
    wait_until(lambda: not (SHM / name).exists())  # by the helper that gc started


def test_gc_leaves_what_the_living_have(peer, name):
    peer("track", name)
    assert good("gc").out == ""
    assert (SHM / name).exists()


def test_gc_without_a_runtime_folder_is_a_failure(monkeypatch, runtime):
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")
    fails(1, "XDG_RUNTIME_DIR", "gc")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))


def test_doctor_finds_a_sound_system_sound():
    found = checks()
    assert [one["check"] for one in found.values() if one["status"] == "problem"] == []
    assert found.keys() == set("folder room nameless locks leases futex proc files".split()) | {
        "file size", "logout", "runtime", "helper", "left", "books"
    }  # fmt: skip
    for line in good("doctor").out.splitlines():
        assert line.split()[0] in ("ok", "warning")


def test_doctor_knows_the_helper(peer, name):
    peer("track", name)
    command = open(f"/proc/{helper()}/cmdline", "rb").read()
    assert b"manager" in command


@own_processes
def test_a_number_of_another_pid_namespace_is_not_shown(start, name):
    owner = start("unshare", "-rpf", "--kill-child", PEER, "manage", name, "m")
    wait_until(lambda: "in another pid namespace" in checks()["helper"]["found"])
    (keeper,) = stat(name)["keepers"]
    assert (keeper["pid"], keeper["lives"]) == (None, True)
    assert "manager m of a process in another pid namespace" in good("ls").out
    kill(owner)
    wait_until(lambda: good("gc") and not (SHM / name).exists())


def test_doctor_misses_a_helper(peer, name):
    peer("track", name)
    with stopped_helper():
        pass
    assert checks()["helper"]["status"] == "warning"


@own_folder
@pytest.mark.parametrize(
    "mount, check, status",
    [("mount -t tmpfs -o size=64m tmpfs /dev/shm", "room", "warning"),
     ("mount -t tmpfs -o size=1m tmpfs /dev/shm; head -c 2m /dev/zero >/dev/shm/t_full 2>/dev/null", "room", "problem"),
     ("mount -t tmpfs -o ro tmpfs /dev/shm", "folder", "problem"),
     ("mount -t tmpfs -o mode=777 tmpfs /dev/shm", "folder", "warning"),
     ('mount -t tmpfs -o ro tmpfs "$XDG_RUNTIME_DIR"', "runtime", "problem"),
     ("mount -t tmpfs -o ro tmpfs /tmp; unset XDG_RUNTIME_DIR", "runtime", "problem"),
     ("mount -t tmpfs tmpfs /run; mkdir /run/systemd /run/systemd/seats", "logout", "ok"),
     ("ulimit -n 64", "files", "warning"), ("ulimit -f 100", "file size", "warning")],
)  # fmt: skip
def test_doctor_sees_what_is_wrong(mount, check, status):
    found = checks("unshare", "-rm", "/bin/sh", "-c", f'{mount}; exec "$@"', "sh")[check]
    assert found["status"] == status
    assert (found["advice"] is None) == (status == "ok")


@pytest.mark.parametrize("noise", [b"\xa5" * 512, b"x"])
def test_a_damaged_book_is_left_alone_and_told_of(peer, name, runtime, noise):
    """Nothing proves whose its blocks are."""
    owner = peer("manage", name, "m")
    with open(runtime / "polyshm/m", "r+b") as book:
        book.write(noise)
    kill(owner)
    wait_until(lambda: "process" not in checks()["helper"]["found"])
    found = checks()["damaged"]
    assert found["status"] == "warning" and "1 files" in found["found"] and "'m'" in found["found"]
    done = polyshm("gc")
    assert (done.status, done.out) == (0, "") and "doctor" in done.err
    assert (SHM / name).exists() and (runtime / "polyshm/m").exists()
    (runtime / "polyshm/m").unlink()


def test_doctor_sees_a_runtime_folder_that_is_open(runtime):
    (runtime / "polyshm").mkdir()
    (runtime / "polyshm").chmod(0o777)
    assert checks()["runtime"]["status"] == "problem"
    (runtime / "polyshm").chmod(0o700)


@pytest.mark.skipif(bool(os.environ.get("SANITIZED")), reason="sanitizers take memory of their own")
def test_the_helper_is_small(peer, name):
    peer("track", name)
    status = open(f"/proc/{helper()}/status").read()
    lines = [line.split() for line in status.splitlines() if line.startswith(("VmRSS", "RssAnon"))]
    sizes = {words[0][:-1]: int(words[1]) for words in lines}
    assert sizes["VmRSS"] < 2048 and sizes["RssAnon"] < 512, sizes


def test_manager_ends_when_nobody_needs_it(runtime):
    assert good("manager").out == ""
    assert good("manager", "--detach", runtime).out == ""
