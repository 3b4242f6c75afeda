local support = require "support"
local property = require "property"
local polyshm = require "polyshm"
local SharedMemory = polyshm.SharedMemory

describe("A buffer", function()
  after_each(support.leave_nothing)
  local shm, buf

  before_each(function()
    shm = assert(SharedMemory.create { name = support.name(), size = 4096 })
    shm:unlink()
    buf = shm:buf()
  end)

  it("reads and writes the segment's bytes, at offsets from 0", function()
    buf:write(0, "start")
    buf:write(4093, "end")
    assert.equal("start", shm:read(0, 5))
    assert.equal("end", buf:read(4093, 3))
    assert.equal("", buf:read(4096, 0))
    assert.equal(4096, #buf:read(0, 4096))
    assert.equal(4096, #buf:read())
    assert.equal("end", buf:read(4093))
    assert.equal(4096, #buf)
  end)

  it("does not read or write outside", function()
    support.raises("ERANGE", buf.read, buf, 0, 4097)
    support.raises("ERANGE", buf.read, buf, 4097, 0)
    support.raises("ERANGE", buf.read, buf, 1, support.largest)
    support.raises("ERANGE", buf.write, buf, 4095, "xx")
    support.complains("'offset'", buf.read, buf, -1, 1)
    support.complains("'size'", buf.read, buf, 0, -1)
    support.complains("string expected", buf.write, buf, 0, 42)
    support.complains("string expected", buf.write, buf, 0)
  end)

  it("of a read-only attachment does not write", function()
    local name = support.name()
    local writer = assert(SharedMemory.create { name = name, size = 4 })
    local reader = assert(SharedMemory.attach { name = name, readonly = true }):buf()
    writer:unlink()
    support.raises("EREADONLY", reader.write, reader, 0, "x")
    assert.equal("\0\0\0\0", reader:read(0, 4))
  end)

  it("outlives the segment's close", function()
    buf:write(0, "alive")
    shm:close()
    assert.equal("alive", buf:read(0, 5))
    buf:write(0, "still")
    assert.equal("still", buf:read(0, 5))
    buf:close()
    support.raises("ECLOSED", buf.read, buf, 0, 1)
  end)

  it("outlives the segment's collection", function()
    buf:write(0, "alive")
    shm = nil
    collectgarbage()
    collectgarbage()
    assert.equal("alive", buf:read(0, 5))
  end)

  it("closes once or twice, and is of no use then", function()
    assert.is_false(buf:closed())
    buf:close()
    buf:close()
    assert.is_true(buf:closed())
    support.raises("ECLOSED", buf.write, buf, 0, "x")
    support.raises("ECLOSED", buf.pointer, buf)
    support.raises("ECLOSED", function() return #buf end)
    assert.equal("Buffer{closed}", tostring(buf))
    assert.is_false(shm:closed())
  end)

  it("prints its size", function()
    assert.equal("Buffer{size=4096}", tostring(buf))
  end)

  it("closes at the end of its scope in Lua 5.4", function()
    if not support.is_54 then
      return pending("LuaJIT has no <close>")
    end
    support.run_source("local buf = ... do local scoped <close> = buf end", buf)
    assert.is_true(buf:closed())
  end)

  it("gives its address, as a light userdata where there is no ffi", function()
    assert.equal(support.has_ffi and "cdata" or "userdata", type(buf:pointer()))
    assert.equal(buf:pointer(), shm:buf():pointer())
  end)

  it("tells whether it can be written", function()
    local name = support.name()
    local writer = assert(SharedMemory.create { name = name, size = 4 })
    local reader = assert(SharedMemory.attach { name = name, readonly = true })
    writer:unlink()
    assert.is_false(writer:buf():readonly())
    assert.is_true(reader:buf():readonly())
    reader:close()
  end)
end)

describe("A pointer of LuaJIT's ffi", function()
  if not support.has_ffi then
    return
  end
  local ffi = require "ffi"
  local name, shm

  before_each(function()
    name = support.name()
    shm = assert(SharedMemory.create { name = name, size = 4096 })
  end)
  after_each(function() shm:unlink() end)
  after_each(support.leave_nothing)

  it("is of the type that was asked for, and points to the bytes", function()
    local buf = shm:buf()
    local numbers = buf:pointer("int32_t *")
    numbers[1] = 0x04030201
    assert.equal("\1\2\3\4", buf:read(4, 4))
    buf:write(8, "\255\255\255\255")
    assert.equal(-1, numbers[2])
    assert.equal(255, buf:pointer()[8])
    assert.equal("ctype<int *>", tostring(ffi.typeof(numbers)))
  end)

  it("keeps the bytes mapped, whatever is closed or collected", function()
    local bytes = { (function()
      local buf = shm:buf()
      local pointer = buf:pointer()
      buf:close()
      assert.is_true(buf:closed())
      support.raises("ECLOSED", buf.pointer, buf)
      return pointer
    end)() }
    shm:close()
    collectgarbage()
    collectgarbage()
    bytes[1][0] = 7
    assert.equal(7, bytes[1][0])
    assert.is_true(SharedMemory.attached(name))
    table.remove(bytes)
    collectgarbage()
    collectgarbage()
    assert.is_false(SharedMemory.attached(name))
  end)

  it("does not keep what was closed before it was asked for, or is of no such type", function()
    local buf = shm:buf()
    assert.has_error(function() buf:pointer("no such type") end)
    assert.has_error(function() buf:pointer("struct { int x; }") end)
    buf:close()
    support.raises("ECLOSED", buf.pointer, buf)
    shm:close()
    assert.is_false(SharedMemory.attached(name))
  end)

  it("cannot write to what was attached read-only, unless the type is told otherwise", function()
    local bytes = assert(SharedMemory.attach { name = name, readonly = true }):buf():pointer()
    assert.equal(0, bytes[0])
    assert.has_error(function() bytes[0] = 1 end)
  end)
end)

describe("Packed values in a buffer", function()
  after_each(support.leave_nothing)
  local buf

  before_each(function()
    local shm = assert(SharedMemory.create { name = support.name(), size = 4096 })
    shm:unlink()
    buf = shm:buf()
  end)

  it("come back with the offset behind them", function()
    assert.equal(116, buf:pack("<i4 d i4", 100, -7, 2.5, 9))
    assert.same({ -7, 2.5, 9, 116 }, { buf:unpack("<i4 d i4", 100) })
    assert.equal("\249\255\255\255\0\0\0\0\0\0\4\64\9\0\0\0", buf:read(100, 16))
  end)

  it("are laid out as string.pack does", function()
    for format, expected in pairs {
      [">i4"] = "\255\255\255\254", ["<i4"] = "\254\255\255\255", ["=i3"] = "\254\255\255", b = "\254", h = "\254\255",
      [">i16"] = ("\255"):rep(15) .. "\254", [">f"] = "\192\0\0\0", [">d"] = "\192\0\0\0\0\0\0\0",
      ["!xi4"] = "\0\0\0\0\254\255\255\255", ["!2 x i4"] = "\0\0\254\255\255\255", ["xXi2b"] = "\0\254",
      ["!xXi2b"] = "\0\0\254", j = "\254" .. ("\255"):rep(7),
    } do
      buf:write(0, ("."):rep(40))
      assert.equal(#expected, buf:pack(format, 0, -2))
      assert.equal(expected .. ".", buf:read(0, #expected + 1), format)
      assert.same({ -2, #expected }, { buf:unpack(format, 0) }, format)
    end
    buf:pack(">s2 z c4", 0, "ab", "cd", "ef")
    assert.equal("\0\2abcd\0ef\0\0", buf:read(0, 11))
    assert.same({ "ab", "cd", "ef\0\0", 11 }, { buf:unpack(">s2 z c4", 0) })
  end)

  it("are exact to 64 bits, or an error", function()
    for _, digits in ipairs { "9007199254740993", "-9007199254740993", "9223372036854775807" } do
      if support.has_integers then
        local value = support.integer(digits)
        for _, format in ipairs { "<i8", ">i8", "j", "l", "i9", ">i16" } do
          buf:pack(format, 0, value)
          assert.equal(digits, support.digits((buf:unpack(format, 0))))
        end
      end
    end
    buf:write(0, "\1\0\0\0\0\0\32\0")
    if not support.has_integers then
      support.complains("9007199254740993 is beyond 2^53", buf.unpack, buf, "<i8", 0)
    else
      assert.equal("9007199254740993", support.digits((buf:unpack("<i8", 0))))
    end
  end)

  it("may be unsigned", function()
    buf:pack("B H I I3", 0, 255, 65535, 4294967295, 16777215)
    assert.same({ 255, 65535, 4294967295, 16777215, 10 }, { buf:unpack("B H I I3", 0) })
    if support.has_ffi then
      local ffi = require "ffi"
      buf:pack("J", 0, ffi.new("uint64_t", 2 ^ 62))
      assert.equal(ffi.new("int64_t", 2 ^ 62), (buf:unpack("J", 0)))
      support.complains("value 1", buf.pack, buf, "J", 0, ffi.new("uint64_t", 2 ^ 63))
    end
    buf:write(0, ("\255"):rep(16))
    support.complains("does not fit 64 bits", buf.unpack, buf, "I9", 0)
    assert.equal(-1, (buf:unpack("i16", 0)))
  end)

  it("may tell their size themselves", function()
    for _, length in ipairs { 0, 10, 300, 4000 } do
      local text = ("t"):rep(length)
      local behind = buf:pack("<s4 z", 8, text, "zero")
      assert.equal(8 + 4 + length + 5, behind)
      assert.same({ text, "zero", behind }, { buf:unpack("<s4 z", 8) })
    end
  end)

  it("may be many, or none", function()
    assert.equal(5, buf:pack("", 5))
    assert.same({ 5 }, { buf:unpack("", 5) })
    local format, many = ("i2"):rep(1000), {}
    for i = 1, 1000 do
      many[i] = i
    end
    assert.equal(2001, buf:pack(format, 1, (unpack or table.unpack)(many)))
    many[1001] = 2001
    assert.same(many, { buf:unpack(format, 1) })
  end)

  it("do not reach outside, and then write nothing", function()
    buf:write(0, ("x"):rep(4096))
    support.raises("ERANGE", buf.pack, buf, "i2 i8", 4090, 1, 1)
    support.raises("ERANGE", buf.pack, buf, "z", 4090, "123456")
    support.raises("ERANGE", buf.pack, buf, "c9000000000000000000", 0, "")
    support.raises("ERANGE", buf.pack, buf, "b", support.largest, 1)
    support.raises("ERANGE", buf.unpack, buf, "i8", 4090)
    support.raises("ERANGE", buf.unpack, buf, "<s4 i8", 4080)
    support.raises("ERANGE", buf.unpack, buf, "z", 0)
    support.raises("ERANGE", buf.unpack, buf, "c9000000000000000000", 0)
    support.raises("ERANGE", buf.unpack, buf, "xxx", 4094)
    support.raises("ERANGE", buf.unpack, buf, "", 4097)
    support.complains("'offset'", buf.unpack, buf, "i8", -1)
    assert.equal(("x"):rep(4096), buf:read(0, 4096))
    buf:write(0, ("\255"):rep(16))
    support.raises("ERANGE", buf.unpack, buf, "s", 0)
  end)

  it("must be of their format, which must be one", function()
    support.complains("value 2: number expected, got string", buf.pack, buf, "id", 0, 1, "1")
    support.complains("value 1: an integer that fits its field", buf.pack, buf, "b", 0, 128)
    support.complains("value 1: an integer that fits its field", buf.pack, buf, "B", 0, -1)
    support.complains("value 1: an integer that fits its field", buf.pack, buf, "i", 0, 1.5)
    support.complains("value 1: an integer that fits its field", buf.pack, buf, "i", 0, "1")
    support.complains("value 1: string expected, got number", buf.pack, buf, "z", 0, 1)
    support.complains("value 1: the string has a NUL", buf.pack, buf, "z", 0, "a\0")
    support.complains("value 1: the string is longer than its field", buf.pack, buf, "c1", 0, "ab")
    support.complains("value 1: the string is longer than 1 bytes can count", buf.pack, buf, "s1", 0, ("x"):rep(256))
    support.complains("more fields than there are values: 1", buf.pack, buf, "bb", 0, 1)
    support.complains("there is no option 'y'", buf.unpack, buf, "y", 0)
    support.complains("1 to 16 bytes", buf.unpack, buf, "i17", 0)
    support.complains("1 to 16 bytes", buf.unpack, buf, "i0", 0)
    support.complains("'c' needs a size", buf.unpack, buf, "c", 0)
    support.complains("3 is no alignment", buf.unpack, buf, "!4 i3", 0)
    support.complains("'X' needs a field", buf.unpack, buf, "X", 0)
    support.complains("'X' needs a field", buf.unpack, buf, "Xz", 0)
    support.complains("string expected", buf.pack, buf, 4, 0)
  end)

  it("are what string.pack makes of any format, where it is there", function()
    if not string.pack then
      return pending("this Lua has no string.pack")
    end
    local letters = {
      "b", "B", "h", "H", "i", "I", "i3", "I5", "i16", "l", "j", "T", "f", "d", "n", "s", "s1", "z", "c5", "x", "Xi4", "!",
      "!2", "!8", "<", ">", "=", " ",
    }
    property.holds(function(case)
      local format, values = {}, {}
      for _, step in ipairs(case) do
        local letter = property.pick(letters, step[1])
        format[#format + 1] = letter
        if letter:find "^[sz]" or letter == "c5" then
          values[#values + 1] = ("t"):rep(step[2] % 6)
        elseif letter:find "^[fdn]" then
          values[#values + 1] = step[2] / 8
        elseif letter:find "^[bBhHiIljT]" then
          values[#values + 1] = step[2] % 128 - (letter:find "^%l" and 64 or 0)
        end
      end
      format = table.concat(format)
      local packed, expected = pcall(string.pack, format, table.unpack(values))
      local succeeded, behind = pcall(buf.pack, buf, format, 40, table.unpack(values))
      assert(succeeded == packed, tostring(behind))
      if packed then
        assert(behind == 40 + #expected and buf:read(40, #expected) == expected, "other bytes for " .. format)
        local read, original = { buf:unpack(format, 40) }, { string.unpack(format, expected) }
        original[#original] = behind
        assert.same(original, read)
      end
    end)
  end)
end)
