"""What the loaders' tests need of this machine."""
import fcntl
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
KOFFI = "koffi@3.3.4"  # from npm; it brings a compiled module and needs no compiler
DEADLINE = 300  # seconds for npm


def python_with_cffi():
    """The Python of the build if it has cffi, else the system's."""
    python = os.environ["POLYSHM_PYTHON"]
    has_cffi = subprocess.run([python, "-c", "import cffi"], capture_output=True, check=False).returncode == 0
    return python if has_cffi else "/usr/bin/python3"


def koffi():
    """The loader beside an installed koffi, in the build tree; None, and a line about it, where that cannot be had."""
    missing = [program for program in ("node", "npm") if not shutil.which(program)]
    if missing:
        print(f"skipped Node.js: {' and '.join(missing)} not there", flush=True)
        return None
    folder = pathlib.Path(os.environ["POLYSHM_BUILD"], "interop", "koffi")
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run at once
        if not (folder / "node_modules" / "koffi").exists():
            command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error", KOFFI]
            done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
            if done.returncode:
                print(f"skipped Node.js: npm cannot install {KOFFI}: {done.stderr.partition(chr(10))[0]}", flush=True)
                return None
        return beside(HERE / "polyshm_koffi.mjs", folder)


def beside(module, folder):
    """The module in the folder whose packages it is to find; Node.js looks for them from there."""
    return shutil.copy(module, folder)
