-- The agent in Lua, for 5.4 and LuaJIT (agents.h): agent.lua write|read|wait NAME SEED

local polyshm = require "polyshm"

-- As in checked.h, counted from 1.
local PAIR_FIRST, COUNTERS, NUMBERS, TEXTS, BIG, PAIR_SECOND, ITEMS = 1, 2, 6, 10, 17, 18, 18
local TEXT_MAX, BIG_MAX, SERIALS = 200, 20000, 2 ^ 24
local LETTERS = ("abcdefghijklmnopqrstuvwxyz"):rep(math.floor(BIG_MAX / 26) + 2)
local SECTION_MAX = 32

local function checksum(text)
  local total = 0
  for i = 1, #text do
    total = (total * 31 + text:byte(i)) % 4294967296
  end
  return total
end

local function checked_text(index, serial)
  local text = ("%d:%d:"):format(index - 1, serial)
  local longest = index == BIG and BIG_MAX or TEXT_MAX
  local letters, first = serial * 7 % (longest - 9 - #text), (serial + #text) % 26
  text = text .. LETTERS:sub(first + 1, first + letters)
  local sum = checksum(text) -- LuaJIT's %x takes 32 bits
  return text .. ("%04x%04x"):format(math.floor(sum / 65536), sum % 65536) .. ("\0"):rep(serial % 2)
end

local function checked_int(index, serial)
  local content = serial * 64 + index - 1
  return content * 65536 + content * 31 % 65521
end

local function serial_number()
  return math.random(0, SERIALS - 1)
end

local function make(index)
  local kind = math.random(0, index < TEXTS and 3 or 7)
  if kind == 0 or kind == 3 then
    return checked_int(index, serial_number())
  elseif kind == 1 then
    return checked_int(index, serial_number()) + 0.5
  elseif kind == 2 then
    return math.random(2) == 1 or polyshm.null
  end
  local text = checked_text(index, serial_number())
  return kind == 4 and polyshm.bytes(text) or text
end

local function write_one(list)
  local index = math.random(NUMBERS, PAIR_SECOND - 1)
  list[index] = make(index)
end

local function exchange(list)
  local index = math.random(NUMBERS, TEXTS - 1)
  list:compare_exchange(index, list[index], checked_int(index, serial_number()))
end

local function write_pair(list)
  local first = list[PAIR_FIRST]
  if list[PAIR_SECOND] ~= first then -- a writer died in between
    list[PAIR_SECOND] = first
  end
  list[PAIR_FIRST] = first + 1
  for _ = 1, math.random(0, SECTION_MAX - 1) do
    write_one(list)
  end
  list[PAIR_SECOND] = first + 1
end

local function say(text)
  io.stdout:write(text)
end

local function write(list)
  while true do
    local act = math.random(0, 7)
    if act < 2 then
      local counter = math.random(COUNTERS, NUMBERS - 1)
      say(("%d %d\n"):format(counter - COUNTERS, list:add(counter, 1)))
    elseif act == 2 then
      exchange(list)
    elseif act == 4 then
      list:synchronize(function() write_pair(list) end)
    else
      write_one(list)
    end
  end
end

local function is_number(index, value)
  local rest = value % 1
  local number = value - rest
  return (rest == 0 or rest == 0.5) and number == checked_int(index, math.floor(number / 65536 / 64))
end

local function is_written(index, value)
  local kind = type(value)
  if index == PAIR_FIRST or index == PAIR_SECOND or index >= COUNTERS and index < NUMBERS then
    return kind == "number"
  elseif kind == "number" then
    return is_number(index, value)
  elseif kind == "string" then
    local serial = tonumber(value:match "^%d+:(%d+):")
    return index >= TEXTS and serial and value == checked_text(index, serial)
  end
  return value == true or value == polyshm.null
end

local function look(values)
  for index = 1, ITEMS do
    if not is_written(index, values[index]) then
      local text = "item %d has a value that nobody wrote: %s %q\n"
      io.stderr:write(text:format(index - 1, type(values[index]), tostring(values[index]):sub(1, 256)))
      say "x"
    end
  end
end

local function read(list)
  local half = 0
  while true do
    look(list)
    local values, version = list:snapshot()
    look(values)
    local first, second = values[PAIR_FIRST], values[PAIR_SECOND]
    if first ~= second and first ~= half then
      half = first
      say(first == second + 1 and "h" or "x")
    end
    say "."
    local moved, message, code = list:wait(version, 0.01)
    assert(moved or code == polyshm.ETIMEDOUT, message)
  end
end

local function wait(list)
  local taken, failure = pcall(list.lock, list, 0.1)
  if not taken and tostring(failure):find("kept the lock", 1, true) then
    say "timed out"
  end
end

local job, name, seed = ...
math.randomseed(tonumber(seed))
io.stdout:setvbuf "no"
local jobs = {write = write, read = read, wait = wait}
jobs[job](assert(polyshm.ShareableList.attach(name)))
