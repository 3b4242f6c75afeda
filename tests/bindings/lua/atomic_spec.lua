local support = require "support"
local polyshm = require "polyshm"
local ShareableList, null = polyshm.ShareableList, polyshm.null

local function list_of(values)
  local list = assert(ShareableList.create(values, { name = support.name() }))
  list:unlink()
  return list
end

describe("ShareableList:add", function()
  after_each(support.leave_nothing)

  it("adds, and gives the new value", function()
    local list = list_of { 40 }
    assert.equal(42, list:add(1, 2))
    assert.equal(-58, list:add(1, -100))
    assert.equal(-58, list[1])
    assert.equal("int64", list:type(1))
  end)

  it("adds 1 when it is not told what", function()
    local list = list_of { 1 }
    assert.equal(2, list:add(1))
    assert.equal(3, list:add(1, nil))
  end)

  it("is exact to 64 bits", function()
    if not support.has_integers then
      return pending("Lua 5.1 has no integers of 64 bits")
    end
    local list = list_of { 2 ^ 53 }
    list[1] = support.integer("9007199254740992")
    for _, digits in ipairs { "9007199254740993", "9007199254740994" } do
      local sum = list:add(1, 1)
      assert.equal(digits, support.digits(sum))
      assert.equal(support.integer(digits), sum)
    end
    assert.equal(0, list:add(1, support.integer("-9007199254740994")))
    assert.equal("9223372036854775807", support.digits(list:add(1, support.integer("9223372036854775807"))))
    list[1] = 0
    assert.equal("-9223372036854775808", support.digits(list:add(1, support.integer("-9223372036854775808"))))
  end)

  it("beyond 64 bits is an error, and leaves the item as it was", function()
    if not support.has_integers then
      return pending("Lua 5.1 has no integers of 64 bits")
    end
    local list = list_of { 0, 0 }
    list[2] = support.integer("9223372036854775807")
    local failure = support.raises("ERANGE", list.add, list, 2)
    assert.truthy(failure.message:find("item 2: ", 1, true), failure.message)
    list[1] = support.integer("-9223372036854775808")
    failure = support.raises("ERANGE", list.add, list, 1, -1)
    assert.truthy(failure.message:find("item 1: ", 1, true), failure.message)
    assert.equal("9223372036854775807", support.digits(list[2]))
    assert.equal("-9223372036854775808", support.digits(list[1]))
  end)

  it("is for int64 only", function()
    for i, value in ipairs { 0.5, true, "1", polyshm.bytes("1"), null } do
      local list = list_of { value }
      local failure = support.raises("ETYPE", list.add, list, 1)
      assert.truthy(failure.message:find("item 1: only an int64", 1, true), failure.message)
      assert.equal(({ 0.5, true, "1", "1", null })[i], list[1])
    end
    local list = list_of { 1 }
    support.raises("EINDEX", list.add, list, 2)
  end)

  it("takes integers only", function()
    local list = list_of { 1 }
    for _, delta in ipairs { 0.5, "1", true, 2 ^ 63, 1 / 0 } do
      support.complains("'delta' must be an integer", list.add, list, 1, delta)
    end
    support.complains("'index' must be an integer", list.add, list, "1")
    support.complains("'add' takes 1 or 2 arguments, got 0", list.add, list)
    assert.equal(1, list[1])
  end)

  it("of many processes loses nothing", function()
    local list = assert(ShareableList.create({ 0, 0, 0 }, { name = support.name() }))
    local processes = {}
    for i = 1, 4 do
      processes[i] = support.start([[
        local list = assert(polyshm.ShareableList.attach(arg[1]))
        local seen = list:version()
        list:add(1)
        while list[2] == 0 do
          seen = assert(list:wait(seen, 50))
        end
        for _ = 1, 1000 do
          list:add(3)
        end
        io.write "done"
      ]], list:shm():name())
    end
    local seen = list:version()
    while list[1] < 4 do
      seen = assert(list:wait(seen, 50))
    end
    list[2] = 1
    for i = 1, 4 do
      assert.equal("done", support.finish(processes[i]))
    end
    list:unlink()
    assert.equal(4000, list[3])
  end)
end)

describe("ShareableList:compare_exchange", function()
  after_each(support.leave_nothing)

  it("writes if the item has the expected value, and tells", function()
    local list = list_of { 1 }
    assert.is_false(list:compare_exchange(1, 2, 3))
    assert.equal(1, list[1])
    assert.is_true(list:compare_exchange(1, 1, 2))
    assert.equal(2, list[1])
  end)

  it("serves numbers, booleans and null, in any order", function()
    local list, last = list_of { null }, null
    local large = support.has_integers and support.integer("9007199254740993") or 2 ^ 53
    for _, value in ipairs { 7, 0.5, true, false, large, null } do
      assert.is_false(list:compare_exchange(1, value, 1))
      assert.is_true(list:compare_exchange(1, last, value))
      assert.equal(value, list[1])
      last = value
    end
  end)

  it("compares by type and bits", function()
    local list = list_of { 1, polyshm.float(1), true, 0, tonumber("-0.0"), 0 / 0 }
    assert.is_false(list:compare_exchange(1, polyshm.float(1), 5))
    assert.is_false(list:compare_exchange(1, true, 5))
    assert.is_false(list:compare_exchange(2, support.has_integers and support.integer("1") or 1, 5))
    assert.is_false(list:compare_exchange(3, 1, 5))
    assert.is_false(list:compare_exchange(4, tonumber("-0.0"), 5))
    assert.is_false(list:compare_exchange(5, polyshm.float(0), 5))
    assert.is_true(list:compare_exchange(6, list[6], 5))
    assert.is_true(list:compare_exchange(5, tonumber("-0.0"), 5))
  end)

  it("is not for strings", function()
    local list = list_of { 1, "text" }
    support.raises("ETYPE", list.compare_exchange, list, 1, "1", 2)
    support.raises("ETYPE", list.compare_exchange, list, 1, 1, "2")
    support.raises("ETYPE", list.compare_exchange, list, 1, polyshm.bytes("1"), 2)
    assert.is_false(list:compare_exchange(2, null, 2))
    support.complains("nil is no value of a list", list.compare_exchange, list, 1, nil, 2)
    support.complains("a list cannot hold a table", list.compare_exchange, list, 1, 1, {})
    support.complains("takes 3 arguments, got 2", list.compare_exchange, list, 1, 1)
    support.raises("EINDEX", list.compare_exchange, list, 3, 1, 1)
    assert.same({ 1, "text" }, list:read())
  end)

  it("lets one of many processes win", function()
    local list = assert(ShareableList.create({ 0, 0 }, { name = support.name() }))
    local processes = {}
    for i = 1, 3 do
      processes[i] = support.start([[
        local list = assert(polyshm.ShareableList.attach(arg[1]))
        for _ = 1, 300 do
          repeat
            local old = list[1]
          until list:compare_exchange(1, old, old + 1)
        end
        io.write(tostring(list:compare_exchange(2, 0, 1)))
      ]], list:shm():name())
    end
    local winners = 0
    for i = 1, 3 do
      winners = winners + (support.finish(processes[i]) == "true" and 1 or 0)
    end
    list:unlink()
    assert.equal(900, list[1])
    assert.equal(1, winners)
  end)
end)
