-- Gives the picture in a block of shared memory more contrast, in place.
--
--     luajit tone.lua BLOCK

local ffi = require "ffi"
local polyshm = require "polyshm"

-- For each brightness the new one: dark becomes darker, light lighter.
local curve = ffi.new "uint8_t[256]"
for old = 0, 255 do
  local x = old / 255
  curve[old] = math.floor(255 * x * x * (3 - 2 * x) + 0.5)
end

local block = assert(polyshm.SharedMemory.attach(arg[1]))
local bytes = block:buf() -- as long as it lives, so do the bytes
local pixels = ffi.cast("uint8_t *", bytes:pointer())
for i = 0, #bytes - 1 do
  pixels[i] = curve[pixels[i]]
end
bytes:close()
