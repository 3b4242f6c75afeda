-- Uses everything on a list that somebody scribbles over, for so many seconds: hostile.lua NAME SECONDS
--
-- For 5.4 and LuaJIT. Errors and wrong values are fine.

local polyshm = require "polyshm"

local TIMEOUT = 0.002
local VALUES = {
  polyshm.null, true, 7, -2 ^ 53, 0.5, "text", ("t\195\171xt"):rep(20), polyshm.bytes "bytes", polyshm.bytes "\255\0",
  ("x"):rep(300),
}

local function any_index(list)
  return math.random(#list)
end

local function any_value()
  return VALUES[math.random(#VALUES)]
end

local function set(list)
  list[any_index(list)] = any_value()
end

local CALLS = {
  function(list) return list[any_index(list)] end,
  function(list) return list:get(any_index(list)) end,
  function(list) return list:read(1, #list) end,
  set,
  function(list) list:write(1, { any_value(), any_value(), any_value() }) end,
  function(list)
    for _ in list:items() do end
  end,
  function(list) return tostring(list) end,
  function(list) return list:count(any_value()) end,
  function(list) return list:index(any_value()) end,
  function(list) return list:type(any_index(list)) end,
  function(list) return list:format() end,
  function(list) return list:add(any_index(list), 1) end,
  function(list) return list:compare_exchange(any_index(list), any_value(), any_value()) end,
  function(list) return list:snapshot() end,
  function(list) return list:wait(list:version(), TIMEOUT) end,
  function(list) return list:unlock() end,
  function(list) return list:lock(TIMEOUT) end,
  function(list) return list:synchronize(set, list) end,
}

local name, seconds = ...
local finish = os.time() + tonumber(seconds)
local kept, calls = nil, 0

local function use(list)
  list:set_timeout(TIMEOUT)
  for _ = 1, 20 do
    pcall(CALLS[math.random(#CALLS)], list)
    calls = calls + 1
  end
end

math.randomseed(os.time())
while os.time() < finish do
  kept = kept or polyshm.ShareableList.attach(name)
  local fresh = polyshm.ShareableList.attach({ name = name, readonly = math.random(2) == 1 })
  if kept then use(kept) end
  if fresh then
    use(fresh)
    fresh:close()
  end
end
print(("FIGURE calls in %s: %d"):format(jit and "LuaJIT" or _VERSION, calls))
