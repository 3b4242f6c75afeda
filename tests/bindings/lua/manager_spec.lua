local support = require "support"
local polyshm = require "polyshm"
local SharedMemory, ShareableList, Manager = polyshm.SharedMemory, polyshm.ShareableList, polyshm.SharedMemoryManager

local here = debug.getinfo(1, "S").source:match("^@(.*)manager_spec%.lua$")
local library

for template in package.path:gmatch("[^;]+") do
  local folder = template:match("^(.*)bindings/lua/%?%.lua$")
  library = library or folder and folder .. "libpolyshm.so"
end

local function kill(process, signal)
  os.execute(("kill -%s %s"):format(signal, process))
  support.await(function() return not support.runs(process) end, "process " .. process .. " ends")
end

local function await_end_of(name)
  support.await(function() return not SharedMemory.exists(name) end, name .. " is gone")
end

--- Starts an owner in Python, which uses the C library, and gives its process id.
local function start_owner(address)
  local pipe = assert(io.popen(("exec timeout 60 python3 %s../owner.py %s %s"):format(here, library, address)))
  return assert(pipe:read("*l"), "the owner has not started"), pipe
end

--- Starts a Lua that runs the source, prints its process id and stays.
local function start_staying(source, ...)
  local pipe = support.start(source .. [[
    io.write(io.open("/proc/self/stat"):read("*a"):match("^%d+"), "\n")
    io.flush()
    polyshm.SharedMemory.attach { name = "t_lua_never", timeout = 60 }
  ]], ...)
  return assert(pipe:read("*l"):match("^%d+$")), pipe
end

local function close_all(...)
  for _, handle in ipairs { ... } do
    handle:close()
  end
end

describe("A manager", function()
  after_each(support.leave_nothing)

  it("owns what is created through it until it is shut down", function()
    local manager = assert(Manager.start())
    assert.truthy(manager:address():match("^manager%-%x%x%x%x%x%x%x%x$"))
    assert.is_true(manager:owner())
    assert.same({}, manager:names())
    local shm = assert(manager:shared_memory(5, { name = support.name(), mode = 416, sparse = true }))
    local list = assert(manager:shareable_list({ 1, "a" }, { name = support.name(), spare = 20 }))
    list[2] = ("x"):rep(20)
    assert.same({ shm:name(), list:shm():name() }, manager:names())
    assert.equal(5, #shm)
    assert.is_false(manager:closed())
    manager:shutdown()
    manager:shutdown()
    assert.is_true(manager:closed())
    assert.is_false(SharedMemory.exists(shm:name()) or SharedMemory.exists(list:shm():name()))
    assert.equal(1, list[1])
    assert.is_false(manager:owner())
    assert.is_true(manager:join())
    close_all(shm, list, manager, manager)
  end)

  it("is connected to by its address, in this and other processes", function()
    local address, name = support.name(), support.name()
    local owner = assert(Manager.start { address = address })
    local other = assert(Manager.connect(address))
    assert.is_false(other:owner())
    local output = support.run([[
      local manager = assert(polyshm.SharedMemoryManager.connect(arg[1]))
      assert(manager:shareable_list({ 7 }, { name = arg[2] }))
      io.write(tostring(manager))
    ]], address, name)
    assert.equal(('SharedMemoryManager{address="%s"}'):format(address), output)
    assert.same({ name }, other:names())
    support.raises("ENOTSTARTER", other.shutdown, other)
    assert.equal(('SharedMemoryManager{address="%s", owner}'):format(address), tostring(owner))
    other:close()
    assert.equal(('SharedMemoryManager{address="%s", closed}'):format(address), tostring(other))
    assert.is_true(other:closed())
    assert.is_false(owner:closed())
    assert.is_true(SharedMemory.exists(name))
    owner:close()
    assert.is_false(SharedMemory.exists(name))
  end)

  it("adopts and releases", function()
    local manager = assert(Manager.start())
    local kept = assert(SharedMemory.create { name = support.name(), size = 1, track = false })
    local given = assert(SharedMemory.create { name = support.name(), size = 1, track = false })
    manager:adopt(kept:name())
    manager:adopt(given:name())
    assert.same({ kept:name(), given:name() }, manager:names())
    manager:release(kept:name())
    support.raises("ENOTFOUND", manager.release, manager, kept:name())
    support.raises("ENOENT", manager.adopt, manager, support.name())
    manager:close()
    assert.is_false(SharedMemory.exists(given:name()))
    kept:unlink()
    close_all(kept, given)
  end)

  it("that is collected is shut down", function()
    local name = support.name()
    assert(Manager.start()):shared_memory(1, { name = name }):close()
    collectgarbage()
    collectgarbage()
    assert.is_false(SharedMemory.exists(name))
  end)

  it("goes with the scope of a <close> variable, also by an error", function()
    if not support.is_54 then
      return pending("LuaJIT has no <close>")
    end
    local name = support.name()
    local succeeded = pcall(support.run_source, [[
      local start, name = ...
      local manager <close> = start()
      manager:shared_memory(1, { name = name }):close()
      error("left")
    ]], Manager.start, name)
    assert.is_false(succeeded)
    assert.is_false(SharedMemory.exists(name))
  end)

  it("has an end that every call tells", function()
    local manager = assert(Manager.start())
    local address = manager:address()
    manager:close()
    for _, create in ipairs { manager.shared_memory, manager.shareable_list } do
      local handle, message, code = create(manager, create == manager.shared_memory and 1 or {})
      assert.is_nil(handle)
      assert.equal(polyshm.ENOENT, code)
      assert.truthy(message:find(address, 1, true), message)
    end
    support.raises("ENOENT", manager.names, manager)
    support.raises("ENOENT", manager.adopt, manager, "x")
    support.raises("ENOENT", manager.release, manager, "x")
    assert.equal(polyshm.ENOENT, select(3, Manager.connect(address)))
    assert.equal(address, manager:address())
  end)

  it("that was collected says so, and crashes nothing", function()
    local manager = assert(Manager.start())
    local collect = getmetatable(manager).__gc
    collect(manager)
    collect(manager)
    getmetatable(manager).__close(manager)
    for _, method in ipairs { "names", "address", "shutdown", "close", "owner", "join" } do
      support.raises("ECLOSED", manager[method], manager)
    end
    assert.equal(polyshm.ECLOSED, select(3, manager:shared_memory(1)))
    assert.is_true(manager:closed())
    assert.equal("SharedMemoryManager{closed}", tostring(manager))
  end)

  it("has a join that gives up, and that Ctrl-C interrupts", function()
    local manager = assert(Manager.start { address = support.name() })
    local ended, message, code = manager:join(0.15)
    assert.is_nil(ended)
    assert.equal(polyshm.ETIMEDOUT, code)
    assert.truthy(message:find(manager:address(), 1, true), message)
    support.complains("'timeout' must be 0 seconds or more", manager.join, manager, -1)
    local process, pid = support.start_sleeping([[
      local manager = assert(polyshm.SharedMemoryManager.connect(arg[1]))
      begin()
      print(pcall(manager.join, manager))
    ]], manager:address())
    os.execute("kill -INT " .. pid)
    local output = support.finish(process)
    assert.truthy(output:find("interrupted!", 1, true) or output:find("signal", 1, true), output)
    manager:close()
  end)
end)

describe("Starting and connecting", function()
  after_each(support.leave_nothing)

  it("compares authkeys", function()
    local address = support.name()
    for _, key in ipairs { "key", "\255\0\1", ("x"):rep(255) } do
      local owner = assert(Manager.start { address = address, authkey = key })
      assert(Manager.connect(address, { authkey = key })):close()
      for _, wrong in ipairs { {}, { authkey = "" }, { authkey = "other" }, { authkey = key:sub(2) } } do
        local manager, message, code = Manager.connect(address, wrong)
        assert.is_nil(manager)
        assert.equal(polyshm.EAUTHKEY, code)
        assert.truthy(message:find("authkey", 1, true), message)
      end
      owner:close()
    end
    assert.equal(polyshm.EINVAL, select(3, Manager.start { authkey = ("x"):rep(256) }))
  end)

  it("tells what is wrong with an address", function()
    local address = support.name()
    assert.equal(polyshm.ENOENT, select(3, Manager.connect(address)))
    local owner = assert(Manager.start { address = address })
    assert.equal(polyshm.EEXIST, select(3, Manager.start { address = address }))
    owner:close()
    for _, name in ipairs { "", ".", "..", "helper", "a/b", "a\0b", "\255", ("x"):rep(251) } do
      assert.equal(polyshm.ENAME, select(3, Manager.start { address = name }))
      assert.equal(polyshm.ENAME, select(3, Manager.connect(name)))
    end
  end)

  it("raises for arguments that cannot be right", function()
    local manager = assert(Manager.start())
    support.complains("unknown option 'adress'; there are: address authkey", Manager.start, { adress = "x" })
    support.complains("'address' must be a string, got number", Manager.start, { address = 1 })
    support.complains("'authkey' must be a string, got table", Manager.start, { authkey = {} })
    support.complains("the address must be a string, got nil", Manager.connect)
    support.complains("unknown option 'key'", Manager.connect, "x", { key = "x" })
    support.complains("the options must be a table", Manager.connect, "x", "key")
    support.complains("'size' must be an integer", manager.shared_memory, manager, "much")
    support.complains("unknown option 'track'", manager.shared_memory, manager, 1, { track = true })
    support.complains("'values' must be a table", manager.shareable_list, manager, 1)
    support.complains("polyshm.SharedMemoryManager expected", manager.names, {})
    support.complains("polyshm.SharedMemoryManager expected", manager.join, io.stdout)
    assert.equal(polyshm.EINVAL, select(3, manager:shared_memory(0)))
    assert.equal(polyshm.ENAME, select(3, manager:shared_memory(1, { name = "a/b" })))
    manager:close()
  end)
end)

describe("The end of a process", function()
  after_each(support.leave_nothing)

  for _, signal in ipairs { "TERM", "KILL" } do
    it("that owns a manager takes everything with it: SIG" .. signal, function()
      local address, theirs = support.name(), support.name()
      local owner, pipe = start_owner(address)
      local manager = assert(Manager.connect(address))
      local shm = assert(manager:shared_memory(8, { name = support.name() }))
      support.run([[
        assert(polyshm.SharedMemoryManager.connect(arg[1])):shareable_list({ 1 }, { name = arg[2] })
      ]], address, theirs)
      assert.same({ shm:name(), theirs }, manager:names())
      kill(owner, signal)
      pipe:close()
      assert.is_true(manager:join(30))
      assert.is_false(SharedMemory.exists(shm:name()) or SharedMemory.exists(theirs))
      shm:write(0, "attached")
      assert.equal(polyshm.ENOENT, select(3, manager:shared_memory(1)))
      close_all(shm, manager)
    end)
  end

  it("that helps loses nothing", function()
    local runtime = os.getenv("POLYSHM_TEST_RUNTIME")
    if not runtime then
      return pending("kills the helper of the guard's folder alone")
    end
    local function helper()
      local file = io.open(runtime .. "/polyshm/helper")
      local process = file and file:read("*l"):match("^%d+$")
      if file then
        file:close()
      end
      return process and support.runs(process) and process
    end
    local address = support.name()
    local owner, pipe = start_owner(address)
    local manager = assert(Manager.connect(address))
    local before = assert(manager:shared_memory(8, { name = support.name() }))
    kill(support.await(helper, "a helper is at work"), "KILL")
    local after = assert(manager:shared_memory(8, { name = support.name() }))
    kill(owner, "KILL")
    pipe:close()
    await_end_of(before:name())
    await_end_of(after:name())
    close_all(before, after, manager)
  end)

  local creations = {
    "polyshm.SharedMemory.create { name = arg[1], size = 8, track = %s }",
    "polyshm.SharedMemory.create_or_attach { name = arg[1], size = 8, track = %s }",
    "polyshm.ShareableList.create({ 1 }, { name = arg[1], track = %s })",
  }

  it("takes what it created and nobody is attached to", function()
    for _, creation in ipairs(creations) do
      for _, ending in ipairs { "", "error('failure')", "io.popen('kill -KILL $PPID'):close()" } do
        local name = support.name()
        support.run("held = " .. creation:format("nil") .. "\n" .. ending, name)
        await_end_of(name)
      end
    end
  end)

  it("leaves what it did not track", function()
    for _, creation in ipairs(creations) do
      local name = support.name()
      support.run("held = " .. creation:format("false"), name)
      assert(SharedMemory.attach(name)):unlink()
    end
    support.complains("'track' must be a boolean", SharedMemory.create, { size = 1, track = 1 })
  end)

  it("leaves what others are attached to until they end", function()
    local name = support.name()
    local creator, pipe = start_staying("held = " .. creations[3]:format("true"), name)
    local list = assert(ShareableList.attach(name))
    kill(creator, "KILL")
    pipe:close()
    support.run("held = polyshm.SharedMemory.create_or_attach { name = arg[1], size = 1 }", name)
    assert.is_true(SharedMemory.exists(name))
    list:close()
    await_end_of(name)
  end)
end)
