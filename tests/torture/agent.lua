-- A writer of a checked list (checked.h), for whoever kills it, for 5.4 and LuaJIT: agent.lua write NAME SEED
--
-- Puts a '+' on its output for each add that came back.

local polyshm = require "polyshm"

-- As in checked.h, counted from 1.
local PAIR_FIRST, COUNTERS, NUMBERS, TEXTS, PAIR_SECOND, TEXT_MAX = 1, 2, 6, 10, 18, 200
local LETTERS = ("abcdefghijklmnopqrstuvwxyz"):rep(10)
local SECTION_MAX = 32

local function checksum(text)
  local total = 0
  for i = 1, #text do
    total = (total * 31 + text:byte(i)) % 4294967291
  end
  return total
end

local function checked_text(index, serial)
  local text = ("%d:%d:"):format(index - 1, serial)
  local letters, first = serial * 7 % (TEXT_MAX - 8 - #text), (serial + #text) % 26
  text = text .. LETTERS:sub(first + 1, first + letters)
  local sum = checksum(text) -- LuaJIT's %x takes 32 bits
  return text .. ("%04x%04x"):format(math.floor(sum / 65536), sum % 65536)
end

local function checked_int(index, serial)
  local content = serial * 64 + index - 1
  return content * 65536 + content * 31 % 65521
end

local function serial_number()
  return math.random(0, 2 ^ 24 - 1)
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

local job, name, seed = ...
assert(job == "write", "this agent only writes")
math.randomseed(tonumber(seed))
io.stdout:setvbuf "no"
local list = assert(polyshm.ShareableList.attach(name))
while true do
  local act = math.random(0, 7)
  if act < 2 then
    list:add(math.random(COUNTERS, NUMBERS - 1), 1)
    io.stdout:write "+"
  elseif act == 2 then
    exchange(list)
  elseif act == 4 then
    list:synchronized(function() write_pair(list) end)
  else
    write_one(list)
  end
end
