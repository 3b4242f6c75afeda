--- Shared memory by name, between processes written in different languages.
--
-- One source for Lua 5.4 and LuaJIT.
--
--     local polyshm = require "polyshm"
--     local list = assert(polyshm.ShareableList.create({ 1, "two", polyshm.null }, { name = "numbers" }))
--     list[1] = list[1] + 1
--     list:close()
--     list:unlink()
-- @module polyshm

local core = require "polyshm.core"

local polyshm = {
  --- A process's handle on a block.
  -- @see SharedMemory
  SharedMemory = require "polyshm.segment",

  --- A fixed number of typed items in a block.
  -- @see ShareableList
  ShareableList = require "polyshm.list",

  --- An owner of blocks.
  -- @see SharedMemoryManager
  SharedMemoryManager = require "polyshm.manager",

  --- None: the value of an item that has none. Never nil, also on reading.
  null = core.null,

  --- Marks a string as bytes; plain strings are text.
  -- @function bytes
  -- @tparam string s
  -- @return a value for a list's item
  bytes = core.bytes,

  --- A number as a float, for LuaJIT and Lua 5.1, where 3.0 cannot be told from 3. In Lua 5.4 it gives `x + 0.0`.
  -- @function float
  -- @tparam number x
  -- @return a value for a list's item
  float = core.float,

  --- The metatable of error objects: `getmetatable(e) == polyshm.Error`.
  -- Such an object has `code` (a negative number, as `polyshm.ENOENT`), `name` ("ENOENT") and `message`, and prints as
  -- its message.
  Error = core.Error,

  --- The library's version, "MAJOR.MINOR.PATCH".
  -- @function version
  -- @treturn string
  version = core.version,

  --- The version of the library's ABI.
  -- @function abi_version
  -- @treturn integer
  abi_version = core.abi_version,

  --- The name of a code, such as "POLYSHM_ENOENT".
  -- @function status_name
  -- @tparam integer code
  -- @treturn string
  status_name = core.status_name,
}

-- The codes of errors: EINVAL, ECLOSED, ENAME, ...
for name, code in pairs(core) do
  if name:find("^E%u") then
    polyshm[name] = code
  end
end

return polyshm
