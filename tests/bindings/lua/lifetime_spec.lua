local support = require "support"
local polyshm = require "polyshm"
local SharedMemory, ShareableList = polyshm.SharedMemory, polyshm.ShareableList

local function new_segment()
  local shm = assert(SharedMemory.create { name = support.name(), size = 8 })
  shm:unlink()
  return shm
end

local function new_list(values)
  local list = assert(ShareableList.create(values or { 1, "two" }, { name = support.name() }))
  list:unlink()
  return list
end

describe("The collector", function()
  after_each(support.leave_nothing)

  it("closes handles that nobody holds", function()
    for _ = 1, 2 do
      new_segment() -- opens this process's book, and then what watches the helper
    end
    local before = support.descriptors()
    local held = {}
    for i = 1, 20 do
      held[i] = { new_segment(), new_list() }
    end
    assert.equal(before + 40, support.descriptors())
    while #held > 0 do
      table.remove(held)
    end
    assert.equal(before, support.descriptors())
  end)

  it("may take list, segment and buffers in any order", function()
    local before = support.descriptors()
    for _, order in ipairs {
      "list shm buf", "list buf shm", "shm list buf", "shm buf list", "buf list shm", "buf shm list",
    } do
      local objects = { list = new_list() }
      objects.shm = objects.list:shm()
      objects.buf = objects.shm:buf()
      for name in order:gmatch("%a+") do
        objects[name] = nil
        collectgarbage()
        collectgarbage()
        for _, left in pairs(objects) do
          assert.is_true(#left > 0)
          assert.is_false(left:closed())
        end
      end
    end
    assert.equal(before, support.descriptors())
  end)

  it("keeps the bytes of a buffer mapped when all else is closed", function()
    local held = { new_list { 7 } }
    local buf = held[1]:shm():buf()
    held[1]:close()
    held[1] = nil
    collectgarbage()
    collectgarbage()
    assert.equal("\1", buf:read(0, 1))
    buf:write(0, "\2")
    assert.equal("\2", buf:read(0, 1))
  end)

  it("detaches from a block with the last handle", function()
    local name = support.name()
    local held = { assert(SharedMemory.create { name = name, size = 1 }), assert(SharedMemory.attach(name)) }
    table.remove(held)
    collectgarbage()
    assert.is_true(SharedMemory.attached(name))
    table.remove(held)
    collectgarbage()
    assert.is_false(SharedMemory.attached(name))
    assert(SharedMemory.attach(name)):unlink()
  end)

  it("does not mind a list that is used from its own finalizer, or after it", function()
    local output = support.run [[
      local list = polyshm.ShareableList.create { 1, ("x"):rep(1000) }
      list:unlink()
      local kept, seen
      local function finalize(object)
        kept = object
        seen = { pcall(function() return object.list[1] end) }
      end
      local holder
      if newproxy then
        local proxy = newproxy(true)
        holder = { list = list, proxy = proxy }
        getmetatable(proxy).__gc = function() finalize(holder) end
      else
        holder = setmetatable({ list = list }, { __gc = finalize })
      end
      list, holder = nil, nil
      for _ = 1, 5 do collectgarbage() end
      if kept then
        local list = kept.list
        for _, use in ipairs {
          function() return list[1] end, function() return list[2] end, function() list[1] = 1 end,
          function() return #list end, function() return list:read() end, function() return list:shm() end,
          function() return list:index(2) end, function() return list:close() end, function() return list:unlink() end,
        } do
          local ok, failure = pcall(use)
          assert(ok or failure.name == "ECLOSED", tostring(failure))
        end
        assert(list:closed() or list[1] == 1)
        tostring(list)
      end
      io.write "fine"
    ]]
    assert.equal("fine", output)
  end)

  it("closes everything when the interpreter ends", function()
    local name = support.name()
    local output = support.run([[
      local shm = polyshm.SharedMemory.create { name = arg[1], size = 8, track = false }
      held = { shm, shm:buf(), polyshm.ShareableList.create { 1 } }
      held[3]:unlink()
      io.write "ended"
    ]], name)
    assert.equal("ended", output)
    assert.is_false(SharedMemory.attached(name))
    assert(SharedMemory.attach(name)):unlink()
  end)
end)

describe("A finalizer that a script calls", function()
  after_each(support.leave_nothing)

  it("closes a list for good", function()
    local list = new_list()
    local shm = list:shm()
    for _ = 1, 3 do
      getmetatable(list).__gc(list)
    end
    assert.is_true(list:closed())
    for _, use in ipairs {
      function() return list[1] end, function() list[1] = 1 end, function() return #list end,
      function() return list:get(1) end, function() return list:set(1, 1) end, function() return list:read() end,
      function() return list:write(1, { 1 }) end, function() return list:items() end,
      function() return list:count(1) end, function() return list:index(1) end, function() return list:format() end,
      function() return list:type(1) end, function() return list:close() end, function() return list:unlink() end,
      function() return list:synchronized() end,
      function() list:lock() end, function() list:unlock() end, function() list:synchronize(print) end,
      function() list:add(1) end, function() list:compare_exchange(1, 1, 2) end, function() list:snapshot() end,
      function() list:version() end, function() list:item_version(1) end, function() list:wait(0) end,
      function() list:wait(0, nil, 1) end,
    } do
      support.raises("ECLOSED", use)
    end
    assert.equal("ShareableList(closed", tostring(list):sub(1, 20))
    assert.equal(8, #shm:read(0, 8))
  end)

  it("closes a segment for good", function()
    local shm = new_segment()
    local buf = shm:buf()
    for _ = 1, 3 do
      getmetatable(shm).__gc(shm)
    end
    assert.is_true(shm:closed())
    for _, use in ipairs {
      function() return shm:name() end, function() return #shm end, function() return shm:size() end,
      function() return shm:read(0, 1) end, function() return shm:write(0, "x") end, function() return shm:buf() end,
      function() return shm:readonly() end, function() return shm:close() end, function() return shm:unlink() end,
    } do
      support.raises("ECLOSED", use)
    end
    assert.equal("SharedMemory{closed}", tostring(shm))
    assert.equal(8, #buf:read(0, 8))
  end)

  it("closes a buffer", function()
    local buf = new_segment():buf()
    for _ = 1, 3 do
      getmetatable(buf).__gc(buf)
    end
    support.raises("ECLOSED", buf.read, buf, 0, 1)
  end)
end)

describe("A wrong self", function()
  after_each(support.leave_nothing)

  it("is an error in every function that a script can reach, never a crash", function()
    local shm = new_segment()
    local list = new_list()
    local objects = { shm, list, shm:buf(), polyshm.bytes("b"), polyshm.null }
    local wrong = {
      42, "text", true, {}, print, io.stdout, coroutine.create(function() end), shm:buf():pointer(), shm, list,
      objects[3], polyshm.bytes("b"), setmetatable({}, getmetatable(list)),
    }
    local checked = 0
    local function check(call, right)
      for _, self in ipairs(wrong) do
        if getmetatable(self) ~= getmetatable(right) or type(self) ~= type(right) then
          assert.is_false((pcall(call, self, 1, 1)))
          checked = checked + 1
        end
      end
      assert.is_false((pcall(call)))
      assert.is_false((pcall(call, nil, 1, 1)))
    end
    for _, object in ipairs(objects) do
      local metatable = getmetatable(object)
      for name, value in pairs(metatable) do
        -- Equality is asked of any two userdata; a tostring may be.
        if type(value) == "function" and name ~= "__eq" then
          check(value, object)
        end
      end
      for _, method in pairs(metatable.methods) do
        check(method, object)
      end
    end
    assert.is_true(checked > 300)
    assert.equal(1, list[1])
  end)

  it("equals nothing", function()
    local equal = getmetatable(polyshm.null).__eq
    for _, other in ipairs { 42, io.stdout, {}, new_segment() } do
      assert.is_false(equal(polyshm.null, other))
      assert.is_false(equal(other, polyshm.null))
    end
  end)
end)

describe("Any method with any arguments", function()
  after_each(support.leave_nothing)

  it("gives a result or an error, never a crash", function()
    local output = support.run([[
      math.randomseed(tonumber(arg[1]))
      collectgarbage("setpause", 50)
      local random, SharedMemory, ShareableList = math.random, polyshm.SharedMemory, polyshm.ShareableList
      local function new_list()
        local values = { 1, "two", polyshm.null, ("x"):rep(random(0, 2000)), 2.5, true }
        local list = assert(ShareableList.create(values, { spare = random(0, 100) }))
        list:unlink()
        return list
      end
      local function new_segment()
        local shm = assert(SharedMemory.create { size = random(1, 10000) })
        shm:unlink()
        return shm
      end
      local constants = {
        0 / 0, 1 / 0, -0.0, 2 ^ 62, 2 ^ 63, true, "text", type, io.stdin, polyshm.null, polyshm.float(3),
      }
      local makers = {
        new_list, new_segment, function() return new_segment():buf() end, function() return new_list():shm() end,
        function() return random(-3, 10) end, function() return random() * 10 ^ random(-3, 20) end,
        function() return ("\255"):rep(random(0, 3000)) end,
        function() return polyshm.bytes(("b"):rep(random(0, 3000))) end,
        function() return { 1, 2, "three" } end, function() return { [2] = 1 } end, function() return { n = 3 } end,
        function() return constants[random(#constants)] end, function() end,
      }
      local objects = {}
      local function any()
        return random(2) == 1 and objects[random(20)] or makers[random(#makers)]()
      end
      local functions = { SharedMemory.attach, SharedMemory.exists, SharedMemory.attached, ShareableList.attach }
      for _, class in ipairs { new_list(), new_segment(), new_segment():buf(), polyshm.null } do
        for name, value in pairs(getmetatable(class)) do
          functions[#functions + 1] = type(value) == "function" and value or nil
        end
        for name, method in pairs(getmetatable(class).methods) do
          functions[#functions + 1] = name == "wait" and function(list, seen, _, index)
            return method(list, seen, 0, index)
          end or method
        end
      end
      for _ = 1, 20000 do
        objects[random(20)] = random(5) == 1 and makers[random(4)]() or nil
        local _, result = pcall(functions[random(#functions)], any(), any(), any(), random(2) == 1 and any() or nil)
        tostring(result)
      end
      io.write "fine"
    ]], os.time())
    assert.equal("fine", output)
  end)
end)

describe("Values that change while they are read", function()
  after_each(support.leave_nothing)

  it("do not matter: a finalizer may empty the table of a create", function()
    local output = support.run [[
      collectgarbage("setpause", 1)
      collectgarbage("setstepmul", 10000)
      for round = 1, 50 do
        local values = {}
        for i = 1, 200 do values[i] = "text " .. i .. " of round " .. round end
        local function empty()
          for i = 1, 200 do values[i] = i end
        end
        for _ = 1, 50 do
          if newproxy then
            getmetatable(newproxy(true)).__gc = empty
          else
            setmetatable({}, { __gc = empty })
          end
        end
        local list = polyshm.ShareableList.create(values)
        list:unlink()
        local item = list[200]
        assert(item == 200 or item == "text 200 of round " .. round, tostring(item))
        list:close()
      end
      io.write "fine"
    ]]
    assert.equal("fine", output)
  end)
end)
