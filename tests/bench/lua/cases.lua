-- What the topics in Lua share: cases, timed by a loop of our own, and the form in which they are printed
-- (../README.md).
--
-- A case is a piece of code by each side, compiled into a loop, which runs it often enough that one turn lasts some
-- milliseconds of processor time: os.clock has no other.
local cases = {}

cases.quick = os.getenv "BENCH_QUICK" == "1"
cases.lengths = cases.quick and { 10, 1000 } or { 10, 1000, 1000000 }
cases.language = jit and "LuaJIT" or "Lua 5.4"

local least_time = cases.quick and 0.002 or 0.02
local turns = 3

local function compile(code, times, names)
  local body = ("for _ = 1, ... do %s end"):format(string.rep(code .. " ", times))
  local keys, values = {}, {}
  for key, value in pairs(names) do
    keys[#keys + 1], values[#keys + 1] = key, value
  end
  local source = ("local %s = ... return function(...) %s end"):format(table.concat(keys, ", "), body)
  local load_text = loadstring or load
  return assert(load_text(source))((table.unpack or unpack)(values, 1, #keys))
end

local function seconds(turn, count)
  local begin = os.clock()
  turn(count)
  return os.clock() - begin
end

-- How many runs a turn needs to last long enough.
local function calibrate(turn)
  local count = 1
  while seconds(turn, count) < least_time do
    count = count * 2
  end
  return count
end

-- sides: code by the name of who runs it; given.per: how many items it goes over; given.times: how often it stands in
-- the loop, where the loop itself would count.
function cases.measure(name, sides, names, given)
  given = given or {}
  local times, per, samples, turn, count = given.times or 1, given.per or 1, {}, {}, {}
  for side, code in pairs(sides) do
    turn[side] = compile(code, times, names)
    samples[side], count[side] = {}, calibrate(turn[side])
  end
  for i = 1, turns do
    for side in pairs(sides) do
      samples[side][i] = ("%.6g"):format(seconds(turn[side], count[side]) / count[side] / times / per)
    end
  end
  for side in pairs(sides) do
    print(('{"case": "%s", "language": "%s", "side": "%s", "unit": "s", "samples": [%s]}'):format(
      name, given.language or cases.language, side, table.concat(samples[side], ", ")))
  end
end

function cases.count(number)
  local text, more = ("%d"):format(number), 1
  while more > 0 do
    text, more = text:gsub("^(%d+)(%d%d%d)", "%1,%2")
  end
  return "(" .. text .. ")"
end

return cases
