-- The headers without their preprocessor lines are declarations that LuaJIT's ffi.cdef accepts, and that call.
--
--   luajit cdef.lua INCLUDE-FOLDER LIBRARY
local ffi = require "ffi"
local include, library = arg[1], arg[2]

for _, header in ipairs { "base.h", "segment.h", "list.h" } do
  local lines = {}
  for line in io.lines(include .. "/polyshm/" .. header) do
    if not line:match "^#" then lines[#lines + 1] = line end
  end
  ffi.cdef(table.concat(lines, "\n"))
end

local polyshm = ffi.load(library)
assert(ffi.string(polyshm.polyshm_version()):match "^%d+%.%d+%.%d+$")
assert(polyshm.polyshm_abi_version() == 1)
assert(ffi.string(polyshm.polyshm_status_name(polyshm.POLYSHM_ENOENT)) == "POLYSHM_ENOENT")
assert(ffi.sizeof "polyshm_value" == 40)

local segment = ffi.new "polyshm_segment *[1]"
assert(polyshm.polyshm_segment_create(nil, 16, 0, 0, segment) == polyshm.POLYSHM_OK)
assert(polyshm.polyshm_segment_unlink(segment[0]) == polyshm.POLYSHM_OK)
polyshm.polyshm_segment_unref(segment[0])
