local support = require "support"
local polyshm = require "polyshm"
local null = polyshm.null

-- What comes back of a value from a slot that is wide enough, written in all three ways; and its type.
local function round_trips(value)
  local results = {}
  local created = assert(polyshm.ShareableList.create({ value }, { name = support.name() }))
  created:unlink()
  results[1] = { created[1], created:type(1) }

  local list = assert(polyshm.ShareableList.create({ ("."):rep(64), ("."):rep(64) }, { name = support.name() }))
  list:unlink()
  list[1] = value
  list:write(2, { value })
  results[2] = { list[1], list:type(1) }
  results[3] = { list:get(2), list:type(2) }
  results[4] = { list:read(1, 1)[1], list:type(1) }
  return results
end

local function assert_kept(value, expected_type, expected)
  for _, result in ipairs(round_trips(value)) do
    if expected == nil then
      assert.equal(value, result[1])
    else
      assert.equal(expected, result[1])
    end
    assert.equal(expected_type, result[2])
  end
end

describe("Integers", function()
  after_each(support.leave_nothing)

  it("are exact to 64 bits", function()
    if not support.has_integers then
      return pending("Lua 5.1 has no integers of 64 bits")
    end
    for _, digits in ipairs {
      "0", "1", "-1", "4294967296", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993",
      "9223372036854775807", "-9223372036854775807", "-9223372036854775808",
    } do
      local value = support.integer(digits)
      assert_kept(value, "int64")
      assert.equal(digits, support.digits(round_trips(value)[1][1]))
    end
  end)

  it("come back as numbers up to 2^53, and as int64_t beyond, in LuaJIT", function()
    if not support.has_ffi then
      return pending("no LuaJIT")
    end
    assert.equal("number", type(round_trips(2 ^ 53)[1][1]))
    assert.equal("number", type(round_trips(support.integer("-9007199254740992"))[1][1]))
    local ffi = require "ffi"
    for _, digits in ipairs { "9007199254740993", "-9007199254740993" } do
      for _, result in ipairs(round_trips(support.integer(digits))) do
        assert.is_true(ffi.istype("int64_t", result[1]))
      end
    end
  end)

  it("may be any 64-bit cdata that fits, in LuaJIT", function()
    if not support.has_ffi then
      return pending("no LuaJIT")
    end
    local ffi = require "ffi"
    assert_kept(ffi.new("uint64_t", 7), "int64", 7)
    assert_kept(ffi.new("uint64_t", 2 ^ 62), "int64", ffi.new("int64_t", 2 ^ 62))
    local list = assert(polyshm.ShareableList.create({ 1 }, { name = support.name() }))
    list:unlink()
    for _, value in ipairs {
      ffi.new("uint64_t", 2 ^ 63), ffi.new("uint64_t", -1), ffi.new("int32_t[1]"), ffi.new("double"),
    } do
      support.complains("a list cannot hold this cdata", function() list[1] = value end)
      support.complains("item 1: a list cannot hold this cdata", list.write, list, 1, { value })
    end
    assert.equal(1, list[1])
    assert.equal(1, list[ffi.new("int64_t", 1)])
    assert.equal(1, list:get(ffi.new("int64_t", 1)))
    assert.equal("\1", list:shm():read(0, ffi.new("int64_t", 1)))
  end)

  it("beyond 2^53 are an error, not another number, in Lua 5.1", function()
    if support.has_integers then
      return pending("this Lua has integers of 64 bits")
    end
    local list = assert(polyshm.ShareableList.create({ 2 ^ 53 }, { name = support.name() }))
    list:unlink()
    assert.equal(2 ^ 53, list[1])
    list:shm():write(24, "\1\0\0\0\0\0\32\0") -- where the first of one item lies
    support.complains("9007199254740993 is beyond 2^53", list.get, list, 1)
    support.complains("9007199254740993 is beyond 2^53", list.read, list)
    support.complains("beyond 2^53", list.add, list, 1)
    list[1] = 2 ^ 53 + 2
    assert.equal("float64", list:type(1))
  end)
end)

describe("Floats", function()
  after_each(support.leave_nothing)

  it("keep every bit", function()
    for _, value in ipairs { 0.5, -1.5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 0, -1 / 0 } do
      assert_kept(value, "float64")
    end
  end)

  it("may be no number", function()
    for _, result in ipairs(round_trips(0 / 0)) do
      assert.is_true(result[1] ~= result[1])
      assert.equal("float64", result[2])
    end
  end)

  it("may be minus zero", function()
    for _, result in ipairs(round_trips(tonumber("-0.0"))) do
      assert.equal(-1 / 0, 1 / result[1])
      assert.equal("float64", result[2])
    end
  end)

  it("without a fraction are floats in Lua 5.4, and integers up to 2^53 in LuaJIT", function()
    assert_kept(3.0, support.is_54 and "float64" or "int64")
    assert_kept(2 ^ 60, "float64")
    assert_kept(-2 ^ 63, "float64")
  end)

  it("are floats everywhere when marked", function()
    assert_kept(polyshm.float(3), "float64", 3.0)
    assert_kept(polyshm.float(-0.5), "float64", -0.5)
    assert.equal(3, tonumber(tostring(polyshm.float(3))))
    assert.has_error(function() polyshm.float("3") end)
    assert.has_error(function() polyshm.float() end)
  end)
end)

describe("Booleans and null", function()
  after_each(support.leave_nothing)

  it("are kept", function()
    assert_kept(true, "bool")
    assert_kept(false, "bool")
    assert_kept(null, "none")
  end)

  it("null prints, is true to if, and equals only itself", function()
    assert.equal("null", tostring(null))
    assert.is_true(null and true)
    assert.is_true(null == null)
    assert.is_false(null == polyshm.bytes(""))
    assert.is_false(null == false)
  end)
end)

describe("Strings", function()
  after_each(support.leave_nothing)

  it("are text", function()
    for _, text in ipairs { "", "a", "1234567", "12345678", "grün", "€", "\240\159\144\154 shell", "a b\nc" } do
      assert_kept(text, "str")
    end
  end)

  it("keep their NULs, also at the end", function()
    for _, text in ipairs { "\0", "\0\0\0", "a\0b", "ab\0\0", "1234567\0" } do
      assert_kept(text, "str")
    end
  end)

  it("may be a megabyte long", function()
    local text = ("€"):rep(350000)
    local list = assert(polyshm.ShareableList.create({ text, polyshm.bytes(text) }, { name = support.name() }))
    list:unlink()
    assert.is_true(list[1] == text and list[2] == text)
    assert.is_true(list:read(1, 2)[2] == text)
    list[1] = text:reverse():gsub(".", "x")
    assert.equal(#text, #list[1])
  end)

  it("must be valid UTF-8", function()
    for _, bytes in ipairs { "\255", "\192\128", "\237\160\128", "\244\144\128\128", "a\195" } do
      local list, message, code = polyshm.ShareableList.create({ bytes }, { name = support.name() })
      assert.is_nil(list)
      assert.equal(polyshm.EUTF8, code)
      assert.truthy(message:find("polyshm.bytes", 1, true))
    end
  end)

  it("are not made of numbers, nor numbers of them", function()
    assert_kept("42", "str")
  end)
end)

describe("Bytes", function()
  after_each(support.leave_nothing)

  it("are marked strings, and come back as plain ones", function()
    for _, bytes in ipairs { "", "a", "\255\254", "\0", "ab\0\0", "\0\0\0\0\0\0\0\0", "not \237\160\128 text" } do
      assert_kept(polyshm.bytes(bytes), "bytes", bytes)
    end
  end)

  it("can be printed and compared", function()
    assert.equal("a\0b", tostring(polyshm.bytes("a\0b")))
    assert.is_true(polyshm.bytes("a") == polyshm.bytes("a"))
    assert.is_false(polyshm.bytes("a") == polyshm.bytes("b"))
    assert.is_false(polyshm.bytes("a") == "a")
  end)

  it("are made of strings only", function()
    assert.has_error(function() polyshm.bytes(42) end)
    assert.has_error(function() polyshm.bytes() end)
    assert.has_error(function() polyshm.bytes({}) end)
  end)
end)
