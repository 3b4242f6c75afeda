--- Shared memory by name, between processes written in different languages.
--
-- One source for Lua 5.4, LuaJIT and Lua 5.1.
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

  --- The names of all blocks in /dev/shm, whoever made them, with whatever program.
  -- @function block_names
  -- @treturn table
  -- @raise EACCES, ESYSTEM when the folder cannot be read
  block_names = core.block_names,
}

--- The codes of errors, as `polyshm.ENOENT`. They are negative, and mean the same in every language.
-- @table codes
-- @field EINVAL invalid argument
-- @field ECLOSED the handle is closed
-- @field ENAME invalid name
-- @field EEXIST the block exists
-- @field ENOENT no such block
-- @field EACCES access denied
-- @field EREADONLY the attachment is read-only
-- @field ENOSPC no space left in shared memory
-- @field ENOMEM out of memory
-- @field EMFILE out of file descriptors
-- @field ETIMEDOUT timed out
-- @field EINTR interrupted by a signal
-- @field ERANGE out of range
-- @field EINDEX no such item
-- @field ETYPE a list cannot hold this type
-- @field ETOOLONG longer than the slot
-- @field ENOBUFS the buffer is too small
-- @field ENOTFOUND not in the list
-- @field ENOTBLOCK not a block
-- @field EEMPTY the block has no bytes
-- @field ENOTLIST the block is no list
-- @field ELAYOUT a list in another layout
-- @field ECORRUPT a damaged item
-- @field EUTF8 not valid UTF-8
-- @field ESYSTEM a system call failed
-- @field ENOSYNC a list without a sync area
-- @field ENOTOWNER not the owner
-- @field ENOTMANAGER not a manager
-- @field EAUTHKEY another authkey
-- @field ENOTSTARTER started by another process
for name, code in pairs(core) do
  if name:find("^E%u") then
    polyshm[name] = code
  end
end

return polyshm
