-- Works on jobs, in Lua, until all are finished. columns.py tells what stands in a job; here items count from 1.
--
--     lua5.4 worker.lua JOB...

local polyshm = require "polyshm"

local START, STOP, NEXT, FOUND, LANGUAGE, PID, TAKEN_OVER, FINISHED = 1, 2, 3, 4, 5, 6, 7, 8
local PATIENCE = 0.05 -- seconds that a job may be locked before we look for another one

local stat <close> = assert(io.open "/proc/self/stat")
local pid = stat:read "n"

local function is_prime(number)
  for divisor = 3, math.floor(math.sqrt(number)), 2 do
    if number % divisor == 0 then return false end
  end
  return number % 2 == 1
end

local function begin_again(job)
  job[NEXT], job[FOUND] = job[START], 0
  job:add(TAKEN_OVER)
end

local function finish(job)
  job[LANGUAGE], job[PID] = "Lua", pid
  for number = job[NEXT], job[STOP] - 1 do
    if is_prime(number) then job[FOUND] = job[FOUND] + 1 end
    job[NEXT] = number + 1
  end
  job:add(FINISHED)
end

local function work(job)
  job:synchronize(function(owner_died)
    if job[FINISHED] > 0 then return end
    if owner_died then begin_again(job) end -- perhaps between two writes: NEXT and FOUND may not fit together
    finish(job)
  end)
end

local jobs = {}
for i, name in ipairs(arg) do
  jobs[i] = assert(polyshm.ShareableList.attach(name))
  jobs[i]:set_timeout(PATIENCE)
end

local unfinished
repeat
  unfinished = 0
  for _, job in ipairs(jobs) do
    local worked, failure = pcall(work, job)
    if not worked and failure.code ~= polyshm.ETIMEDOUT then error(failure) end -- else somebody is at it
    if job[FINISHED] == 0 then unfinished = unfinished + 1 end
  end
until unfinished == 0
