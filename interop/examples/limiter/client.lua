-- A client of the limiter in Lua: makes requests, and logs those that were allowed.
--
--     luajit client.lua LIST

local ffi = require "ffi"
local polyshm = require "polyshm"

-- The items, as client.rb has them, but counted from 1.
local UNTIL, WINDOW, ALLOWED, REFUSED, PLACES = 1, 2, 3, 4, 5

ffi.cdef [[
typedef struct { long seconds, nanoseconds; } timespec;
int clock_gettime(int clock, timespec *time);
int usleep(unsigned microseconds);
]]
local MONOTONIC = 1
local time = ffi.new "timespec"

local function now()
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.seconds) * 1000 + math.floor(tonumber(time.nanoseconds) / 1e6)
end

local function oldest(list)
  local found = PLACES
  local items = list:read()
  for place = PLACES + 1, #items do
    if items[place] < items[found] then found = place end
  end
  return found, items[found]
end

-- Gives when the request was allowed, or nil.
local function request(list)
  while true do
    local moment = now()
    local place, taken = oldest(list)
    if moment - taken < list[WINDOW] then return nil end
    if list:compare_exchange(place, taken, moment) then return moment end -- else somebody was faster: look again
  end
end

local list = assert(polyshm.ShareableList.attach(arg[1]))
io.stdout:setvbuf "line" -- a line is there when it is printed, also if we are killed
math.randomseed(now())
while now() < list[UNTIL] do
  local moment = request(list)
  list:add(moment and ALLOWED or REFUSED)
  if moment then print(moment, "Lua") end
  ffi.C.usleep(math.random(20000))
end
