-- What an installed package must do, of the version that is given: a list, which the command reads, a tracked block,
-- which needs the helper, and a manager.

local polyshm = require "polyshm"

assert(polyshm.version() == arg[1], polyshm.version())

local made = assert(polyshm.ShareableList.create({ 1, "text", polyshm.null }, { name = "t_package" }))
local same = assert(polyshm.ShareableList.attach("t_package"))
assert(#same == 3 and same[2] == "text" and same[3] == polyshm.null)
same:close()
assert(io.popen("polyshm get t_package 1"):read("a*") == "text\n")
made:unlink()
made:close()

local memory = assert(polyshm.SharedMemory.create { name = "t_package", size = 100, track = true })
memory:unlink()
memory:close()

local manager = assert(polyshm.SharedMemoryManager.start())
assert(manager:shareable_list { 1 })
assert(#manager:names() == 1)
manager:shutdown()

print(_VERSION, polyshm.version())
