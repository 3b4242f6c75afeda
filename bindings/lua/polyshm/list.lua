--- A fixed number of typed items in shared memory, as CPython's `ShareableList` has them.
--
-- `list[i]` reads and `list[i] = v` writes, with i from 1 to `#list`. Reading at any other integer gives nil, as with
-- a table; writing there raises EINDEX. Everything else is a method. An item changes its type with its value, as long
-- as that fits the slot: numbers, booleans and null always do, strings up to the width that their slot was made for.
--
-- Lua 5.4's `ipairs(list)` and `pairs(list)` work; LuaJIT's do not look at userdata: `for i, value in list:items()`
-- works in both.
--
-- Values: booleans, numbers, strings (text, which must be UTF-8), `polyshm.bytes(s)` (any bytes; read back as a plain
-- string, `list:type(i)` tells) and `polyshm.null`. A nil is an error. Integers are exact to 64 bits: LuaJIT takes
-- and, beyond 2^53, gives `int64_t` cdata; where numbers are doubles, those without a fraction are stored as
-- integers, and `polyshm.float(3)` stores 3.0.
--
-- Any number of processes may read and write a list at once: each item has one value that was written, never a mixture,
-- also when a writer is killed. `add`, `compare_exchange`, `lock`, `snapshot` and `wait` are for more than that. A list
-- that a stock CPython made has none of it: `synchronized` tells.
--
-- Errors, collection and `<close>` are as for `SharedMemory`.
-- @classmod ShareableList

local core = require "polyshm.core"
local options = require "polyshm.options"

local ShareableList = {}
local list = core.classes.ShareableList
local methods = list.methods

-- What the methods below wrap.
local read, type_number, segment = methods.read, methods.type, methods.segment
methods.segment = nil

local type_names = {
  [core.POLYSHM_TYPE_NONE] = "none",
  [core.POLYSHM_TYPE_BOOL] = "bool",
  [core.POLYSHM_TYPE_INT64] = "int64",
  [core.POLYSHM_TYPE_FLOAT64] = "float64",
  [core.POLYSHM_TYPE_STR] = "str",
  [core.POLYSHM_TYPE_BYTES] = "bytes",
}

--- Creates a list that holds these values, and attaches to it.
-- @usage polyshm.ShareableList.create({ 1, "two", polyshm.null }, { name = "numbers", spare = 8 })
-- @tparam table values indexed from 1 on, without holes; their number is the field `n`, or else the largest index
-- @tparam[opt] table given
-- @tparam[opt] string given.name as for `SharedMemory.create`
-- @tparam[opt=0] integer given.spare bytes that the slots of strings and null get beyond their value
-- @tparam[opt=384] integer given.mode permissions, 0 to 511; the default is octal 0600
-- @tparam[opt=false] boolean given.sparse do not reserve memory: a write may end in SIGBUS when it runs out
-- @tparam[opt=true] boolean given.track as for `SharedMemory.create`
-- @treturn ShareableList or `nil, message, code`
-- @static
function ShareableList.create(values, given)
  given = options.check("ShareableList.create", given, "name spare mode sparse track")
  local flags = options.flags(given, true)
  return options.create(core.ShareableList.create, given.name, values, given.spare or 0, given.mode or 0, flags)
end

--- Attaches to the list in an existing block, be it of polyshm or of CPython 3.9 or later.
-- A signal that comes while it waits ends the wait with `polyshm.EINTR`, so that Ctrl-C works.
-- @tparam table|string given a name alone, or:
-- @tparam string given.name
-- @tparam[opt=false] boolean given.readonly map for reading only
-- @tparam[opt=0] number given.timeout seconds to wait for the name to appear; `math.huge` waits for ever
-- @tparam[opt=false] boolean given.same_user refuse a block that another user owns
-- @treturn ShareableList or `nil, message, code`
-- @static
function ShareableList.attach(given)
  given = options.check_named("ShareableList.attach", given)
  options.check("ShareableList.attach", given, "name readonly timeout same_user")
  return options.attach(core.ShareableList.attach, given)
end

--- Reads an item; unlike `list[i]`, an index outside is an error.
-- @function ShareableList:get
-- @tparam integer index from 1
-- @return the value
-- @raise EINDEX, ECLOSED, ECORRUPT, EUTF8

--- Writes an item, as `list[i] = value` does. On failure the item keeps its value.
-- @function ShareableList:set
-- @tparam integer index from 1
-- @param value
-- @raise EINDEX, ECLOSED, EREADONLY, ETOOLONG, EUTF8; ETIMEDOUT when others have kept the list locked

--- Goes over the items.
-- @function ShareableList:items
-- @usage for i, value in list:items() do print(i, value) end
-- @return what `for` needs to give each index and its value
function methods:items()
  local length = list.__len(self)
  return function(items, i)
    if i < length then
      return i + 1, items[i + 1]
    end
  end, self, 0
end

--- Reads a range of items.
-- @function ShareableList:read
-- @tparam[opt=1] integer first
-- @tparam[opt] integer count all up to the last one
-- @treturn table the values, indexed from 1 on
-- @raise EINDEX when any of them is not in the list, ECLOSED, ECORRUPT, EUTF8
function methods:read(first, count)
  first = first or 1
  return read(self, first, count or list.__len(self) - first + 1)
end

--- Writes a range of items. All values are checked before the first is written.
-- @function ShareableList:write
-- @tparam integer first
-- @tparam table values as for `create`
-- @raise as `set`; then no item changed

--- Counts the items that equal a value, as `==` has it: `true` is no 1, but 1 is 1.0; a plain string equals text and
-- bytes, `polyshm.bytes(s)` only bytes.
-- @function ShareableList:count
-- @param value
-- @treturn integer

--- Finds the first item that equals a value, as `count` has it.
-- @function ShareableList:index
-- @param value
-- @treturn integer|nil its index, or nil when there is none

--- The `struct` formats of all items, one behind the other, as CPython has them.
-- @function ShareableList:format
-- @treturn string

--- The type of an item.
-- @function ShareableList:type
-- @tparam integer index from 1
-- @treturn string "none", "bool", "int64", "float64", "str" or "bytes"
-- @raise EINDEX, ECLOSED, ECORRUPT
function methods:type(index)
  return type_names[type_number(self, index)]
end

--- Adds to an int64 item, in one step for all processes.
-- @function ShareableList:add
-- @tparam integer index from 1
-- @tparam[opt=1] integer delta LuaJIT: also `int64_t`
-- @treturn integer the new value; LuaJIT: `int64_t` beyond 2^53
-- @raise ETYPE when the item is no int64, ERANGE when the sum does not fit 64 bits (then it is as it was), EINDEX,
-- ECLOSED, EREADONLY, ENOSYNC, ETIMEDOUT

--- Writes a value into an item if that has the expected one, in one step for all processes. Both are numbers, booleans
-- or null, and are compared by type and bits: 1 is not 1.0.
-- @function ShareableList:compare_exchange
-- @usage repeat local old = list[1] until list:compare_exchange(1, old, old * 2)
-- @tparam integer index from 1
-- @param expected
-- @param desired
-- @treturn boolean whether it was written
-- @raise ETYPE for a string, EINDEX, ECLOSED, EREADONLY, ENOSYNC, ETIMEDOUT

--- Reads all items, at one version of the list: of what was written under one lock it has all or nothing.
-- It takes no lock unless writers leave no gap, and also works read-only.
-- @function ShareableList:snapshot
-- @treturn table the values, indexed from 1 on
-- @treturn integer the version
-- @raise ENOSYNC, ECLOSED, ECORRUPT, EUTF8, ETIMEDOUT

--- Takes the list's lock: until it is given back, no other process writes to the list, and what is written here shows as
-- one step to `snapshot` and `wait`. Single items are read freely. It may be taken again by who holds it, which is the
-- thread with all its coroutines, and is to be given back as often. A signal's handler runs while this waits; what it
-- raises at the very end of this leaves the list locked, which `synchronize` does not.
--
-- Whatever a holder that died was writing has its old or its new value; whether several items fit together is for the
-- caller to judge, if this gives true. The next one who takes the lock is told, by this or by `synchronize`, also if
-- others wrote single items meanwhile. A list that is closed or collected gives the lock back.
-- @function ShareableList:lock
-- @tparam[opt] number timeout seconds to wait for it, `math.huge` for ever; else what `set_timeout` has set
-- @treturn boolean whether its last holder died with it
-- @raise ETIMEDOUT when others had it for all that time, EMFILE when 1,024 attachments write to the list already,
-- ECLOSED, EREADONLY, ENOSYNC

--- Gives the lock back.
-- @function ShareableList:unlock
-- @raise ENOTOWNER when it is not held through this list, ECLOSED, ENOSYNC

--- Calls a function under the lock, which is given back also when the function raises; that error is raised on. The
-- function cannot yield.
-- @function ShareableList:synchronize
-- @usage
-- local sum = list:synchronize(function(owner_died)
--   if owner_died then repair(list) end
--   list[1], list[2] = list[1] - 5, list[2] + 5
--   return list[2]
-- end)
-- @tparam function fn is given whether the lock's last holder died with it, as `lock` gives it
-- @return what it returns
-- @raise what fn raises; as `lock`; ENOTOWNER or ECLOSED when fn has given the lock back or closed the list

--- How long this handle's writes and `snapshot` wait for others.
-- @function ShareableList:timeout
-- @treturn number seconds

--- Sets how long this handle's writes and `snapshot` wait for others, and `lock` and `synchronize` where nothing else is
-- said.
-- @function ShareableList:set_timeout
-- @tparam number seconds 10 unless set; `math.huge` waits for ever

--- Whether the list was attached with `readonly`; also when closed.
-- @function ShareableList:readonly
-- @treturn boolean

--- Whether the list has a lock and versions: any list that polyshm made, none that a stock CPython made. Of the latter
-- each item can be read and written as ever, but the methods that need more raise ENOSYNC.
-- @function ShareableList:synchronized
-- @treturn boolean

--- The list's version: it moves with every write or, where the lock was taken, when that is given back.
-- @function ShareableList:version
-- @treturn integer
-- @raise ENOSYNC, ECLOSED

--- An item's version: it moves with every write to the item.
-- @function ShareableList:item_version
-- @tparam integer index from 1
-- @treturn integer
-- @raise EINDEX, ENOSYNC, ECLOSED

--- Sleeps until the version of the list, or of one item, is not the one that was seen any more.
-- A signal that comes while it waits ends the wait with `polyshm.EINTR`, so that Ctrl-C works.
-- @function ShareableList:wait
-- @usage
-- local seen = list:version()
-- while true do
--   print(list[1])
--   seen = assert(list:wait(seen))
-- end
-- @tparam integer seen what `version`, `item_version`, `snapshot` or this gave
-- @tparam[opt=math.huge] number timeout seconds
-- @tparam[opt] integer index an item, from 1; else the whole list
-- @treturn integer the new version, or `nil, message, code`: `polyshm.ETIMEDOUT` when nothing changed
-- @raise EINDEX, ENOSYNC, ECLOSED

-- An entry lives as long as somebody holds the segment, who then gets the same one again.
local segments = setmetatable({}, { __mode = "kv" })

--- The segment under the list: the same object each time. Closing one closes the other.
-- @function ShareableList:shm
-- @treturn SharedMemory
function methods:shm()
  local shm = segments[self] or segment(self)
  segments[self] = shm
  return shm
end

--- Whether the handle was closed.
-- @function ShareableList:closed
-- @treturn boolean

--- Detaches now. The block and its name stay. Closing again is fine.
-- @function ShareableList:close

--- Removes the block's name, if it still stands for this very block. Works on a closed handle.
-- @function ShareableList:unlink
-- @raise ENOENT when the name is gone or stands for another block by now

local SHOWN_ITEMS, SHOWN_BYTES = 10, 40

local function show(self, index)
  local readable, value = pcall(methods.get, self, index)
  if not readable then
    return "?"
  end
  if type(value) ~= "string" then
    return tostring(value)
  end
  local text = ("%q"):format(value:sub(1, SHOWN_BYTES))
  return #value > SHOWN_BYTES and text .. "..." or text
end

function list:__tostring()
  local closed = methods.closed(self)
  local known, name = pcall(function() return self:shm():name() end)
  if closed then
    return known and ("ShareableList(closed, {name=%q})"):format(name) or "ShareableList(closed)"
  end
  local length, shown = #self, {}
  for i = 1, math.min(length, SHOWN_ITEMS) do
    shown[i] = show(self, i)
  end
  if length > SHOWN_ITEMS then
    shown[#shown + 1] = ("... %d more"):format(length - SHOWN_ITEMS)
  end
  return ("ShareableList({%s}, {name=%q})"):format(table.concat(shown, ", "), name)
end

list.__pairs = methods.items

return ShareableList
