local support = require "support"
local polyshm = require "polyshm"
local SharedMemory, ShareableList = polyshm.SharedMemory, polyshm.ShareableList

describe("Two processes", function()
  after_each(support.leave_nothing)

  it("share a list", function()
    local list = assert(ShareableList.create({ 1, "text", polyshm.null, 0.5 }, { name = support.name(), spare = 24 }))
    local output = support.run([[
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      print(list[1], list[2], list[3], list[4], #list)
      list[1], list[2], list[3] = list[1] + 1, "changed there", polyshm.bytes("\255")
    ]], list:shm():name())
    list:unlink()
    assert.equal("1\ttext\tnull\t0.5\t4\n", output)
    assert.same({ 2, "changed there", "\255", 0.5 }, list:read())
    assert.equal("bytes", list:type(3))
  end)

  it("share bytes", function()
    local shm = assert(SharedMemory.create { name = support.name(), size = 100 })
    shm:write(10, "from here")
    local output = support.run([[
      local shm = assert(polyshm.SharedMemory.attach(arg[1]))
      io.write(shm:read(10, 9))
      shm:buf():write(50, "from there")
    ]], shm:name())
    shm:unlink()
    assert.equal("from here", output)
    assert.equal("from there", shm:read(50, 10))
  end)

  it("may create and attach at once: one creates", function()
    local name, processes = support.name(), {}
    for i = 1, 4 do
      processes[i] = support.start([[
        local shm, created = assert(polyshm.SharedMemory.create_or_attach { name = arg[1], size = 64, track = false })
        io.write(tostring(created))
      ]], name)
    end
    local created = 0
    for i = 1, 4 do
      created = created + (processes[i]:read("*a") == "true" and 1 or 0)
      processes[i]:close()
    end
    assert.equal(1, created)
    assert(SharedMemory.attach(name)):unlink()
  end)

  it("may die without taking the block away", function()
    local name = support.name()
    support.run([[
      local list = polyshm.ShareableList.create({ "left" }, { name = arg[1], track = false })
      io.popen("kill -KILL " .. io.open("/proc/self/stat"):read("*a"):match("^%d+")):close()
    ]], name)
    assert.is_false(SharedMemory.attached(name))
    local list = assert(ShareableList.attach(name))
    assert.equal("left", list[1])
    list:unlink()
  end)
end)

describe("A waiting attach", function()
  after_each(support.leave_nothing)

  it("ends when the block appears", function()
    local name = support.name()
    local process = support.start_sleeping([[
      begin()
      local list = assert(polyshm.ShareableList.attach { name = arg[1], timeout = 30 })
      io.write(list[1])
    ]], name)
    local list = assert(ShareableList.create({ "there" }, { name = name }))
    local output = support.finish(process)
    list:unlink()
    assert.equal("there", output)
  end)

  it("ends when the time is over, and says how long that was", function()
    local list, message, code = ShareableList.attach { name = support.name(), timeout = 0.7 }
    assert.is_nil(list)
    assert.equal(polyshm.ETIMEDOUT, code)
    assert.truthy(message:find("appeared in 0.7 seconds", 1, true), message)
  end)

  for _, class in ipairs { "SharedMemory", "ShareableList" } do
    it("of a " .. class .. " is interrupted by Ctrl-C", function()
      local process, pid = support.start_sleeping([[
        begin()
        print(pcall(polyshm[arg[2] ].attach, { name = arg[1], timeout = math.huge }))
      ]], support.name(), class)
      os.execute("kill -INT " .. pid)
      local output = support.finish(process)
      assert.truthy(output:find("interrupted!", 1, true), output)
    end)
  end

  it("returns EINTR when a signal's handler lets the program go on", function()
    if not support.has_ffi then
      return pending("needs ffi to handle a signal")
    end
    local process, pid = support.start_sleeping([[
      local ffi = require "ffi"
      ffi.cdef "typedef void (*handler)(int); handler signal(int, handler); int abs(int);"
      ffi.C.signal(10, ffi.cast("handler", ffi.C.abs)) -- SIGUSR1, and a function that does nothing with it
      begin()
      local shm, message, code = polyshm.SharedMemory.attach { name = arg[1], timeout = 30 }
      io.write(tostring(shm), " ", code == polyshm.EINTR and "EINTR" or message)
    ]], support.name())
    support.await(function()
      os.execute("kill -USR1 " .. pid .. " 2>/dev/null")
      return not support.runs(pid)
    end, "the child ends")
    assert.equal("nil EINTR", support.finish(process))
  end)
end)
