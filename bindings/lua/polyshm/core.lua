-- The C half of the binding: the one that was built for the Lua that runs.
--
-- LuaJIT's 64-bit integers are cdata, which C can neither make nor tell. Two functions do it for C, on integers in
-- C's memory; without them the C half refuses what a double does not hold exactly.

local halves = { ["Lua 5.4"] = "polyshm.lua54", ["Lua 5.1"] = "polyshm.lua51" }
local half = halves[_VERSION] or error("polyshm serves Lua 5.4, LuaJIT and Lua 5.1, not " .. _VERSION)
local core = require(half)

local has_ffi, ffi = pcall(require, "ffi")
if has_ffi and core.serve_cdata then
  local int64, uint64, int64_pointer = ffi.typeof("int64_t"), ffi.typeof("uint64_t"), ffi.typeof("int64_t *")
  local limit = ffi.new("uint64_t", 2 ^ 63)

  local function load_integer(pointer)
    return ffi.cast(int64_pointer, pointer)[0]
  end

  local function store_integer(pointer, value)
    if ffi.istype(int64, value) or (ffi.istype(uint64, value) and value < limit) then
      ffi.cast(int64_pointer, pointer)[0] = value
      return true
    end
    return false
  end

  core.serve_cdata(load_integer, store_integer)
end

return core
