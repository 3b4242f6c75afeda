"""polyshm.cdef is accepted by cffi's cdef, and what it declares can be called.

    python3 cdef.py CDEF LIBRARY
"""
import pathlib
import sys

try:
    import cffi
except ImportError:
    print("skipped: this Python has no cffi")
    sys.exit(77)

cdef, library = sys.argv[1:]
ffi = cffi.FFI()
ffi.cdef(pathlib.Path(cdef).read_text(encoding="utf-8"))

polyshm = ffi.dlopen(library)
assert polyshm.polyshm_abi_version() == 1
assert ffi.string(polyshm.polyshm_status_name(polyshm.POLYSHM_ENOENT)) == b"POLYSHM_ENOENT"
assert ffi.sizeof("polyshm_value") == 40

segment = ffi.new("polyshm_segment **")
assert polyshm.polyshm_segment_create(ffi.NULL, 16, 0, 0, segment) == polyshm.POLYSHM_OK
assert polyshm.polyshm_segment_unlink(segment[0]) == polyshm.POLYSHM_OK
polyshm.polyshm_segment_unref(segment[0])
