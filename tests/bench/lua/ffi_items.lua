-- The C functions as LuaJIT calls them, by its ffi and the library's own declarations.
--
--   luajit ffi_items.lua CDEF LIBRARY
local cases = require "cases"
local ffi = require "ffi"

ffi.cdef(assert(io.open(arg[1])):read "*a")
local library = ffi.load(arg[2])
local length = 1000
local values, out = ffi.new("polyshm_value[?]", length), ffi.new "polyshm_list *[1]"
for i = 0, length - 1 do
  values[i].type, values[i].integer = library.POLYSHM_TYPE_INT64, i
end
assert(library.polyshm_list_create(nil, values, length, 0, 0, 0, out) == 0)
local list = out[0]

-- Ten calls a turn of the loop: what is measured is the call.
cases.measure("get an int (1,000)", { polyshm = "library.polyshm_list_get(list, 500, nil, 0, value)" },
  { library = library, list = list, value = ffi.new "polyshm_value" }, { times = 10, language = "LuaJIT ffi" })
cases.measure("set an int (1,000)", { polyshm = "library.polyshm_list_set(list, 500, value)" },
  { library = library, list = list, value = values }, { times = 10, language = "LuaJIT ffi" })

library.polyshm_list_unlink(list)
library.polyshm_list_unref(list)
