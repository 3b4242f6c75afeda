"""What is run: the programs of each topic, in each language."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TOPICS = ("create", "items", "bytes", "pingpong", "lock", "scaling", "startup")

TREE = Path(os.environ["BENCH_TREE"])
PYTHON, RUBY, LUA, LUAJIT = (os.environ[f"BENCH_{name}"] for name in ("PYTHON", "RUBY", "LUA", "LUAJIT"))


def partners():
    """Programs that answer in ping-pong, by language: what the topic in C starts."""
    commands = {
        "Python": (PYTHON, HERE / "python/partner.py"),
        "Ruby": (RUBY, HERE / "ruby/partner.rb"),
        "Lua 5.4": (LUA, HERE / "lua/partner.lua"),
        "LuaJIT": (LUAJIT, HERE / "lua/partner.lua"),
    }
    return "".join(f"{language}\t{program} {script}\n" for language, (program, script) in commands.items())


def programs(topic, quick):
    """The commands of a topic, one a language. Which there are, the folders tell."""
    names = [topic] if (HERE / f"c/{topic}.cc").exists() else []
    if topic == "pingpong" and (TREE / "tests/bench/bench_iceoryx").exists():  # where its packages can be had
        names.append("iceoryx")
    found = [[TREE / f"tests/bench/bench_{name}", f"--benchmark_min_time={0.002 if quick else 0.02}",
              "--benchmark_repetitions=3", "--benchmark_enable_random_interleaving=true"] for name in names]
    for folder, suffix, starts in (
        ("python", "py", [[PYTHON]]),
        ("ruby", "rb", [[RUBY, "-W:no-experimental"]]),
        ("lua", "lua", [[LUA], [LUAJIT]]),
    ):
        script = HERE / folder / f"{topic}.{suffix}"
        if script.exists():
            found += [[*start, script] for start in starts]
    if topic == "items":
        found.append([LUAJIT, HERE / "lua/ffi_items.lua", TREE / "abi/polyshm.cdef", TREE / "libpolyshm.so"])
    if topic == "startup":
        found.append([PYTHON, HERE / "startup/startup.py", "1" if quick else "3"])
    return [[str(word) for word in command] for command in found]
