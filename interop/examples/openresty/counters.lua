--- Counters by name, which all workers of a server share; and, other than a `lua_shared_dict`, every process of the
-- machine, in any language. They live on through a reload, and whatever worker is killed, none is ever half counted.
--
-- They are a list: names at 1, 3, 5, ..., each with its number behind it. A name is written once, under the list's lock,
-- and in one step, into the first item that is null; the number beside it has been 0 from the beginning.

local polyshm = require "polyshm"

local counters = {}
counters.__index = counters

local NAME_BYTES = 63

--- For `init_by_lua`: workers inherit what the master process opens, as whatever user they run.
-- @tparam string block a name for the block of shared memory
-- @tparam integer room for so many counters
-- @return the counters, or `nil, message, code`
function counters.open(block, room)
  local values = {}
  for i = 1, 2 * room, 2 do
    values[i], values[i + 1] = polyshm.null, 0
  end
  local list, message, code = polyshm.ShareableList.create(values, { name = block, spare = NAME_BYTES })
  if code == polyshm.EEXIST then -- a reload: the block and its counts are there
    list, message, code = polyshm.ShareableList.attach(block)
  end
  if not list then
    return nil, message, code
  end
  list:set_timeout(1) -- a worker that waits serves nobody
  return setmetatable({ list = list, places = {} }, counters)
end

-- Where the number of this name is; else nil, and where the name would be written, if there is room.
local function find(list, name)
  for i = 1, #list, 2 do
    local stored = list[i]
    if stored == name then
      return i + 1
    elseif stored == polyshm.null then
      return nil, i
    end
  end
end

local function find_or_place(list, name)
  return find(list, name) or list:synchronize(function()
    local place, free = find(list, name)
    if free then
      list[free] = name
      place = free + 1
    end
    return place
  end)
end

--- Adds to a counter, which begins at 0, in one step for all workers.
-- @return its new value, or `nil, message` when there is no room for it, or for its name
function counters:increment(name, by)
  local place = self.places[name] or #name <= NAME_BYTES and find_or_place(self.list, name)
  if not place then
    return nil, "no room for more counters, or for so long a name"
  end
  self.places[name] = place
  return self.list:add(place, by)
end

--- All counters, as they were at one moment.
function counters:all()
  local values, all = self.list:snapshot(), {}
  for i = 1, #values, 2 do
    if values[i] ~= polyshm.null then
      all[values[i]] = values[i + 1]
    end
  end
  return all
end

return counters
