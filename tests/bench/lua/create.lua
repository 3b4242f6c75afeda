-- A block's life, by itself and through a manager. There is no peer in Lua: those in C and Python are.
local cases = require "cases"
local polyshm = require "polyshm"

local life = "local shm = create { size = 4096%s }; shm:close(); shm:unlink()"
local names = { create = polyshm.SharedMemory.create }
cases.measure("create + close + unlink", { polyshm = life:format ", track = false" }, names)
cases.measure("create + close + unlink, sparse", { polyshm = life:format ", track = false, sparse = true" }, names)
cases.measure("create + close + unlink, tracked", { polyshm = life:format "" }, names)

local shm = assert(polyshm.SharedMemory.create { size = 4096 })
cases.measure("attach + close, 4 KiB", { polyshm = "attach(name):close()" },
  { attach = polyshm.SharedMemory.attach, name = shm:name() })
shm:unlink()
shm:close()

local manager = assert(polyshm.SharedMemoryManager.start())
cases.measure("create + close + unlink, managed",
  { polyshm = "local shm = manager:shared_memory(4096); shm:close(); shm:unlink()" }, { manager = manager })
cases.measure("start + end of a manager", { polyshm = "local one = start(); one:shutdown(); one:close()" },
  { start = polyshm.SharedMemoryManager.start })
manager:shutdown()
