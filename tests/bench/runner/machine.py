"""What the figures are figures of: the machine, and the versions of all that ran."""

import os
import platform
import sqlite3
import subprocess
from importlib import metadata


def _first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return "not here"


def _cpuinfo(key):
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "?")


def _package(name):
    return _first_line("dpkg-query", "-W", "-f", "${Version}", name)


def load():
    return " ".join(f"{number:.2f}" for number in os.getloadavg())


def describe():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    environ = os.environ
    return {
        "processor": f"{_cpuinfo('model name')}, {os.cpu_count()} of it",
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "?"),
        "commit": _first_line("git", "describe", "--always", "--dirty"),
        "C library": " ".join(platform.libc_ver()),
        "compiler": _first_line("cc", "--version"),
        "Python": platform.python_version(),
        "Ruby": _first_line(environ["BENCH_RUBY"], "--version"),
        "Lua": _first_line(environ["BENCH_LUA"], "-v"),
        "LuaJIT": _first_line(environ["BENCH_LUAJIT"], "-v"),
        **{name: metadata.version(name) for name in ("numpy", "pyperf", "posix_ipc", "UltraDict", "redis")},
        "SQLite": sqlite3.sqlite_version,
        "Boost": _package("libboost-dev"),
        "iceoryx": _first_line("ls", "build/bench/iceoryx/usr/include/iceoryx"),
        "Google Benchmark": _package("libbenchmark-dev"),
        "benchmark-ips": _package("ruby-benchmark-ips"),
        "hyperfine": _first_line("hyperfine", "--version"),
    }
