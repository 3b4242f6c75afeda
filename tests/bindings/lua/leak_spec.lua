local support = require "support"
local polyshm = require "polyshm"
local SharedMemory, ShareableList = polyshm.SharedMemory, polyshm.ShareableList

-- POLYSHM_LEAK_CYCLES=100000 is the long run.
local CYCLES = tonumber(os.getenv "POLYSHM_LEAK_CYCLES") or 500

-- What a process may not have more of after many cycles than after a tenth of them.
local function usage()
  local descriptors = support.descriptors()
  local status = support.read_all "/proc/self/status"
  local _, mappings = support.read_all("/proc/self/maps"):gsub("\n", "")
  return {
    memory = tonumber(status:match "RssAnon:%s+(%d+) kB"),
    threads = tonumber(status:match "Threads:%s+(%d+)"),
    descriptors = descriptors,
    mappings = mappings,
  }
end

-- KiB that the heap may take to settle. A descriptor that is lost is seen at once; memory, in the long run, from 42 bytes
-- a cycle on.
local SLACK = 4096

local function repeated(cycle)
  for i = 1, CYCLES / 10 do
    cycle(i)
  end
  local before = usage()
  for i = 1, CYCLES do
    cycle(i)
  end
  local after = usage()
  assert.is_true(after.memory <= before.memory + SLACK, ("%d KiB became %d"):format(before.memory, after.memory))
  assert.equal(before.descriptors, after.descriptors)
  assert.equal(before.threads, after.threads)
  assert.is_true(after.mappings <= before.mappings + 8,
    ("%d mappings became %d"):format(before.mappings, after.mappings))
  if CYCLES > 500 then
    print(("%d cycles: %d KiB before, %d KiB after; %d descriptors, %d threads, %d mappings"):format(
      CYCLES, before.memory, after.memory, after.descriptors, after.threads, after.mappings))
  end
end

describe("Nothing is left of", function()
  after_each(support.leave_nothing)
  local name

  before_each(function() name = support.name() end)

  it("segments that are created, attached and closed", function()
    repeated(function()
      local shm = assert(SharedMemory.create { name = name, size = 4096 })
      local other = assert(SharedMemory.attach(name))
      other:write(0, "text")
      other:close()
      shm:unlink()
      shm:close()
    end)
  end)

  it("lists that are created, attached and closed", function()
    repeated(function(i)
      local list = assert(ShareableList.create({ i, "text", polyshm.null, polyshm.bytes "b" }, { name = name }))
      local other = assert(ShareableList.attach(name))
      other[1], other[2] = other[1] + 1, "other"
      other:synchronize(function() return other:read() end)
      other:snapshot()
      other:close()
      list:unlink()
      list:close()
    end)
  end)

  it("buffers, and pointers", function()
    local shm = assert(SharedMemory.create { name = name, size = 4096 })
    repeated(function(i)
      local buf = shm:buf()
      buf:pack("<i4 s2", 0, i, ("x"):rep(i % 2000))
      buf:unpack("<i4 s2", 0)
      buf:pointer()
      buf:close()
    end)
    shm:unlink()
  end)

  it("what is collected and never closed", function()
    repeated(function(i)
      local list = assert(ShareableList.create({ i, "text" }, { name = name }))
      list:unlink()
      list:shm():buf():pointer()
      if i % 100 == 0 then
        collectgarbage()
      end
    end)
  end)

  it("what coroutines use, and leave when they never end", function()
    local list = assert(ShareableList.create({ 0, "text" }, { name = name }))
    repeated(function(i)
      local step = coroutine.wrap(function()
        local other = assert(ShareableList.attach(name))
        other:add(1)
        local buf = other:shm():buf()
        coroutine.yield()
        return buf
      end)
      step()
      if i % 100 == 0 then
        collectgarbage()
      end
    end)
    list:unlink()
  end)

  it("what fails", function()
    local list = assert(ShareableList.create({ 0, "text" }, { name = name }))
    repeated(function()
      assert(not SharedMemory.create { name = name, size = 1 })
      assert(not ShareableList.create({ ("x"):rep(500), "\255" }, { name = name .. "x" }))
      assert(not SharedMemory.attach(name .. "x"))
      pcall(list.set, list, 2, ("long"):rep(100))
      pcall(list.get, list, 3)
      pcall(list.write, list, 1, { 1, {} })
      pcall(list.synchronize, list, error)
    end)
    list:unlink()
  end)
end)
