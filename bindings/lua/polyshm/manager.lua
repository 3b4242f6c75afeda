--- An owner of blocks.
--
-- What is created through a manager goes, all at once, when the manager is shut down, or when the process that started
-- it has ended, however it ended. Who is attached then stays attached. Any process of the same user, in Lua, Python,
-- Ruby or C, can connect to it by its address and create through it.
--
-- What a manager owns stands in a file of the folder `$XDG_RUNTIME_DIR/polyshm`, or `/tmp/polyshm-UID` where that
-- variable is not set, each block before it gets its name. A helper process waits for owners to end; if it is killed,
-- the next call that needs it starts another.
--
-- Errors, collection and `<close>` are as for `SharedMemory`: a handle that is collected or closed shuts the manager
-- down if it was started through it.
-- @classmod SharedMemoryManager
-- @usage
-- local manager = assert(polyshm.SharedMemoryManager.start { address = "render" })
-- local frame = assert(manager:shared_memory(1920 * 1080 * 4, { name = "frame" }))
-- -- in any other process, in any language:
-- local render = assert(polyshm.SharedMemoryManager.connect("render"))
-- local state = assert(render:shareable_list({ 0, "idle" }, { name = "state", spare = 16 }))
-- -- both blocks are gone when the first process has ended, or after
-- manager:shutdown()

local core = require "polyshm.core"
local options = require "polyshm.options"

local SharedMemoryManager = {}
local manager = core.classes.SharedMemoryManager
local methods = manager.methods

-- What the methods below wrap.
local create_segment, create_list = methods.create_segment, methods.create_list
methods.create_segment, methods.create_list = nil, nil

--- Starts a manager, which this process owns.
-- @tparam[opt] table given
-- @tparam[opt] string given.address 1 to 250 bytes of UTF-8 without `/`, not `helper`; none for a fresh one
-- @tparam[opt] string given.authkey up to 255 bytes that who connects must give. It guards against mistakes: other
-- users cannot connect anyhow, and those of this user can read it
-- @treturn SharedMemoryManager or `nil, message, code`: `polyshm.EEXIST` when a manager is at that address, and its
-- owner lives
-- @static
function SharedMemoryManager.start(given)
  given = options.check("SharedMemoryManager.start", given, "address authkey")
  return options.create(core.SharedMemoryManager.start, given.address, given.authkey)
end

--- Connects to the manager at an address.
-- @tparam string address
-- @tparam[opt] table given
-- @tparam[opt] string given.authkey the one that it was started with
-- @treturn SharedMemoryManager or `nil, message, code`: `polyshm.ENOENT` when no manager is there, or it has ended;
-- `polyshm.EAUTHKEY` when the authkey is another
-- @static
function SharedMemoryManager.connect(address, given)
  if type(address) ~= "string" then
    error("SharedMemoryManager.connect: the address must be a string, got " .. type(address), 2)
  end
  given = options.check("SharedMemoryManager.connect", given, "authkey")
  return options.create(core.SharedMemoryManager.connect, address, given.authkey)
end

--- Creates a block that the manager owns, and attaches to it.
-- @function SharedMemoryManager:shared_memory
-- @tparam integer size bytes, at least 1
-- @tparam[opt] table given
-- @tparam[opt] string given.name as for `SharedMemory.create`
-- @tparam[opt=384] integer given.mode permissions, 0 to 511; the default is octal 0600
-- @tparam[opt=false] boolean given.sparse as for `SharedMemory.create`
-- @treturn SharedMemory or `nil, message, code`: `polyshm.ENOENT` when the manager has ended, or the handle is closed
function methods:shared_memory(size, given)
  given = options.check("SharedMemoryManager:shared_memory", given, "name mode sparse")
  return options.create(create_segment, self, given.name, size, given.mode or 0, options.flags(given))
end

--- Creates a list that the manager owns, and attaches to it.
-- @function SharedMemoryManager:shareable_list
-- @tparam table values as for `ShareableList.create`
-- @tparam[opt] table given
-- @tparam[opt] string given.name as for `SharedMemory.create`
-- @tparam[opt=0] integer given.spare as for `ShareableList.create`
-- @tparam[opt=384] integer given.mode permissions, 0 to 511; the default is octal 0600
-- @tparam[opt=false] boolean given.sparse as for `SharedMemory.create`
-- @treturn ShareableList or `nil, message, code`: `polyshm.ENOENT` when the manager has ended, or the handle is closed
function methods:shareable_list(values, given)
  given = options.check("SharedMemoryManager:shareable_list", given, "name spare mode sparse")
  local flags = options.flags(given)
  return options.create(create_list, self, given.name, values, given.spare or 0, given.mode or 0, flags)
end

--- Has the manager own an existing block, too. Once is enough.
-- @function SharedMemoryManager:adopt
-- @tparam string name
-- @raise ENOENT when there is no such block, or the manager has ended, or the handle is closed

--- Has the manager own a block no longer: it stays when the manager goes.
-- @function SharedMemoryManager:release
-- @tparam string name
-- @raise ENOTFOUND when the manager does not own it; ENOENT as for `adopt`

--- The names of the blocks that the manager owns and that exist.
-- @function SharedMemoryManager:names
-- @treturn table
-- @raise ENOENT when the manager was shut down, or the handle is closed

--- Unlinks all blocks that the manager owns, and ends it. Twice is fine.
-- @function SharedMemoryManager:shutdown
-- @raise ENOTSTARTER when this process did not start it

--- Waits until the manager has ended, and its blocks are unlinked.
-- A signal that comes while it waits ends the wait with `polyshm.EINTR`, so that Ctrl-C works.
-- @function SharedMemoryManager:join
-- @tparam[opt=math.huge] number timeout seconds
-- @treturn boolean true, or `nil, message, code`: `polyshm.ETIMEDOUT` when it has not ended in that time

--- What others connect to; also when closed.
-- @function SharedMemoryManager:address
-- @treturn string

--- Whether this process started the manager, through this handle, and it has not shut down.
-- @function SharedMemoryManager:owner
-- @treturn boolean

--- Disconnects; the owner's handle shuts the manager down. Closing again is fine.
-- @function SharedMemoryManager:close

--- Whether the handle was closed, or the manager was shut down through it.
-- @function SharedMemoryManager:closed
-- @treturn boolean

function manager:__tostring()
  local known, address = pcall(methods.address, self)
  if not known then
    return "SharedMemoryManager{closed}"
  end
  local state = methods.closed(self) and ", closed" or methods.owner(self) and ", owner" or ""
  return ("SharedMemoryManager{address=%q%s}"):format(address, state)
end

return SharedMemoryManager
