local support = require "support"
local polyshm = require "polyshm"
local ShareableList, null = polyshm.ShareableList, polyshm.null

-- A new list that is unlinked at once: it lives as long as its handles.
local function list_of(values, options)
  options = options or {}
  options.name = support.name()
  local list = assert(ShareableList.create(values, options))
  list:unlink()
  return list
end

describe("ShareableList.create", function()
  after_each(support.leave_nothing)

  it("holds the values, in order", function()
    local values = { 1, 2.5, "text", true, false, null }
    local list = list_of(values)
    assert.equal(6, #list)
    assert.same(values, list:read())
  end)

  it("takes a name, or makes one up", function()
    local name = support.name()
    local named = assert(ShareableList.create({ 1 }, { name = name }))
    assert.equal(name, named:shm():name())
    named:unlink()
    local unnamed = assert(ShareableList.create { 1 })
    assert.truthy(unnamed:shm():name():match("^psm_%x+$"))
    unnamed:unlink()
  end)

  it("may be empty", function()
    local list = list_of {}
    assert.equal(0, #list)
    assert.same({}, list:read())
    assert.equal("", list:format())
    assert.is_nil(list[1])
    for _ in list:items() do
      error("no items")
    end
  end)

  it("may hold 100,000 items", function()
    local values = {}
    for i = 1, 100000 do
      values[i] = i * 3
    end
    local list = list_of(values)
    assert.equal(100000, #list)
    assert.equal(300000, list[100000])
    local back, sum = list:read(), 0
    for i = 1, 100000 do
      sum = sum + (back[i] == values[i] and 1 or 0)
    end
    assert.equal(100000, sum)
  end)

  it("takes the number of values from n, as table.pack gives it", function()
    assert.equal(2, #list_of { "a", "b", n = 2 })
    assert.equal(0, #list_of { n = 0 })
  end)

  it("never is silently shorter than a table with holes", function()
    support.complains("item 2: nil is no value of a list; polyshm.null is", list_of, { 1, nil, 3 })
    support.complains("item 3: nil", list_of, { 1, 2, nil, 4 })
    support.complains("item 2: nil", list_of, { 1, n = 2 })
    support.complains("item 1: nil", list_of, { [10 ^ 12] = 1 })
    support.complains("item 1: nil", list_of, { n = 2 ^ 62 })
    support.complains("'n' must be an integer from 3", list_of, { 1, 2, 3, n = 2 })
    support.complains("'n'", list_of, { 1, n = "1" })
  end)

  it("refuses other keys than indices, and names them", function()
    support.complains("have a key 'name'", list_of, { 1, name = "x" })
    support.complains("have a key 'table'", list_of, { 1, [{}] = 2 })
    support.complains("have a key 'number'", list_of, { 1, [0] = 2 })
    support.complains("have a key 'number'", list_of, { 1, [1.5] = 2 })
  end)

  it("refuses values that no list can hold, and names the item", function()
    support.complains("item 2: a list cannot hold a table", list_of, { 1, {} })
    support.complains("item 1: a list cannot hold a function", list_of, { print })
    support.complains("item 3: a list cannot hold a thread", list_of, { 1, 2, coroutine.create(function() end) })
    support.complains("item 1: a list cannot hold a userdata", list_of, { io.stdout })
    support.complains("'values' must be a table, got string", list_of, "abc")
    support.complains("'values' must be a table, got nil", ShareableList.create)
  end)

  it("refuses options that do not exist", function()
    support.complains("unknown option 'nam'", ShareableList.create, { 1 }, { nam = "x" })
    support.complains("unknown option 'size'", ShareableList.create, { 1 }, { size = 8 })
    support.complains("'spare' must be an integer", ShareableList.create, { 1 }, { spare = -1 })
  end)

  it("returns nil, a message and a code when the library refuses", function()
    local list = assert(ShareableList.create({ 1 }, { name = support.name() }))
    local again, message, code = ShareableList.create({ 1 }, { name = list:shm():name() })
    assert.is_nil(again)
    assert.equal("string", type(message))
    assert.equal(polyshm.EEXIST, code)
    list:unlink()

    again, message, code = ShareableList.create({ 1, "\255" }, { name = support.name() })
    assert.is_nil(again)
    assert.equal(polyshm.EUTF8, code)
    assert.truthy(message:find("item 2: ", 1, true) and message:find("polyshm.bytes", 1, true), message)
  end)

  it("makes room for longer strings when asked", function()
    local list = list_of({ "a", null }, { spare = 100 })
    list[1], list[2] = ("x"):rep(101), ("y"):rep(100)
    assert.equal(("x"):rep(101), list[1])
    assert.equal(("y"):rep(100), list[2])
    support.raises("ETOOLONG", function() list[1] = ("x"):rep(1000) end)
  end)
end)

describe("ShareableList.attach", function()
  local name, list

  before_each(function()
    name = support.name()
    list = assert(ShareableList.create({ 1, "two", null }, { name = name }))
  end)
  after_each(function() pcall(list.unlink, list) end)
  after_each(support.leave_nothing)

  it("sees and changes the same items", function()
    for _, given in ipairs { name, { name = name }, { name = name, same_user = true, timeout = 1 } } do
      local other = assert(ShareableList.attach(given))
      assert.same({ 1, "two", null }, other:read())
      other[1] = 5
      assert.equal(5, list[1])
      list[1] = 1
    end
  end)

  it("refuses to write when read-only", function()
    local reader = assert(ShareableList.attach { name = name, readonly = true })
    support.raises("EREADONLY", function() reader[1] = 2 end)
    support.raises("EREADONLY", reader.set, reader, 1, 2)
    support.raises("EREADONLY", reader.write, reader, 1, { 2 })
    assert.equal(1, reader[1])
    assert.is_true(reader:readonly())
    assert.is_true(reader:shm():readonly())
  end)

  it("refuses what is no list", function()
    local shm = assert(polyshm.SharedMemory.create { name = support.name(), size = 100 })
    shm:write(0, ("\255"):rep(100))
    local other, _, code = ShareableList.attach(shm:name())
    shm:unlink()
    assert.is_nil(other)
    assert.equal(polyshm.ENOTLIST, code)
  end)

  it("returns nil, a message and a code when there is no such block", function()
    local other, message, code = ShareableList.attach(support.name())
    assert.is_nil(other)
    assert.equal("string", type(message))
    assert.equal(polyshm.ENOENT, code)
    assert.equal(polyshm.ETIMEDOUT, select(3, ShareableList.attach { name = support.name(), timeout = 0.01 }))
  end)

  it("needs a name", function()
    support.complains("expected a name", ShareableList.attach)
    support.complains("'name' is missing", ShareableList.attach, {})
    support.complains("unknown option 'spare'", ShareableList.attach, { name = name, spare = 1 })
  end)
end)

describe("An index", function()
  after_each(support.leave_nothing)
  local list

  before_each(function() list = list_of { "a", "b", "c" } end)

  it("goes from 1 to #list", function()
    assert.same({ "a", "b", "c" }, { list[1], list[2], list[3] })
    list[1], list[3] = 1, 3
    assert.same({ 1, "b", 3 }, list:read())
  end)

  it("may be a float without a fraction", function()
    assert.equal("b", list[2.0])
    assert.equal("b", list:get(2.0))
    list[2.0] = "B"
    assert.equal("B", list[2])
  end)

  it("gives nil outside, and for what is no index", function()
    assert.is_nil(list[0])
    assert.is_nil(list[-1])
    assert.is_nil(list[4])
    assert.is_nil(list[2 ^ 62])
    assert.is_nil(list[1.5])
    assert.is_nil(list[1 / 0])
    assert.is_nil(list[0 / 0])
    assert.is_nil(list.nonsense)
    assert.is_nil(list["1"])
    assert.is_nil(list[true])
    assert.is_nil(list[{}])
    assert.is_nil(list[-support.largest])
    assert.is_nil(list[support.largest])
  end)

  it("is an error outside when writing", function()
    for _, index in ipairs { 0, -1, 4, 2 ^ 62, -2 ^ 63 } do
      support.raises("EINDEX", function() list[index] = 1 end)
      support.raises("EINDEX", list.set, list, index, 1)
      support.raises("EINDEX", list.get, list, index)
      support.raises("EINDEX", list.type, list, index)
    end
    assert.same({ "a", "b", "c" }, list:read())
  end)

  it("is an error when writing to what is no index", function()
    support.complains("a list is indexed by integers, not by 'nonsense'", function() list.nonsense = 1 end)
    support.complains("not by '1'", function() list["1"] = 1 end)
    support.complains("not by 'number'", function() list[1.5] = 1 end)
    support.complains("not by 'boolean'", function() list[true] = 1 end)
    support.complains("'index' must be an integer", list.get, list, "1")
    support.complains("'index' must be an integer", list.get, list, 1.5)
    support.complains("'index' must be an integer", list.set, list, 2 ^ 63, 1)
    support.complains("got nil", list.get, list)
  end)

  it("does not hide the methods, and nothing can replace them", function()
    assert.equal("function", type(list.close))
    support.complains("not by 'close'", function() list.close = nil end)
  end)
end)

describe("A value that cannot be written", function()
  after_each(support.leave_nothing)

  it("leaves the item as it was", function()
    local list = list_of { "text", 7 }
    support.raises("ETOOLONG", function() list[1] = "nine byte" end)
    support.raises("ETOOLONG", function() list[2] = "nine byte" end)
    local failure = support.raises("EUTF8", function() list[1] = "\255" end)
    assert.truthy(failure.message:find("polyshm.bytes", 1, true), failure.message)
    support.complains("nil is no value of a list; polyshm.null is", function() list[1] = nil end)
    support.complains("a list cannot hold a table", function() list[1] = {} end)
    support.complains("a list cannot hold a function", list.set, list, 1, print)
    support.complains("a list cannot hold a userdata", list.set, list, 1, list)
    assert.same({ "text", 7 }, list:read())
  end)
end)

describe("Iteration", function()
  after_each(support.leave_nothing)

  it("by items() works in every Lua", function()
    local list, seen = list_of { "a", null, false, 4 }, {}
    for i, value in list:items() do
      seen[#seen + 1] = { i, value }
    end
    assert.same({ { 1, "a" }, { 2, null }, { 3, false }, { 4, 4 } }, seen)
  end)

  it("by ipairs and pairs works in Lua 5.4", function()
    if not support.is_54 then
      return pending("LuaJIT's ipairs and pairs do not look at userdata")
    end
    local list = list_of { "a", null, 3 }
    for _, iterate in ipairs { ipairs, pairs } do
      local seen = {}
      for i, value in iterate(list) do
        seen[i] = value
      end
      assert.same({ "a", null, 3 }, seen)
    end
  end)

  it("by number works in every Lua", function()
    local list, sum = list_of { 1, 2, 3 }, 0
    for i = 1, #list do
      sum = sum + list[i]
    end
    assert.equal(6, sum)
  end)
end)

describe("A range", function()
  after_each(support.leave_nothing)
  local list

  before_each(function() list = list_of { 1, 2, "three", null, 5 } end)

  it("is read by its first index and how many", function()
    assert.same({ 2, "three" }, list:read(2, 2))
    assert.same({ "three", null, 5 }, list:read(3))
    assert.same({ 1, 2, "three", null, 5 }, list:read())
    assert.same({}, list:read(3, 0))
    assert.same({}, list:read(6))
  end)

  it("is written by its first index and a table", function()
    list:write(2, { "b", 3, "d" })
    assert.same({ 1, "b", 3, "d", 5 }, list:read())
    list:write(6, {})
    list:write(1, { n = 0 })
    assert.same({ 1, "b", 3, "d", 5 }, list:read())
  end)

  it("outside the list is an error, and writes nothing", function()
    support.raises("EINDEX", list.read, list, 0, 1)
    support.raises("EINDEX", list.read, list, 1, 6)
    support.raises("EINDEX", list.read, list, 7, 0)
    support.raises("EINDEX", list.read, list, 2, support.largest)
    support.complains("'count' must be an integer", list.read, list, 7)
    support.complains("'count' must be an integer", list.read, list, 1, -1)
    support.complains("'start' must be an integer", list.read, list, "1", 1)
    support.raises("EINDEX", list.write, list, 5, { "x", "y" })
    support.raises("EINDEX", list.write, list, 0, { "x" })
    assert.same({ 1, 2, "three", null, 5 }, list:read())
  end)

  it("is written whole or not at all", function()
    support.raises("ETOOLONG", list.write, list, 1, { 10, 20, ("x"):rep(100) })
    support.complains("item 2: a list cannot hold a table", list.write, list, 1, { 10, {} })
    support.complains("item 1: nil", list.write, list, 1, { nil, 2 })
    support.complains("'values' must be a table", list.write, list, 1, 10)
    assert.same({ 1, 2, "three", null, 5 }, list:read())
  end)
end)

describe("Looking for a value", function()
  after_each(support.leave_nothing)
  local list

  before_each(function()
    list = list_of { true, 1, "1", 1.5, polyshm.bytes("1"), null, 1, false, 0, "long" .. ("g"):rep(1000), 0 / 0 }
  end)

  it("finds the first item that == would find", function()
    assert.equal(2, list:index(1))
    assert.equal(1, list:index(true))
    assert.equal(8, list:index(false))
    assert.equal(9, list:index(0))
    assert.equal(9, list:index(-0.0))
    assert.equal(4, list:index(1.5))
    assert.equal(6, list:index(null))
    assert.equal(3, list:index("1"))
    assert.equal(5, list:index(polyshm.bytes("1")))
    assert.equal(10, list:index("long" .. ("g"):rep(1000)))
    assert.equal(2, list:index(support.has_integers and support.integer("1") or 1))
  end)

  it("gives nil when there is none", function()
    assert.is_nil(list:index(2))
    assert.is_nil(list:index("2"))
    assert.is_nil(list:index(polyshm.bytes("long")))
    assert.is_nil(list:index(0 / 0))
    assert.is_nil(list_of({}):index(1))
  end)

  it("counts", function()
    assert.equal(2, list:count(1))
    assert.equal(1, list:count(true))
    assert.equal(2, list:count("1"))
    assert.equal(1, list:count(polyshm.bytes("1")))
    assert.equal(1, list:count(null))
    assert.equal(0, list:count(0 / 0))
    assert.equal(0, list:count("none"))
  end)

  it("compares integers and floats by their exact value", function()
    if not support.has_integers then
      return pending("Lua 5.1 has no integers of 64 bits")
    end
    local large = list_of {
      2 ^ 53, support.integer("9007199254740993"), support.integer("9223372036854775807"), 2 ^ 63,
    }
    assert.equal(1, large:index(support.integer("9007199254740992")))
    assert.equal(1, large:index(2 ^ 53))
    assert.equal(2, large:index(support.integer("9007199254740993")))
    assert.equal(4, large:index(2 ^ 63))
    assert.equal(3, large:index(support.integer("9223372036854775807")))
    assert.is_nil(large:index(-2 ^ 63))
  end)

  it("needs a value that a list can hold", function()
    support.complains("nil is no value of a list", list.index, list, nil)
    support.complains("a list cannot hold a table", list.count, list, {})
  end)

  it("goes through items of growing size", function()
    local values = {}
    for i = 1, 100 do
      values[i] = ("v"):rep(i * 100)
    end
    local growing = list_of(values)
    assert.equal(100, growing:index(values[100]))
    assert.equal(1, growing:count(values[50]))
    assert.equal(0, growing:count("v"))
  end)
end)

describe("A list", function()
  after_each(support.leave_nothing)

  it("tells the type of each item, and its format", function()
    local list = list_of { null, true, 7, 2.5, "text", polyshm.bytes("text") }
    local types = {}
    for i = 1, #list do
      types[i] = list:type(i)
    end
    assert.same({ "none", "bool", "int64", "float64", "str", "bytes" }, types)
    assert.equal("xxxxxx?xxxxxxxx?qd8s8s", list:format())
  end)

  it("changes an item's type with its value", function()
    local list = list_of { "12345678" }
    for _, case in ipairs { { 1, "int64" }, { 0.5, "float64" }, { null, "none" }, { true, "bool" }, { "s", "str" } } do
      list[1] = case[1]
      assert.equal(case[2], list:type(1))
      assert.equal(case[1], list[1])
    end
  end)

  it("has its segment, the same object each time", function()
    local name = support.name()
    local list = assert(ShareableList.create({ 1 }, { name = name }))
    local shm = list:shm()
    assert.equal(shm, list:shm())
    assert.equal(name, shm:name())
    assert.equal("\1\0\0\0\0\0\0\0", shm:read(0, 8))
    shm:close()
    assert.is_true(list:closed())
    assert.equal(shm, list:shm())
    list:unlink()
  end)

  it("prints its first values and its name", function()
    local name = support.name()
    local list = assert(ShareableList.create({ 1, "two", null, true, polyshm.bytes("b") }, { name = name }))
    list:unlink()
    assert.equal(('ShareableList({1, "two", null, true, "b"}, {name="%s"})'):format(name), tostring(list))

    local values = { ("x"):rep(1000) }
    for i = 2, 1000 do
      values[i] = i
    end
    local long = tostring(list_of(values))
    assert.truthy(long:find('"' .. ("x"):rep(40) .. '"..., 2, ', 1, true), long)
    assert.truthy(long:find(", 10, ... 990 more}", 1, true), long)
  end)

  it("prints also when an item is damaged", function()
    local list = list_of { 1, 2 }
    list:shm():write(65, "\9") -- the kind of the second item, behind the items' offsets, slots and formats
    support.raises("ECORRUPT", function() return list[2] end)
    assert.truthy(tostring(list):find("({1, ?}, ", 1, true), tostring(list))
  end)

  it("closes once or twice, and is of no use then", function()
    local name = support.name()
    local list = assert(ShareableList.create({ 1 }, { name = name }))
    assert.is_false(list:closed())
    list:close()
    list:close()
    assert.is_true(list:closed())
    support.raises("ECLOSED", function() return list[1] end)
    support.raises("ECLOSED", function() return list[99] end)
    support.raises("ECLOSED", function() list[1] = 1 end)
    support.raises("ECLOSED", function() return #list end)
    for _, use in ipairs {
      function() return list:get(1) end, function() return list:set(1, 1) end, function() return list:read(1, 1) end,
      function() return list:write(1, { 1 }) end, function() return list:count(1) end,
      function() return list:index(1) end, function() return list:type(1) end, function() return list:format() end,
      function() return list:items() end,
      function() list:lock() end, function() list:unlock() end, function() list:synchronize(print) end,
      function() list:add(1) end, function() list:compare_exchange(1, 1, 2) end, function() list:snapshot() end,
      function() list:version() end, function() list:item_version(1) end, function() list:wait(0) end,
      function() list:wait(0, nil, 1) end,
    } do
      support.raises("ECLOSED", use)
    end
    assert.equal(('ShareableList(closed, {name="%s"})'):format(name), tostring(list))
    list:unlink()
  end)

  it("closes at the end of its scope in Lua 5.4", function()
    if not support.is_54 then
      return pending("LuaJIT has no <close>")
    end
    local list = list_of { 1 }
    support.run_source("local list = ... do local scoped <close> = list end", list)
    assert.is_true(list:closed())
  end)
end)
