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
-- @treturn ShareableList or `nil, message, code`
function ShareableList.create(values, given)
  given = options.check("ShareableList.create", given, "name spare mode sparse")
  local flags = options.flags(given)
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
-- @raise EINDEX, ECLOSED, EREADONLY, ETOOLONG, EUTF8

--- Goes over the items.
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
-- @tparam integer index from 1
-- @treturn string "none", "bool", "int64", "float64", "str" or "bytes"
-- @raise EINDEX, ECLOSED, ECORRUPT
function methods:type(index)
  return type_names[type_number(self, index)]
end

-- An entry lives as long as somebody holds the segment, who then gets the same one again.
local segments = setmetatable({}, { __mode = "kv" })

--- The segment under the list: the same object each time. Closing one closes the other.
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
