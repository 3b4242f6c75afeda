local support = require "support"
local polyshm = require "polyshm"
local ShareableList = polyshm.ShareableList

-- A list of two numbers, and a second attachment: to the lock the two are strangers, as in two processes.
local list, other

local function new_lists()
  list = assert(ShareableList.create({ 1, 2 }, { name = support.name() }))
  other = assert(ShareableList.attach(list:shm():name()))
end

local function drop_lists()
  pcall(list.unlink, list)
  list, other = nil, nil
end

describe("A list's lock", function()
  before_each(new_lists)
  after_each(function()
    drop_lists()
    support.leave_nothing()
  end)

  it("keeps others from writing until it is given back, and nobody from reading", function()
    assert.is_false(list:lock())
    list[1] = 10
    assert.equal(10, other[1])
    other:set_timeout(0.01)
    support.raises("ETIMEDOUT", function() other[1] = 5 end)
    list:unlock()
    other[1] = 5
    assert.equal(5, list[1])
  end)

  it("may be taken again by its holder, and is given back as often", function()
    list:lock()
    assert.is_false(list:lock(0))
    list:unlock()
    support.raises("ETIMEDOUT", other.lock, other, 0)
    list:unlock()
    assert.is_false(other:lock(0))
    other:unlock()
  end)

  it("is given back by its holder only", function()
    support.raises("ENOTOWNER", list.unlock, list)
    other:lock()
    support.raises("ENOTOWNER", list.unlock, list)
    other:unlock()
  end)

  it("times out in every call that needs it, and tells after how long", function()
    list:lock()
    list[1] = 10 -- so that a snapshot has to wait, too
    local before = support.descriptors()
    other:set_timeout(0.15)
    for _, call in ipairs {
      function() other[1] = 5 end, function() other[1] = "text" end, function() other:set(1, 5) end,
      function() other:write(1, { 5, 6 }) end, function() other:add(1) end,
      function() other:compare_exchange(1, 10, 5) end, function() other:snapshot() end, function() other:lock() end,
      function() other:synchronize(function() other[1] = 5 end) end,
    } do
      local failure = support.raises("ETIMEDOUT", call)
      assert.truthy(failure.message:find("has kept the lock for 0.15 seconds", 1, true), failure.message)
    end
    local failure = support.raises("ETIMEDOUT", other.lock, other, 0)
    assert.truthy(failure.message:find("'" .. list:shm():name() .. "'", 1, true), failure.message)
    assert.same({ 10, 2 }, other:read())
    other = nil
    assert.equal(before - 1, support.descriptors())
    list:unlock()
  end)

  it("refuses timeouts that are none", function()
    for _, method in ipairs { "lock", "set_timeout" } do
      support.complains("'timeout' must be a number, got string", list[method], list, "1")
      support.complains("0 seconds or more, got -1", list[method], list, -1)
      support.complains("0 seconds or more", list[method], list, 0 / 0)
    end
    support.complains("'timeout' must be a number, got no value", list.set_timeout, list)
    support.complains("'timeout' must be a number, got nil", list.set_timeout, list, nil)
    assert.is_false(list:lock(nil))
    list:unlock()
    assert.is_false(list:lock(math.huge))
    list:unlock()
  end)

  it("is not for a read-only attachment", function()
    local reader = assert(ShareableList.attach { name = list:shm():name(), readonly = true })
    support.raises("EREADONLY", reader.lock, reader)
    support.raises("EREADONLY", reader.synchronize, reader, error)
    support.raises("EREADONLY", reader.add, reader, 1)
    support.raises("EREADONLY", reader.compare_exchange, reader, 1, 1, 2)
    support.raises("ENOTOWNER", reader.unlock, reader)
  end)

  it("is shared by all coroutines", function()
    local thread = coroutine.wrap(function()
      list:lock()
      coroutine.yield()
      list:unlock()
    end)
    thread()
    assert.is_false(list:lock(0))
    list:unlock()
    support.raises("ETIMEDOUT", other.lock, other, 0)
    thread()
    assert.is_false(other:lock(0))
    other:unlock()
  end)

  it("goes with a handle that is collected", function()
    local function drop()
      assert(ShareableList.attach(list:shm():name())):lock()
    end
    drop()
    collectgarbage()
    collectgarbage()
    assert.is_false(list:lock(0))
    list:unlock()
  end)

  it("goes with the scope of a <close> variable", function()
    if not support.is_54 then
      return pending("needs Lua 5.4")
    end
    support.run_source([[
      local attach, name = ...
      local mine <close> = assert(attach(name))
      mine:lock()
    ]], ShareableList.attach, list:shm():name())
    assert.is_false(list:lock(0))
    list:unlock()
  end)

  it("goes with the handle that held it", function()
    list:lock()
    list:close()
    support.raises("ECLOSED", list.unlock, list)
    support.raises("ECLOSED", list.lock, list)
    assert.is_false(other:lock())
    other:unlock()
  end)
end)

describe("ShareableList:synchronize", function()
  before_each(new_lists)
  after_each(function()
    drop_lists()
    support.leave_nothing()
  end)

  local function assert_free()
    assert.is_false(other:lock(0))
    other:unlock()
  end

  it("calls a function under the lock, and gives its results", function()
    local function swap(...)
      assert.same({ n = 1, false }, { n = select("#", ...), ... })
      support.raises("ETIMEDOUT", other.lock, other, 0)
      list[1], list[2] = list[2], list[1]
      return "a", nil, false, nil
    end
    local function check(...)
      assert.equal(4, select("#", ...))
      assert.same({ "a", nil, false }, { ... })
    end
    check(list:synchronize(swap))
    assert.same({ 2, 1 }, list:read())
    assert_free()
  end)

  it("takes nothing but the function", function()
    support.complains("a function alone", list.synchronize, list, print, 1)
    assert_free()
  end)

  it("gives no result for none", function()
    assert.equal(0, select("#", list:synchronize(function() end)))
  end)

  it("gives the lock back when the function raises, and raises that on", function()
    local mistake = {}
    local succeeded, raised = pcall(list.synchronize, list, function() error(mistake) end)
    assert.is_false(succeeded)
    assert.equal(mistake, raised)
    assert_free()
    support.raises("EINDEX", list.synchronize, list, function() list[3] = 1 end)
    assert_free()
  end)

  it("may stand in another", function()
    local result = list:synchronize(function()
      local inner = list:synchronize(function() return list:add(1, 1) end)
      support.raises("ETIMEDOUT", other.lock, other, 0)
      return inner
    end)
    assert.equal(2, result)
    assert_free()
  end)

  it("needs something to call", function()
    support.complains("value expected", list.synchronize, list)
    support.complains("attempt to call", list.synchronize, list, 42)
    assert_free()
    assert.equal("called", list:synchronize(setmetatable({}, { __call = function() return "called" end })))
  end)

  it("does not hide that the function gave the lock away", function()
    support.raises("ENOTOWNER", list.synchronize, list, function() list:unlock() end)
    assert_free()
    support.raises("ECLOSED", list.synchronize, list, function() list:close() end)
    support.raises("ECLOSED", other.synchronize, other, function() getmetatable(other).__gc(other) end)
    local _, raised = pcall(list.synchronize, list, print)
    assert.equal("ECLOSED", raised.name)
  end)

  it("raises what the function raised, also when the lock is gone", function()
    local _, raised = pcall(list.synchronize, list, function()
      list:close()
      error("the first", 0)
    end)
    assert.equal("the first", raised)
  end)

  it("lets no coroutine go away with the lock", function()
    local thread = coroutine.wrap(function() list:synchronize(coroutine.yield) end)
    support.complains("attempt to yield", thread)
    assert_free()
  end)
end)

describe("Waiting for the lock", function()
  before_each(new_lists)
  after_each(function()
    drop_lists()
    support.leave_nothing()
  end)

  -- Starts a process that needs the lock of a list, which is held here.
  local function start(call)
    return support.start_sleeping([[
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      list:set_timeout(math.huge)
      begin()
      io.write(tostring(select(2, pcall(function() ]] .. call .. [[ end))))
    ]], list:shm():name())
  end

  for call, result in pairs {
    ["list[1] = 5 return list[1]"] = "5",
    ["list:set(1, 6) return list[1]"] = "6",
    ["list:write(1, { 7, 8 }) return list[1] + list[2]"] = "15",
    ["return list:add(1, 8)"] = "18",
    ["return list:compare_exchange(1, 10, 9)"] = "true",
    ["return list:snapshot()[1]"] = "10",
    ["return list:lock()"] = "false",
    ["return list:synchronize(function() return list:add(1, 1) end)"] = "11",
  } do
    it("ends when it is given back: " .. call, function()
      list:lock()
      list[1] = 10
      local process = start(call)
      list:unlock()
      assert.equal(result, support.finish(process))
    end)

    it("is interrupted by Ctrl-C: " .. call, function()
      list:lock()
      list[1] = 10
      local process, process_id = start(call)
      os.execute("kill -INT " .. process_id)
      local output = support.finish(process)
      list:unlock()
      assert.truthy(output:find("interrupted!", 1, true), output)
      assert.equal(10, list[1])
    end)
  end

  local waiting_calls = {
    function(waiting) waiting[1] = 5 end, function(waiting) waiting:set(1, 5) end,
    function(waiting) waiting:write(1, { 5 }) end, function(waiting) waiting:add(1) end,
    function(waiting) waiting:compare_exchange(1, 10, 5) end, function(waiting) waiting:snapshot() end,
    function(waiting) waiting:lock() end, function(waiting) waiting:synchronize(error) end,
    function(waiting) waiting:wait(waiting:version()) end,
  }

  -- Calls with a hook that does something in the midst of the wait.
  local function hooked(call, act, readonly)
    local calls, waiting = 0, assert(ShareableList.attach { name = list:shm():name(), readonly = readonly })
    waiting:set_timeout(math.huge)
    local function count()
      calls = calls + 1
      if calls == 4 then
        debug.sethook()
        act(waiting)
      end
    end
    return pcall(function()
      debug.sethook(count, "c")
      call(waiting)
    end)
  end

  it("lets hooks run, and raises what they raise", function()
    list:lock()
    list[1] = 10
    local before = support.descriptors()
    for i, call in ipairs(waiting_calls) do
      local mistake = {}
      local succeeded, raised = hooked(call, function() error(mistake) end)
      assert.is_false(succeeded)
      assert.equal(mistake, raised, i)
    end
    list:unlock()
    assert.equal(before, support.descriptors())
    assert.same({ 10, 2 }, list:read())
  end)

  it("lets hooks run while somebody who may only read tries to take a snapshot", function()
    list:lock()
    list[1] = 10
    local function snapshot(reader) reader:snapshot() end
    local before, mistake = support.descriptors(), {}
    local succeeded, raised = hooked(snapshot, function() error(mistake) end, true)
    assert.is_false(succeeded)
    assert.equal(mistake, raised)
    for _, act in ipairs { list.close, getmetatable(list).__gc } do
      succeeded, raised = hooked(snapshot, act, true)
      assert.is_false(succeeded)
      assert.equal("ECLOSED", raised.name)
    end
    assert.is_true((hooked(snapshot, function() list:unlock() end, true)))
    assert.equal(before, support.descriptors())
  end)

  it("is interrupted by Ctrl-C while somebody who may only read tries to take a snapshot", function()
    list:lock()
    list[1] = 10
    local process, process_id = support.start_sleeping([[
      local list = assert(polyshm.ShareableList.attach { name = arg[1], readonly = true })
      list:set_timeout(math.huge)
      begin()
      list:snapshot()
    ]], list:shm():name())
    os.execute("kill -INT " .. process_id)
    local output = support.finish(process)
    list:unlock()
    assert.truthy(output:find("interrupted!", 1, true), output)
  end)

  it("of a read-only snapshot ends after the list's timeout", function()
    list:lock()
    list[1] = 10
    local reader = assert(ShareableList.attach { name = list:shm():name(), readonly = true })
    for _, seconds in ipairs { 0, 0.2 } do
      reader:set_timeout(seconds)
      support.raises("ETIMEDOUT", reader.snapshot, reader)
    end
    list:unlock()
    assert.same({ 10, 2 }, (reader:snapshot()))
  end)

  -- As Ctrl-C does in Lua 5.4, whose hook runs at the end of functions, too.
  it("leaves the lock free when a hook raises just as it was taken", function()
    if not support.is_54 then
      return pending("LuaJIT has no hook at the end of C functions")
    end
    for i, call in ipairs(waiting_calls) do
      if i < 7 then -- lock itself cannot do that; the last two do not wait for it in a function of their own
        local mistake, waiting = {}, assert(ShareableList.attach(list:shm():name()))
        local ends = 0
        waiting:set_timeout(math.huge)
        list:lock()
        list[1] = 10
        local succeeded, raised = pcall(function()
          debug.sethook(function()
            ends = ends + 1
            if ends == 3 then -- sethook's own was the first; the wait is in its second piece
              list:unlock()
            elseif ends > 3 then
              debug.sethook()
              error(mistake)
            end
          end, "r")
          call(waiting)
        end)
        assert.is_false(succeeded)
        assert.equal(mistake, raised, i)
        assert.is_false(list:lock(0))
        list:unlock()
      end
    end
  end)

  it("ends when a hook closes the list, or collects it", function()
    list:lock()
    list[1] = 10
    local before = support.descriptors()
    for _, call in ipairs(waiting_calls) do
      for _, act in ipairs { list.close, getmetatable(list).__gc } do
        local succeeded, raised = hooked(call, act)
        assert.is_false(succeeded)
        assert.equal("ECLOSED", raised.name)
      end
    end
    list:unlock()
    assert.equal(before, support.descriptors())
  end)

  it("goes on when a signal's handler lets it", function()
    if not support.has_ffi then
      return pending("needs ffi to handle a signal")
    end
    list:lock()
    local process, process_id = support.start_sleeping([[
      local ffi = require "ffi"
      ffi.cdef "typedef void (*handler)(int); handler signal(int, handler); int abs(int);"
      ffi.C.signal(10, ffi.cast("handler", ffi.C.abs)) -- SIGUSR1, and a function that does nothing with it
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      begin()
      io.write(tostring(list:lock(math.huge)))
    ]], list:shm():name())
    for _ = 1, 20 do
      os.execute("kill -USR1 " .. process_id)
    end
    assert.is_true(support.runs(process_id))
    list:unlock()
    assert.equal("false", support.finish(process))
  end)
end)

describe("A process that dies with the lock", function()
  before_each(new_lists)
  after_each(function()
    drop_lists()
    support.leave_nothing()
  end)

  -- Runs the source under the list's lock in a process that is then killed.
  local function die_locked(source)
    local process, process_id = support.start_sleeping([[
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      local other = assert(polyshm.ShareableList.attach(arg[1]))
      list:lock()
    ]] .. source .. [[
      begin()
      other:lock(math.huge)
    ]], list:shm():name())
    support.raises("ETIMEDOUT", list.lock, list, 0)
    os.execute("kill -KILL " .. process_id)
    support.finish(process)
  end

  it("leaves it to the next, who is told", function()
    die_locked "list[1] = 10"
    assert.is_true(list:lock())
    assert.same({ 10, 2 }, list:read())
    list:unlock()
    assert.is_false(list:lock())
    list:unlock()
  end)

  it("leaves it to the next, whose function is told", function()
    die_locked "list[1] = 10"
    local function tell(owner_died)
      return owner_died, list[1]
    end
    assert.same({ true, 10 }, { list:synchronize(tell) })
    assert.same({ false, 10 }, { list:synchronize(tell) })
  end)

  it("does not keep others from writing", function()
    for _, write in ipairs {
      function() list[1] = 5 end, function() list:set(1, 5) end, function() list:write(1, { 5 }) end,
      function() list:add(1, 4) end, function() list:compare_exchange(1, 1, 5) end,
    } do
      list[1] = 1
      die_locked ""
      write()
      assert.equal(5, list[1])
      assert.is_true(list:lock())
      list:unlock()
      assert.is_false(list:lock())
      list:unlock()
    end
  end)

  it("when it is only stopped keeps the lock", function()
    local process, process_id = support.start_sleeping([[
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      local other = assert(polyshm.ShareableList.attach(arg[1]))
      list:lock()
      begin()
      other:lock(math.huge)
    ]], list:shm():name())
    os.execute("kill -STOP " .. process_id)
    support.raises("ETIMEDOUT", list.lock, list, 0.3)
    os.execute("kill -KILL " .. process_id)
    support.finish(process)
    assert.is_true(list:lock())
    list:unlock()
  end)
end)

describe("Ctrl-C in a synchronized function", function()
  before_each(new_lists)
  after_each(function()
    drop_lists()
    support.leave_nothing()
  end)

  it("gives the lock back", function()
    local process, process_id = support.start_sleeping([[
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      local other = assert(polyshm.ShareableList.attach(arg[1]))
      local function sleep()
        begin()
        list:wait(list:version())
      end
      print(pcall(list.synchronize, list, sleep))
      print("locked here:", other:lock(0))
    ]], list:shm():name())
    os.execute("kill -INT " .. process_id)
    local output = support.finish(process)
    assert.truthy(output:find("interrupted!", 1, true), output)
    assert.truthy(output:find("locked here:\tfalse", 1, true), output)
  end)
end)
