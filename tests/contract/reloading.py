"""A host that loads the library, makes a tracked block and unloads it again, over and over, loses nothing by that.

    reloading.py LIBRARY
"""

import _ctypes
import ctypes
import os
import sys

TRACK = 8  # POLYSHM_SEGMENT_TRACK


def use(path):
    library, handle = ctypes.CDLL(path), ctypes.c_void_p()
    status = library.polyshm_segment_create(None, ctypes.c_uint64(1), 0, TRACK, ctypes.byref(handle))
    assert status == 0, status
    assert library.polyshm_segment_unlink(handle) == 0
    library.polyshm_segment_unref(handle)
    _ctypes.dlclose(library._handle)
    return os.listdir("/proc/self/fd"), sorted(os.listdir(os.environ["XDG_RUNTIME_DIR"] + "/polyshm"))


use(sys.argv[1])  # begins to watch the helper
first = use(sys.argv[1])
for _ in range(3):
    again = use(sys.argv[1])
    assert again == first, f"{first} became {again}"
