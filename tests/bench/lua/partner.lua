-- The other end of ping-pong (../c/pingpong.cc): sends back by item 1 what comes by item 0, until that is -1.
--
--   partner.lua NAME asleep|spinning
local polyshm = require "polyshm"

local name, how = arg[1], arg[2]
local list = assert(polyshm.ShareableList.attach(name))
local seen, version = 0, 0
list[2] = 0 -- it is there
while true do
  if how == "asleep" then
    version = assert(list:wait(version, math.huge, 1))
  end
  local number = list[1]
  if number == -1 then
    break
  elseif number ~= seen then
    list[2], seen = number, number
  end
end
list:close()
