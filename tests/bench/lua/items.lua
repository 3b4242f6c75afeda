-- Items of a list: get, set, iterate, ranges, build, attach, count. The floor is a table.
local cases = require "cases"
local polyshm = require "polyshm"

for _, length in ipairs(cases.lengths) do
  local values = {}
  for i = 1, length do
    values[i] = i
  end
  local list = assert(polyshm.ShareableList.create(values))
  local names = { list = list, values = values, plain = {}, name = list:shm():name(), at = math.floor(length / 2),
    create = polyshm.ShareableList.create, attach = polyshm.ShareableList.attach }
  for i = 1, length do
    names.plain[i] = i
  end
  local count = cases.count(length)
  local function both(code)
    -- LuaJIT sees that a table's item does not change, and leaves the loop out.
    return { polyshm = code:gsub("IT", "list"), table = not jit and code:gsub("IT", "plain") or nil }
  end
  cases.measure("get an int " .. count, both "local x = IT[at]", names, { times = 10 })
  cases.measure("set an int " .. count, both "IT[at] = 7", names, { times = 10 })
  cases.measure("iterate, per item " .. count,
    { polyshm = "for i, item in list:items() do end", table = "for i, item in ipairs(plain) do end" },
    names, { per = length })
  cases.measure("count, per item " .. count, { polyshm = "list:count(-1)" }, names, { per = length })
  cases.measure("read all, per item " .. count, { polyshm = "list:read()" }, names, { per = length })
  cases.measure("write all, per item " .. count, { polyshm = "list:write(1, values)" }, names, { per = length })
  cases.measure("build + unlink " .. count,
    { polyshm = "local made = create(values); made:unlink(); made:close()" }, names)
  cases.measure("attach a list + close " .. count, { polyshm = "attach(name):close()" }, names)
  list:unlink()
  list:close()
end
