-- Writes figures of the machine into a shared list, over and over.
--
--     lua5.4 writer.lua LIST [PROC [SECONDS]]
--
-- The first item is the time between two updates, in seconds. Who writes another one is heeded at once:
-- `polyshm set dashboard 0 0.1`. It is SECONDS at first, 0.5 unless given, and null when there will be no more updates.
-- PROC is the folder with the system's figures, /proc unless given.

local polyshm = require "polyshm"

local PERIOD, UPDATES, CPU, MEMORY, LOAD, TASKS = 1, 2, 3, 4, 5, 6
local name, proc, period = arg[1], arg[2] or "/proc", tonumber(arg[3] or 0.5)

local function read(file)
  local handle <close> = assert(io.open(proc .. "/" .. file))
  return assert(handle:read "a")
end

-- Gives a function that tells how busy the processors were since it was called last, in percent.
local function cpu_meter()
  local total, idle = 0, 0
  return function()
    local times = {}
    for time in read("stat"):match("^cpu ([%d ]+)"):gmatch "%d+" do times[#times + 1] = tonumber(time) end
    local now, rest = 0, times[4] + times[5] -- idle, and waiting for disks
    for i = 1, 8 do now = now + times[i] end
    local all, unused = now - total, rest - idle
    total, idle = now, rest
    return all > 0 and 100.0 * (all - unused) / all or 0.0
  end
end

local function memory()
  local text = read "meminfo"
  return 100.0 * (1 - text:match "MemAvailable: *(%d+)" / text:match "MemTotal: *(%d+)")
end

local list = assert(polyshm.ShareableList.create({ period, 0, 0.0, 0.0, 0.0, polyshm.null }, { name = name, spare = 32 }))
local cpu = cpu_meter()

local function update()
  local load, tasks = read("loadavg"):match "^(%S+) %S+ %S+ (%S+)"
  local busy, used = cpu(), memory()
  list:synchronize(function() -- one step for those who wait or take snapshots
    list:add(UPDATES)
    list[CPU], list[MEMORY], list[LOAD], list[TASKS] = busy, used, polyshm.float(tonumber(load)), tasks
  end)
end

local _, failure = pcall(function()
  print(name) -- for who has started us: the list is there
  io.stdout:flush()
  while true do
    local seen = list:item_version(PERIOD)
    update()
    local changed, message, code = list:wait(seen, list[PERIOD], PERIOD)
    assert(changed or code == polyshm.ETIMEDOUT, message)
  end
end)
list[PERIOD] = polyshm.null
list:unlink()
if not tostring(failure):find "interrupted!$" then -- that is Ctrl-C
  io.stderr:write("writer: ", tostring(failure), "\n")
  os.exit(1, true)
end
