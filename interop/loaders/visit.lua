-- A visit, in LuaJIT: `luajit visit.lua LIST ADDRESS`. See visit.py.
local polyshm = require "polyshm_ffi"

local function line(list, index)
  local type, value = list:type(index), list[index]
  if type == "none" then return "none -" end
  if type == "bytes" then value = value:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end) end
  return type .. " " .. tostring(value):gsub("LL", "")
end

local shared = polyshm.List.attach(arg[1])
for index in shared:items() do
  print((line(shared, index)))
end
local bytes, digits = shared:segment():buffer(), {}
for i = 0, 7 do digits[i + 1] = ("%02x"):format(bytes[i]) end
print("bytes " .. table.concat(digits))

shared:synchronized(function()
  shared[1] = "visited"
  print("sum " .. shared:add(#shared, 5))
end)

local seen = shared:version()
print "waiting"
io.stdout:flush()
shared:wait(seen, 60)
print("changed " .. line(shared, 2))

local copies = {}
for index, value in shared:items() do
  copies[index] = shared:type(index) == "bytes" and polyshm.bytes(value) or value
end
local manager = polyshm.Manager.connect(arg[2])
local left = manager:create_list(nil, copies)
print("left " .. (manager:names()[1] == left:segment():name() and "True " or "False ") .. left:segment():name())
manager:close()
shared:close()

local _, failure = pcall(polyshm.List.attach, arg[1] .. "_not")
print("error " .. failure.message)
