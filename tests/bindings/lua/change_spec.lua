local support = require "support"
local polyshm = require "polyshm"
local ShareableList, null = polyshm.ShareableList, polyshm.null

local function list_of(values)
  local list = assert(ShareableList.create(values, { name = support.name() }))
  list:unlink()
  return list
end

-- In a list of one number the sync area begins at byte 64; these words are twice the version.
local VERSION, ITEM_VERSION = 64 + 64 + 8, 64 + 64 + 64 + 2048

-- Makes 2^53 + 1 of the version in that word.
local function forge(list, word)
  list:shm():write(word, "\2\0\0\0\0\0\64\0")
end

describe("A list's version", function()
  after_each(support.leave_nothing)

  it("moves with every write, and only then", function()
    local list = list_of { 1, "text" }
    local seen = list:version()
    for _, write in ipairs {
      function() list[1] = 2 end, function() list:set(2, "TEXT") end, function() list:write(1, { 3, "more" }) end,
      function() list:add(1, 1) end, function() list:compare_exchange(1, 4, 5) end,
    } do
      write()
      assert.is_true(list:version() > seen)
      seen = list:version()
    end
    local _ = list[1], list:read(), list:snapshot(), list:count(5)
    list:compare_exchange(1, 99, 1)
    list:lock()
    list:unlock()
    assert.equal(seen, list:version())
  end)

  it("moves once for all that is written under one lock", function()
    local list = list_of { 1, 2 }
    local seen = list:version()
    list:synchronize(function()
      list[1], list[2] = 10, 20
      assert.equal(seen, list:version())
    end)
    assert.equal(seen + 1, list:version())
  end)

  it("is there for each item, too", function()
    local list = list_of { 1, "text" }
    local first, second = list:item_version(1), list:item_version(2)
    list[2] = "TEXT"
    assert.equal(first, list:item_version(1))
    assert.equal(second + 1, list:item_version(2))
    support.raises("EINDEX", list.item_version, list, 3)
    support.raises("EINDEX", list.item_version, list, 0)
    support.complains("'index' must be an integer", list.item_version, list, "1")
  end)

  it("is exact beyond 2^53", function()
    if not support.has_integers then
      return pending("Lua 5.1 has no integers of 64 bits")
    end
    local list = list_of { 1 }
    forge(list, VERSION)
    forge(list, ITEM_VERSION)
    local seen = support.integer("9007199254740993")
    assert.equal(seen, list:version())
    assert.equal(seen, list:item_version(1))
    assert.equal(seen, (select(2, list:snapshot())))
    assert.equal(polyshm.ETIMEDOUT, (select(3, list:wait(seen, 0))))
    assert.equal(polyshm.ETIMEDOUT, (select(3, list:wait(seen, 0, 1))))
    assert.equal(seen, list:wait(seen - 1, 0))
    assert.equal(seen, list:wait(seen - 1, 0, 1))
    list[1] = 2
    assert.equal("9007199254740994", support.digits(list:wait(seen)))
    assert.equal("9007199254740994", support.digits(list:wait(seen, nil, 1)))
  end)
end)

describe("Waiting for a change", function()
  local name, list

  before_each(function()
    name = support.name()
    list = assert(ShareableList.create({ 1, 2 }, { name = name }))
  end)
  after_each(function()
    pcall(list.unlink, list)
    list = nil
    support.leave_nothing()
  end)

  it("ends at once when there was one", function()
    local seen, seen_item = list:version(), list:item_version(1)
    list[1] = 5
    assert.equal(list:version(), list:wait(seen))
    assert.equal(list:item_version(1), list:wait(seen_item, nil, 1))
    assert.equal(list:version(), list:wait(seen, math.huge))
  end)

  it("gives nil, a message and a code when there is none in time", function()
    for _, index in ipairs { false, 1 } do
      local seen = index and list:item_version(1) or list:version()
      for _, timeout in ipairs { 0, 0.15 } do
        local version, message, code = list:wait(seen, timeout, index or nil)
        assert.is_nil(version)
        assert.equal(polyshm.ETIMEDOUT, code)
        assert.truthy(message:find("list '" .. name .. "': no change in " .. timeout, 1, true), message)
      end
    end
  end)

  it("for an item does not end with another's", function()
    local seen = list:item_version(1)
    list[2] = 5
    assert.equal(polyshm.ETIMEDOUT, (select(3, list:wait(seen, 0.01, 1))))
  end)

  it("refuses what is no version, no time and no item", function()
    support.complains("'seen' must be an integer", list.wait, list)
    support.complains("'seen' must be an integer", list.wait, list, -1)
    support.complains("'seen' must be an integer", list.wait, list, "0")
    support.complains("'timeout' must be a number", list.wait, list, 0, "1")
    support.complains("'timeout' must be 0 seconds or more", list.wait, list, 0, -1)
    support.complains("'timeout' must be 0 seconds or more", list.wait, list, 0, 0 / 0)
    support.complains("'index' must be an integer", list.wait, list, 0, 0, "1")
    local failure = support.raises("EINDEX", list.wait, list, 0, 0, 3)
    assert.truthy(failure.message:find("no item 3", 1, true), failure.message)
    list:close()
    support.raises("ECLOSED", list.wait, list, 0, 0)
  end)

  for what, source in pairs {
    list = "print(list:wait(list:version()), list[1])",
    item = "print(list:wait(list:item_version(1), 50, 1), list[1])",
  } do
    it("of the " .. what .. " ends when another process writes", function()
      local process = support.start_sleeping([[
        local list = assert(polyshm.ShareableList.attach { name = arg[1], readonly = true })
        begin()
      ]] .. source, name)
      list[1] = 42
      assert.equal("1\t42\n", support.finish(process))
    end)

    it("of the " .. what .. " is interrupted by Ctrl-C", function()
      local process, process_id = support.start_sleeping([[
        local list = assert(polyshm.ShareableList.attach(arg[1]))
        begin()
      ]] .. source, name)
      os.execute("kill -INT " .. process_id)
      local output = support.finish(process)
      assert.truthy(output:find("interrupted!", 1, true), output)
    end)
  end

  it("wakes every process that waits", function()
    local processes = {}
    for i = 1, 3 do
      processes[i] = support.start_sleeping([[
        local list = assert(polyshm.ShareableList.attach(arg[1]))
        begin()
        io.write(tostring(list:wait(0)))
      ]], name)
    end
    list[1] = 2
    for i = 1, 3 do
      assert.equal("1", support.finish(processes[i]))
    end
  end)

  it("returns EINTR when a signal's handler lets the program go on", function()
    if not support.has_ffi then
      return pending("needs ffi to handle a signal")
    end
    local process, process_id = support.start_sleeping([[
      local ffi = require "ffi"
      ffi.cdef "typedef void (*handler)(int); handler signal(int, handler); int abs(int);"
      ffi.C.signal(10, ffi.cast("handler", ffi.C.abs)) -- SIGUSR1, and a function that does nothing with it
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      begin()
      local version, message, code = list:wait(list:version())
      io.write(tostring(version), " ", message, " ", tostring(code == polyshm.EINTR))
    ]], name)
    support.await(function()
      os.execute("kill -USR1 " .. process_id .. " 2>/dev/null")
      return not support.runs(process_id)
    end, "the child ends")
    assert.equal("nil interrupted by a signal true", support.finish(process))
  end)
end)

describe("A snapshot", function()
  after_each(support.leave_nothing)

  it("has all values, and the version", function()
    local values = { 1, 2.5, "text", true, false, null, polyshm.bytes("\255"), ("x"):rep(10000) }
    local list = list_of(values)
    local read, version = list:snapshot()
    values[7] = "\255"
    assert.same(values, read)
    assert.equal(list:version(), version)
    assert.same({}, (list_of({}):snapshot()))
  end)

  it("serves a read-only attachment", function()
    local list = assert(ShareableList.create({ 1, "two" }, { name = support.name() }))
    local reader = assert(ShareableList.attach { name = list:shm():name(), readonly = true })
    list:unlink()
    list[1] = 5
    assert.same({ 5, "two" }, (reader:snapshot()))
  end)

  it("fails with the item that is damaged", function()
    local list = list_of { 1 }
    list:shm():write(40, "\9")
    local failure = support.raises("ECORRUPT", list.snapshot, list)
    assert.truthy(failure.message:find("item 1: ", 1, true), failure.message)
  end)

  it("never has half of what another process writes under one lock", function()
    local list = assert(ShareableList.create({ 0, 0, "0" }, { name = support.name(), spare = 8 }))
    local reader = assert(ShareableList.attach { name = list:shm():name(), readonly = true })
    local process = support.start([[
      local list = assert(polyshm.ShareableList.attach(arg[1]))
      for i = 1, 2000 do
        list:synchronize(function() list[1], list[2], list[3] = i, -i, tostring(i) end)
      end
      io.write "done"
    ]], list:shm():name())
    local last, deadline = 0, os.time() + 50
    while last < 2000 and os.time() < deadline do
      for _, from in ipairs { list, reader } do
        local values, version = from:snapshot()
        assert.equal(0, values[1] + values[2])
        assert.equal(tostring(values[1]), values[3])
        assert.equal(version, values[1])
        last = values[1]
      end
    end
    assert.equal("done", support.finish(process))
    list:unlink()
    assert.equal(2000, last)
  end)
end)
