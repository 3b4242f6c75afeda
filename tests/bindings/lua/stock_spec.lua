local support = require "support"
local polyshm = require "polyshm"
local ShareableList = polyshm.ShareableList

describe("A list that a stock CPython made", function()
  after_each(support.leave_nothing)

  -- Such a list, or nil where there is no such CPython; the block stays when it ends.
  local function make(name)
    local process = io.popen("python3 - 2>&1 <<'EOF'\n" .. [[
import sys
if sys.version_info < (3, 9):
    sys.exit("python3 is older than 3.9")
from multiprocessing import resource_tracker, shared_memory
made = shared_memory.ShareableList([1, "two", 2.5], name="]] .. name .. [[")
resource_tracker.unregister(made.shm._name, "shared_memory")
made.shm.close()
print("made")
]] .. "EOF\n")
    local output = support.finish(process)
    if output ~= "made\n" then
      return nil, output
    end
    return assert(ShareableList.attach(name))
  end

  it("is read and written as ever, and says that it has no lock", function()
    local name = support.name()
    local list, why = make(name)
    if not list then
      return pending("no stock list: " .. why)
    end
    assert.is_true(polyshm.SharedMemory.exists(name))
    assert.is_false(list:synchronized())
    assert.same({ 1, "two", 2.5 }, list:read())
    list[1], list[2] = 5, "TWO"
    list:set(3, 7)
    list:write(1, { 6 })
    assert.same({ 6, "TWO", 7 }, list:read())
    list:set_timeout(1)
    for _, use in ipairs {
      function() list:lock() end, function() list:unlock() end, function() list:synchronize(error) end,
      function() list:add(1) end, function() list:compare_exchange(1, 6, 7) end, function() list:version() end,
      function() list:item_version(1) end, function() list:wait(0) end, function() list:wait(0, 0, 1) end,
      function() list:snapshot() end,
    } do
      local failure = support.raises("ENOSYNC", use)
      assert.truthy(failure.message:find("a stock CPython made it", 1, true), failure.message)
    end
    assert.same({ 6, "TWO", 7 }, list:read())
    list:unlink()
    assert.is_false(polyshm.SharedMemory.exists(name))
  end)

  it("is the exception", function()
    local list = assert(ShareableList.create({ 1 }, { name = support.name() }))
    list:unlink()
    assert.is_true(list:synchronized())
    list:close()
    assert.is_true(list:synchronized())
  end)
end)
