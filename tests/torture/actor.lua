-- The actor in Lua, for 5.4 and LuaJIT (actors.h). Lua has no fork of its own; LuaJIT can call the system's.

local polyshm = require "polyshm"
local has_ffi, ffi = pcall(require, "ffi")

local attached, kept = {}, {}

-- Keeps what a constructor gave.
local function keep(handle, message)
  kept[#kept + 1] = handle
  return handle and "ok" or "no " .. message:sub(1, 200)
end

local function make(name, track)
  return keep(polyshm.SharedMemory.create { name = name, size = 8, track = track })
end

local commands = {}

function commands.create(name)
  return make(name, false)
end

function commands.track(name)
  return make(name, true)
end

function commands.attach(name)
  local message
  attached[name], message = polyshm.SharedMemory.attach { name = name }
  return attached[name] and "ok" or "no " .. message:sub(1, 200)
end

function commands.detach(name)
  if not attached[name] then
    return "no"
  end
  attached[name]:close()
  attached[name] = nil
  return "ok"
end

function commands.start(address)
  return keep(polyshm.SharedMemoryManager.start { address = address })
end

function commands.manage(address, name)
  local manager, message = polyshm.SharedMemoryManager.connect(address)
  if not manager then
    return "no " .. message:sub(1, 200)
  end
  return keep(manager:shared_memory(8, { name = name }))
end

if has_ffi then
  ffi.cdef "int fork(void); int close(int); int pause(void);"

  -- The child outlives its parent.
  function commands.fork()
    local child = ffi.C.fork()
    if child > 0 then
      return "ok " .. child
    end
    ffi.C.close(0)
    ffi.C.close(1)
    while true do
      ffi.C.pause()
    end
  end
end

io.stdout:setvbuf "line"
for line in io.lines() do
  local words = {}
  for word in line:gmatch "%S+" do
    words[#words + 1] = word
  end
  if words[1] == "quit" then
    break
  end
  local command = commands[words[1]]
  print(command and command(words[2], words[3]) or "can't")
end
