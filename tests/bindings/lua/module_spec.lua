local support = require "support"
local polyshm = require "polyshm"

describe("the module", function()
  after_each(support.leave_nothing)

  it("tells its versions", function()
    assert.truthy(polyshm.version():match("^%d+%.%d+%.%d+$"))
    assert.equal(1, polyshm.abi_version())
  end)

  it("has a code for every error, and its name", function()
    for _, name in ipairs { "EINVAL", "ECLOSED", "ENAME", "EEXIST", "ENOENT", "EREADONLY", "ERANGE", "ESYSTEM" } do
      assert.is_true(polyshm[name] < 0)
      assert.equal("POLYSHM_" .. name, polyshm.status_name(polyshm[name]))
    end
    assert.equal(-5, polyshm.ENOENT)
    assert.equal("POLYSHM_UNKNOWN", polyshm.status_name(-12345))
  end)

  it("has the names of all blocks, whoever made them", function()
    local names = {}
    for i = 1, 100 do
      names[i] = support.name() .. ("x"):rep(100)
      assert(io.open("/dev/shm/" .. names[i], "w")):close()
    end
    local function count_ours()
      local known, count = {}, 0
      for _, name in ipairs(polyshm.block_names()) do
        known[name] = true
      end
      for _, name in ipairs(names) do
        count = count + (known[name] and 1 or 0)
      end
      return count
    end
    assert.equal(100, count_ours())
    for _, name in ipairs(names) do
      os.remove("/dev/shm/" .. name)
    end
    assert.equal(0, count_ours())
  end)

  it("says how many arguments it wants, in the words of scripts", function()
    local list = assert(polyshm.ShareableList.create({ 1 }, { name = support.name() }))
    local shm = list:shm()
    support.complains("'size' is a method: call it with a colon, as object:size(...)", shm.size)
    support.complains("'read' is a method: call it with a colon, as object:read(...)", shm.read, 0, 1)
    support.complains("'synchronized' is a method", list.synchronized)
    support.complains("'write' takes 2 arguments, got 0", shm.write, shm)
    support.complains("'item_version' takes 1 argument, got 2", list.item_version, list, 1, 2)
    support.complains("'add' takes 1 or 2 arguments, got 0", list.add, list)
    support.complains("'exists' takes 1 argument, got 0", polyshm.SharedMemory.exists)
    support.complains("'version' takes 0 arguments, got 1", polyshm.version, 1)
    list:close()
    list:unlink()
  end)

  it("makes no globals", function()
    local output = support.run [[
      local known = {}
      for _, name in ipairs { "polyshm", "swig_type", "swig_equals", "SharedMemory", "ShareableList" } do
        if rawget(_G, name) ~= nil then known[#known + 1] = name end
      end
      io.write("[", table.concat(known, " "), "]")
    ]]
    assert.equal("[]", output)
  end)

  it("can be loaded again without breaking objects of the first time", function()
    local list = assert(polyshm.ShareableList.create({ 1, polyshm.null }, { name = support.name() }))
    for name in pairs(package.loaded) do
      if name:find("^polyshm") then
        package.loaded[name] = nil
      end
    end
    local again = require "polyshm"
    assert.equal(polyshm.null, again.null)
    assert.equal(polyshm.Error, again.Error)
    list[1] = again.bytes("b")
    assert.same({ "b", again.null }, list:read())
    assert.equal("bytes", list:type(1))
    list:unlink()
  end)

  it("says which Lua it serves when another loads it", function()
    local output = support.run [[
      package.loaded["polyshm.core"], package.loaded["polyshm"] = nil, nil
      _VERSION = "Lua 5.3"
      print(pcall(require, "polyshm.core"))
    ]]
    assert.truthy(output:find("polyshm serves Lua 5.4, LuaJIT and Lua 5.1, not Lua 5.3", 1, true), output)
  end)
end)

describe("an error object", function()
  after_each(support.leave_nothing)

  it("has a code, a name and a message, and prints as its message", function()
    local list = assert(polyshm.ShareableList.create({ 1 }, { name = support.name() }))
    list:unlink()
    list:close()
    local failure = support.raises("ECLOSED", function() return list[1] end)
    assert.equal(failure.message, tostring(failure))
    assert.truthy(failure.message:find("closed", 1, true))
  end)

  it("is shown by the interpreter when nobody catches it", function()
    if not support.has_integers then
      return pending("Lua 5.1's interpreter shows strings alone")
    end
    local output = support.run [[
      local shm = polyshm.SharedMemory.create { size = 1 }
      shm:unlink()
      shm:read(1, 1)
    ]]
    assert.truthy(output:find("reach beyond", 1, true), output)
  end)

  it("tells items as Lua counts them, whatever the block is called", function()
    local name = support.name() .. " item 7"
    local list = assert(polyshm.ShareableList.create({ "a", "b" }, { name = name }))
    local failure = support.raises("ETOOLONG", function() list[2] = ("x"):rep(9) end)
    assert.truthy(failure.message:find("'" .. name .. "', item 2: ", 1, true), failure.message)
    failure = support.raises("EINDEX", list.get, list, 3)
    assert.truthy(failure.message:find("no item 3", 1, true), failure.message)
    failure = support.raises("EINDEX", list.get, list, -1)
    assert.truthy(failure.message:find("no item -1", 1, true), failure.message)
    list:unlink()
    failure = support.raises("ENOENT", list.unlink, list)
    assert.truthy(failure.message:find(" item 7", 1, true), failure.message)
  end)

  it("does not need a table of its own to print", function()
    assert.has_error(function() polyshm.Error.__tostring(42) end)
  end)
end)
