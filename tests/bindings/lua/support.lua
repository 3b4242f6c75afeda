-- What the specs share: unique names, a guard against blocks left behind, other processes, and exact integers.

local assert = require "luassert"
local lfs = require "lfs"

local support = {}

support.is_54 = _VERSION == "Lua 5.4"
support.has_ffi = pcall(require, "ffi")

--- Whether there are integers of 64 bits: in Lua 5.1 a number is a double, and nothing else.
support.has_integers = support.is_54 or support.has_ffi

local compile = loadstring or load

--- Compiles and runs source that not every Lua can parse.
function support.run_source(source, ...)
  return assert(compile(source))(...)
end

--- The content of a file.
function support.read_all(path)
  local file = assert(io.open(path, "r"))
  local text = file:read("*a")
  file:close()
  return text
end

local pid = support.read_all("/proc/self/stat"):match("^%d+")
local prefix = "t_lua_" .. pid .. "_"
local count = 0

--- A name that no other test has.
function support.name()
  count = count + 1
  return prefix .. count
end

--- The names of all blocks that this process's tests made and that are still there.
local function leftovers()
  local names = {}
  for name in lfs.dir("/dev/shm") do
    if name:sub(1, #prefix) == prefix then
      names[#names + 1] = name
    end
  end
  return names
end

--- For after_each: a test that leaves blocks behind fails, and they are removed.
function support.leave_nothing()
  collectgarbage()
  local names = leftovers()
  for _, name in ipairs(names) do
    os.remove("/dev/shm/" .. name)
  end
  assert.same({}, names, "blocks were left behind")
end

--- How many file descriptors this process has.
function support.descriptors()
  collectgarbage()
  collectgarbage()
  local number = 0
  for _ in lfs.dir("/proc/self/fd") do
    number = number + 1
  end
  return number
end

-- arg goes down to the interpreter, whatever runs in it.
local function interpreter()
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  return arg[first]
end

--- Starts another process of the same interpreter, which runs the source with these arguments (strings without
-- quotes) and must end within 60 seconds. Its output, errors included, is what the returned file reads.
function support.start(source, ...)
  local script = os.tmpname()
  local file = assert(io.open(script, "w"))
  file:write("os.remove(arg[0])\n", 'local polyshm = require "polyshm"\n', source)
  file:close()
  local words = { "exec timeout 60", interpreter(), script }
  for _, argument in ipairs({ ... }) do
    words[#words + 1] = "'" .. argument .. "'"
  end
  return assert(io.popen(table.concat(words, " ") .. " 2>&1", "r"))
end

--- Runs such a process to its end, and gives its output.
function support.run(source, ...)
  local process = support.start(source, ...)
  local output = process:read("*a")
  process:close()
  return output
end

--- Starts such a process, whose source calls begin() when it is about to sleep, and awaits that it does. Gives its output
-- from there on, and its number.
function support.start_sleeping(source, ...)
  local process = support.start([[
    local function begin()
      io.write(io.open("/proc/self/stat"):read("*a"):match("^%d+"), "\n")
      io.flush()
    end
  ]] .. source, ...)
  local process_id = process:read("*l")
  support.await(function() return support.sleeps(process_id) end, "the child sleeps")
  return process, process_id
end

--- What is left of a process's output; it ends.
function support.finish(process)
  local output = process:read("*a")
  process:close()
  return output
end

--- Asks until the condition gives something true, for 30 seconds; gives that.
function support.await(condition, what)
  local deadline = os.time() + 30
  repeat
    local result = condition()
    if result then
      return result
    end
  until os.time() > deadline
  error("waited in vain until " .. what)
end

-- The letter of a process's state; nil when there is no such process.
local function state_of(process)
  local file = io.open("/proc/" .. process .. "/stat", "r")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text and text:match("%) (%a)")
end

--- Whether a process sleeps in a system call.
function support.sleeps(process)
  return state_of(process) == "S"
end

--- Whether a process is there, and not just its exit status.
function support.runs(process)
  local state = state_of(process)
  return state ~= nil and state ~= "Z"
end

--- The integer that decimal digits stand for, exactly: int64_t cdata in LuaJIT. Not in Lua 5.1.
function support.integer(digits)
  if digits == "-9223372036854775808" then
    return support.integer("-9223372036854775807") - 1
  end
  return support.run_source("return " .. digits .. (support.is_54 and "" or "LL"))
end

--- The largest there is to be an offset, a size or an index.
support.largest = support.has_integers and support.integer("9223372036854775807") or 2 ^ 62

--- The decimal digits of an integer.
function support.digits(integer)
  if support.is_54 then
    return tostring(integer)
  end
  return type(integer) == "number" and ("%.0f"):format(integer) or tostring(integer):match("^(.*)LL$")
end

--- Fails unless the call raises an error object of this name; gives it.
function support.raises(name, call, ...)
  local polyshm = require "polyshm"
  local succeeded, failure = pcall(call, ...)
  assert.is_false(succeeded)
  assert.equal(polyshm.Error, getmetatable(failure), tostring(failure))
  assert.equal(name, failure.name, failure.message)
  assert.equal(polyshm[name], failure.code)
  return failure
end

--- Fails unless the call raises a plain string with these words; gives it.
function support.complains(words, call, ...)
  local succeeded, message = pcall(call, ...)
  assert.is_false(succeeded)
  assert.equal("string", type(message), tostring(message))
  assert.truthy(message:find(words, 1, true), message)
  return message
end

return support
