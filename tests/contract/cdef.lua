-- polyshm.cdef is accepted by LuaJIT's ffi.cdef, and what it declares can be called.
--
--   luajit cdef.lua CDEF LIBRARY
local ffi = require "ffi"
local cdef, library = arg[1], arg[2]

ffi.cdef(assert(io.open(cdef)):read "*a")

local polyshm = ffi.load(library)
assert(ffi.string(polyshm.polyshm_abi_description()):match '^{\n "format": 1,')
assert(ffi.string(polyshm.polyshm_version()):match "^%d+%.%d+%.%d+$")
assert(polyshm.polyshm_abi_version() == 1)
assert(ffi.string(polyshm.polyshm_status_name(polyshm.POLYSHM_ENOENT)) == "POLYSHM_ENOENT")
assert(ffi.sizeof "polyshm_value" == 40)

local segment = ffi.new "polyshm_segment *[1]"
assert(polyshm.polyshm_segment_create(nil, 16, 0, 0, segment) == polyshm.POLYSHM_OK)
assert(polyshm.polyshm_segment_unlink(segment[0]) == polyshm.POLYSHM_OK)
polyshm.polyshm_segment_unref(segment[0])
