-- Bytes of a block: LuaJIT by a pointer, beside ffi.copy between private memory; Lua 5.4 by strings.
local cases = require "cases"
local polyshm = require "polyshm"

local sizes = { { "4 KiB", 4096 }, { "1 MiB", 1048576 } }
if not cases.quick then
  sizes[3], sizes[4] = { "64 MiB", 67108864 }, { "1 GiB", 1073741824 }
end

local function measure_pointers(words, size, buf)
  local ffi = require "ffi"
  local names = { copy = ffi.copy, size = size, here = ffi.new("uint8_t[?]", size), there = ffi.new("uint8_t[?]", size),
    shared = buf:pointer "uint8_t *" }
  ffi.fill(names.here, size, 1)
  ffi.fill(names.there, size, 1)
  cases.measure("copy bytes out, " .. words,
    { polyshm = "copy(here, shared, size)", ["ffi.copy"] = "copy(here, there, size)" }, names)
  cases.measure("copy bytes in, " .. words,
    { polyshm = "copy(shared, here, size)", ["ffi.copy"] = "copy(there, here, size)" }, names)
end

local function measure_strings(words, size, buf)
  local names = { buf = buf, size = size, text = string.rep("x", size) }
  cases.measure("copy bytes out, " .. words, { polyshm = "local s = buf:read(0, size)" }, names)
  cases.measure("copy bytes in, " .. words, { polyshm = "buf:write(0, text)" }, names)
end

for _, pair in ipairs(sizes) do
  local words, size = pair[1], pair[2]
  local shm = assert(polyshm.SharedMemory.create { size = size })
  local buf = shm:buf();
  (jit and measure_pointers or measure_strings)(words, size, buf)
  buf:close()
  shm:unlink()
  shm:close()
end
