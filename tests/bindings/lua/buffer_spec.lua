local support = require "support"
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
    assert.equal(4096, #buf)
  end)

  it("does not read or write outside", function()
    support.raises("ERANGE", buf.read, buf, 0, 4097)
    support.raises("ERANGE", buf.read, buf, 4097, 0)
    support.raises("ERANGE", buf.read, buf, 1, support.integer("9223372036854775807"))
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

  it("gives its address as a light userdata", function()
    assert.equal("userdata", type(buf:pointer()))
    assert.equal(buf:pointer(), shm:buf():pointer())
  end)

  it("is memory for LuaJIT's ffi", function()
    if support.is_54 then
      return pending("Lua 5.4 has no ffi")
    end
    local ffi = require "ffi"
    local numbers = ffi.cast("int32_t *", buf:pointer())
    numbers[1] = 0x04030201
    assert.equal("\1\2\3\4", buf:read(4, 4))
    buf:write(8, "\255\255\255\255")
    assert.equal(-1, numbers[2])
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

  it("need string.pack, and say so where it is missing", function()
    if string.pack then
      return pending("this Lua has string.pack")
    end
    support.complains("string.pack is not in LuaJIT", buf.pack, buf, "<i4", 0, 1)
    support.complains("string.unpack is not in LuaJIT", buf.unpack, buf, "<i4", 0)
  end)

  if not string.pack then
    return
  end

  it("come back with the offset behind them", function()
    assert.equal(116, buf:pack("<i4 d i4", 100, -7, 2.5, 9))
    assert.same({ -7, 2.5, 9, 116 }, { buf:unpack("<i4 d i4", 100) })
  end)

  it("may tell their size themselves", function()
    for _, length in ipairs { 0, 10, 300, 4000 } do
      local text = ("t"):rep(length)
      local behind = buf:pack("<s4 z", 8, text, "zero")
      assert.same({ text, "zero", behind }, { buf:unpack("<s4 z", 8) })
    end
  end)

  it("may be nil-free and many, or none", function()
    assert.equal(5, buf:pack("", 5))
    assert.same({ 5 }, { buf:unpack("", 5) })
  end)

  it("do not reach outside", function()
    support.raises("ERANGE", buf.pack, buf, "i8", 4090, 1)
    support.raises("ERANGE", buf.unpack, buf, "i8", 4090)
    support.complains("too short", buf.unpack, buf, "<s4 i8", 4090)
    support.complains("'offset'", buf.unpack, buf, "i8", -1)
    buf:write(0, ("x"):rep(4096))
    support.complains("unfinished string", buf.unpack, buf, "z", 0)
    support.complains("invalid format", buf.unpack, buf, "y", 0)
  end)
end)
