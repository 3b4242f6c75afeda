"""Owns a manager until it is told to end (SIGTERM) or killed, through the C library alone: owner.py LIBRARY ADDRESS

Prints its process id when the manager is there."""

import ctypes
import os
import signal
import sys

signal.signal(signal.SIGTERM, lambda *_: sys.exit())
library = ctypes.CDLL(sys.argv[1])
library.polyshm_error_message.restype = ctypes.c_char_p
manager = ctypes.c_void_p()
if library.polyshm_manager_start(sys.argv[2].encode(), None, ctypes.c_uint64(0), ctypes.byref(manager)) != 0:
    sys.exit(library.polyshm_error_message().decode())
print(os.getpid(), flush=True)
signal.pause()
