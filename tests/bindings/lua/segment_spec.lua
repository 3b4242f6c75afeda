local support = require "support"
local polyshm = require "polyshm"
local SharedMemory = polyshm.SharedMemory

local function mode_of(name)
  local process = io.popen("stat -c %a /dev/shm/" .. name)
  local mode = process:read("*l")
  process:close()
  return mode
end

-- Fails unless a constructor gave nil, words and this code.
local function assert_refused(code, handle, message, actual)
  assert.is_nil(handle)
  assert.equal("string", type(message))
  assert.equal(code, actual, message)
end

describe("SharedMemory.create", function()
  after_each(support.leave_nothing)

  it("makes a block of exactly that many zeros", function()
    local name = support.name()
    local shm = assert(SharedMemory.create { name = name, size = 100 })
    assert.equal(name, shm:name())
    assert.equal(100, shm:size())
    assert.equal(100, #shm)
    assert.equal(("\0"):rep(100), shm:read(0, 100))
    assert.is_false(shm:readonly())
    assert.is_false(shm:closed())
    shm:unlink()
  end)

  it("makes up a name when none is given", function()
    local shm = assert(SharedMemory.create { size = 1 })
    shm:unlink()
    assert.truthy(shm:name():match("^psm_%x%x%x%x%x%x%x%x$"))
  end)

  it("gives permissions whatever the umask, 0600 when none are told", function()
    local private, shared = support.name(), support.name()
    local one = assert(SharedMemory.create { name = private, size = 1 })
    local other = assert(SharedMemory.create { name = shared, size = 1, mode = tonumber("666", 8) })
    assert.equal("600", mode_of(private))
    assert.equal("666", mode_of(shared))
    one:unlink()
    other:unlink()
  end)

  it("makes sparse blocks larger than the memory", function()
    local shm = assert(SharedMemory.create { name = support.name(), size = 2 ^ 40, sparse = true })
    shm:write(2 ^ 40 - 3, "end")
    assert.equal("end", shm:read(2 ^ 40 - 3, 3))
    shm:unlink()
  end)

  it("returns nil, a message and a code when the library refuses", function()
    local name = support.name()
    local shm = assert(SharedMemory.create { name = name, size = 1 })
    assert_refused(polyshm.EEXIST, SharedMemory.create { name = name, size = 1 })
    assert_refused(polyshm.EINVAL, SharedMemory.create { size = 0 })
    assert_refused(polyshm.ENAME, SharedMemory.create { name = "a/b", size = 1 })
    assert_refused(polyshm.ENAME, SharedMemory.create { name = "", size = 1 })
    assert_refused(polyshm.ENAME, SharedMemory.create { name = ("n"):rep(251), size = 1 })
    assert_refused(polyshm.ENAME, SharedMemory.create { name = name .. "\0tail", size = 1 })
    assert_refused(polyshm.ENAME, SharedMemory.create { name = "\255", size = 1 })
    assert_refused(polyshm.EINVAL, SharedMemory.create { size = 1, mode = 512 })
    shm:unlink()
  end)

  it("raises for arguments of the wrong type, and names them", function()
    support.complains("'size' must be an integer", SharedMemory.create, {})
    support.complains("got -1", SharedMemory.create, { size = -1 })
    support.complains("got 1.5", SharedMemory.create, { size = 1.5 })
    support.complains("'size'", SharedMemory.create, { size = 2 ^ 63 })
    support.complains("'size'", SharedMemory.create, { size = 0 / 0 })
    support.complains("'size' must be an integer", SharedMemory.create, { size = "5" })
    support.complains("'mode'", SharedMemory.create, { size = 1, mode = 2 ^ 32 })
    support.complains("'name' must be a string, got number", SharedMemory.create, { name = 5, size = 1 })
    support.complains("'sparse' must be a boolean, got number", SharedMemory.create, { size = 1, sparse = 1 })
    support.complains("options must be a table, got number", SharedMemory.create, 42)
  end)

  it("raises for unknown options, and names them", function()
    support.complains("unknown option 'siez'", SharedMemory.create, { siez = 1 })
    support.complains("unknown option '1'", SharedMemory.create, { "name" })
    support.complains("unknown option 'name size'", SharedMemory.create, { ["name size"] = 1 })
    support.complains("unknown option 'readonly'", SharedMemory.create, { size = 1, readonly = true })
  end)

  it("points to the caller's line", function()
    local function create(options)
      local shm = SharedMemory.create(options)
      return shm
    end
    local message = support.complains("'size' must be", create, { size = "x" })
    assert.truthy(message:find("segment_spec.lua:%d+: 'size'"), message)
    message = support.complains("unknown option", create, { siez = 1 })
    assert.truthy(message:find("segment_spec.lua:%d+: SharedMemory"), message)
  end)
end)

describe("SharedMemory.attach", function()
  local name, shm

  before_each(function()
    name = support.name()
    shm = assert(SharedMemory.create { name = name, size = 16 })
  end)
  after_each(function() pcall(shm.unlink, shm) end)
  after_each(support.leave_nothing)

  it("takes a table or just a name, and shares the bytes", function()
    for _, given in ipairs { name, { name = name }, { name = name, same_user = true, timeout = 1.5 } } do
      local other = assert(SharedMemory.attach(given))
      other:write(3, "abc")
      assert.equal("abc", shm:read(3, 3))
      shm:write(3, "\0\0\0")
      assert.equal(16, #other)
    end
  end)

  it("refuses to write through a read-only attachment", function()
    local reader = assert(SharedMemory.attach { name = name, readonly = true })
    assert.is_true(reader:readonly())
    support.raises("EREADONLY", reader.write, reader, 0, "x")
    assert.equal("\0", reader:read(0, 1))
  end)

  it("returns nil, a message and a code when there is no such block", function()
    assert_refused(polyshm.ENOENT, SharedMemory.attach(support.name()))
    assert_refused(polyshm.ETIMEDOUT, SharedMemory.attach { name = support.name(), timeout = 0.01 })
  end)

  it("refuses a timeout that is none", function()
    assert_refused(polyshm.EINVAL, SharedMemory.attach { name = name, timeout = 0 / 0 })
    assert_refused(polyshm.EINVAL, SharedMemory.attach { name = name, timeout = -1 })
    support.complains("'timeout' must be a number, got string", SharedMemory.attach, { name = name, timeout = "1" })
  end)

  it("needs a name", function()
    support.complains("expected a name or a table", SharedMemory.attach)
    support.complains("expected a name or a table", SharedMemory.attach, 42)
    support.complains("'name' is missing", SharedMemory.attach, {})
    support.complains("'name' must be a string", SharedMemory.attach, { name = 42 })
    support.complains("unknown option 'size'", SharedMemory.attach, { name = name, size = 1 })
  end)

  it("finds descriptors for new handles in handles that nobody holds", function()
    local output = support.run([[
      for i = 1, 200 do
        assert(polyshm.SharedMemory.attach(arg[1]))
      end
      io.write "done"
    ]], name)
    assert.equal("done", output)
  end)
end)

describe("SharedMemory.create_or_attach", function()
  after_each(support.leave_nothing)

  it("creates the first time, attaches the next, and tells which", function()
    local options = { name = support.name(), size = 8, same_user = true }
    local one, created = SharedMemory.create_or_attach(options)
    local other, created_again = SharedMemory.create_or_attach(options)
    assert.is_true(created)
    assert.is_false(created_again)
    one:write(0, "shared")
    assert.equal("shared", other:read(0, 6))
    one:unlink()
  end)

  it("refuses a block that is too small", function()
    local shm = assert(SharedMemory.create { name = support.name(), size = 8 })
    assert_refused(polyshm.ERANGE, SharedMemory.create_or_attach { name = shm:name(), size = 9 })
    shm:unlink()
  end)

  it("needs a name and a size", function()
    support.complains("'name' is missing", SharedMemory.create_or_attach, { size = 1 })
    support.complains("'size'", SharedMemory.create_or_attach, { name = support.name() })
  end)
end)

describe("SharedMemory.exists and attached", function()
  after_each(support.leave_nothing)

  it("tell about a name", function()
    local name = support.name()
    assert.is_false(SharedMemory.exists(name))
    local shm = assert(SharedMemory.create { name = name, size = 1 })
    assert.is_true(SharedMemory.exists(name))
    assert.is_true(SharedMemory.attached(name))
    shm:close()
    assert.is_true(SharedMemory.exists(name))
    assert.is_false(SharedMemory.attached(name))
    shm:unlink()
    assert.is_false(SharedMemory.exists(name))
    support.raises("ENOENT", SharedMemory.attached, name)
  end)

  it("raise for what is no name", function()
    support.raises("ENAME", SharedMemory.exists, "a/b")
    support.raises("ENAME", SharedMemory.exists, "a\0b")
    support.raises("EINVAL", SharedMemory.exists, nil)
    support.complains("'name' must be a string", SharedMemory.exists, {})
    support.complains("'exists' takes 1 argument, got 0", SharedMemory.exists)
    support.complains("takes 1 argument, got 2", SharedMemory.exists, "a", "b")
  end)
end)

describe("A segment's bytes", function()
  local shm

  before_each(function() shm = assert(SharedMemory.create { name = support.name(), size = 16 }) end)
  after_each(function() pcall(shm.unlink, shm) end)
  after_each(support.leave_nothing)

  it("are read and written at offsets from 0", function()
    shm:write(0, "first")
    shm:write(12, "last")
    assert.equal("first\0", shm:read(0, 6))
    assert.equal("last", shm:read(12, 4))
    assert.equal("", shm:read(16, 0))
    shm:write(16, "")
    shm:write(0.0, "F")
    assert.equal("First", shm:read(0.0, 5.0))
  end)

  it("are read up to the end unless told how many", function()
    shm:write(0, "0123456789abcdef")
    assert.equal("0123456789abcdef", shm:read())
    assert.equal("abcdef", shm:read(10))
    assert.equal("", shm:read(16))
    assert.equal("01", shm:read(nil, 2))
    support.raises("ERANGE", shm.read, shm, 17)
    support.complains("'offset' must be an integer", shm.read, shm, -1)
    support.complains("'offset' must be an integer", shm.read, shm, "0")
    support.complains("'read' is a method: call it with a colon", shm.read)
    shm:close()
    support.raises("ECLOSED", shm.read, shm)
  end)

  it("keep NULs", function()
    shm:write(0, "a\0b\0")
    assert.equal("a\0b\0\0", shm:read(0, 5))
  end)

  it("are not read or written outside", function()
    support.raises("ERANGE", shm.read, shm, 0, 17)
    support.raises("ERANGE", shm.read, shm, 17, 0)
    support.raises("ERANGE", shm.read, shm, 1, support.largest)
    support.raises("ERANGE", shm.read, shm, support.largest, 1)
    support.raises("ERANGE", shm.write, shm, 10, "seven b")
    support.complains("'offset' must be an integer", shm.read, shm, -1, 1)
    support.complains("'size' must be an integer", shm.read, shm, 0, -1)
    support.complains("'size'", shm.read, shm, 0, 2 ^ 64)
    support.complains("'size'", shm.read, shm, 0, 0.5)
    support.complains("'offset'", shm.write, shm, "0", "x")
    support.complains("'data' must be a string, got number", shm.write, shm, 0, 42)
    assert.equal(("\0"):rep(16), shm:read(0, 16))
  end)

  it("move by the megabyte", function()
    local size = 2 ^ 20
    local large = assert(SharedMemory.create { name = support.name(), size = size })
    local bytes = ("0123456789abcdef"):rep(size / 16)
    large:write(0, bytes)
    assert.equal(bytes, large:read(0, size))
    large:unlink()
  end)
end)

describe("A segment", function()
  local name, shm

  before_each(function()
    name = support.name()
    shm = assert(SharedMemory.create { name = name, size = 16 })
  end)
  after_each(function() pcall(shm.unlink, shm) end)
  after_each(support.leave_nothing)

  it("closes once or twice, and then knows only its name and size", function()
    shm:close()
    shm:close()
    assert.is_true(shm:closed())
    assert.equal(name, shm:name())
    assert.equal(16, #shm)
    support.raises("ECLOSED", shm.read, shm, 0, 1)
    support.raises("ECLOSED", shm.write, shm, 0, "x")
    support.raises("ECLOSED", shm.buf, shm)
    shm:unlink()
  end)

  it("unlinks its own block only", function()
    shm:unlink()
    local other = assert(SharedMemory.create { name = name, size = 1 })
    support.raises("ENOENT", shm.unlink, shm)
    assert.is_true(SharedMemory.exists(name))
    other:unlink()
  end)

  it("prints its name, its size and whether it is closed", function()
    assert.equal(('SharedMemory{name="%s", size=16}'):format(name), tostring(shm))
    shm:close()
    assert.equal(('SharedMemory{name="%s", size=16, closed}'):format(name), tostring(shm))
  end)

  it("has no fields", function()
    assert.is_nil(shm.nonsense)
    assert.has_error(function() shm.field = 1 end)
  end)

  it("closes at the end of its scope in Lua 5.4", function()
    if not support.is_54 then
      return pending("LuaJIT has no <close>")
    end
    support.run_source([[
      local shm = ...
      do local scoped <close> = shm end
    ]], shm)
    assert.is_true(shm:closed())
  end)
end)
