local support = require "support"
local property = require "property"
local polyshm = require "polyshm"
local null = polyshm.null

-- Values as they are written, as they come back, and their types.
local values = {}
local function value(written, type, read)
  if read == nil then
    read = written
  end
  values[#values + 1] = { written = written, type = type, read = read }
end
for _, integer in ipairs { 0, 1, -1, 7, 2 ^ 31, 2 ^ 53, -2 ^ 53 } do
  value(support.is_54 and math.tointeger(integer) or integer, "int64")
end
if support.has_integers then
  for _, digits in ipairs { "9007199254740993", "-9223372036854775808", "9223372036854775807" } do
    value(support.integer(digits), "int64")
  end
end
for _, real in ipairs { 0.5, -1e300, 1 / 0, 2 ^ 60 } do
  value(real, "float64")
end
value(polyshm.float(3), "float64", 3.0)
value(true, "bool")
value(false, "bool")
value(null, "none")
for _, text in ipairs { "", "a", "12345678", "grün", "NUL\0", ("long"):rep(20) } do
  value(text, "str")
  value(polyshm.bytes(text), "bytes", text)
end
value(polyshm.bytes "\255\0", "bytes", "\255\0")

-- A table of items, each its value and its slot's width, and a list that must look like it.
local SPARE = 12

local function size_of(one)
  return (one.type == "str" or one.type == "bytes") and #one.read or 0
end

local function is_number(one)
  return one.type == "int64" or one.type == "float64"
end

local function new_pair(case)
  local model, written = {}, {}
  for i = 1, math.min(#case, 8) do
    local first = property.pick(values, case[i][2])
    local spare = (is_number(first) or first.type == "bool") and 0 or SPARE
    model[i] = { value = first, width = 8 * math.floor((size_of(first) + spare) / 8) + 8 }
    written[i] = first.written
  end
  local list = assert(polyshm.ShareableList.create(written, { name = support.name(), spare = SPARE }))
  list:unlink()
  return model, list
end

local function same(one, other)
  return one == other and type(one) == type(other)
end

local function assert_same(model, list)
  assert(#list == #model, "another length")
  local all = list:read()
  for i, item in ipairs(model) do
    local expected, type = item.value.read, item.value.type
    assert(same(list[i], expected), ("item %d is %s, not %s"):format(i, tostring(list[i]), tostring(expected)))
    assert(same(all[i], expected), "read gives another item " .. i)
    assert(list:type(i) == type, "another type of item " .. i)
  end
  assert(list[#model + 1] == nil and list[0] == nil)
end

-- Does what must succeed or raise this error.
local function expect(name, call, ...)
  local succeeded, result = pcall(call, ...)
  if name then
    assert(not succeeded and type(result) == "table" and result.name == name, "expected " .. name)
  else
    assert(succeeded, tostring(result))
  end
  return result
end

-- LuaJIT makes an int64_t of a number that it compares with one, also of those that are none.
local function equal(one, other)
  local within = type(one) == type(other) or math.abs(tonumber(one)) < 2 ^ 63 and math.abs(tonumber(other)) < 2 ^ 63
  return within and one == other
end

local function first_of(model, searched)
  local count, first = 0, nil
  for i, item in ipairs(model) do
    local stored = item.value
    local alike = stored.type == searched.type or (is_number(stored) and is_number(searched))
      or (stored.type == "bytes" and searched.type == "str")
    if alike and equal(stored.read, searched.read) then
      count, first = count + 1, first or i
    end
  end
  return first, count
end

local operations = {
  set = function(model, list, step)
    local i, one = step[3] % (#model + 2), property.pick(values, step[2])
    local item = model[i]
    expect(not item and "EINDEX" or size_of(one) > item.width and "ETOOLONG" or nil, list.set, list, i, one.written)
    if item and size_of(one) <= item.width then
      item.value = one
    end
  end,

  write = function(model, list, step)
    local first, one, other = step[3] % #model + 1, property.pick(values, step[2]), property.pick(values, step[4])
    local items = { model[first], model[first + 1] }
    local fit = items[2] and size_of(one) <= items[1].width and size_of(other) <= items[2].width
    expect(not items[2] and "EINDEX" or not fit and "ETOOLONG" or nil,
      list.write, list, first, { one.written, other.written })
    if fit then
      items[1].value, items[2].value = one, other
    end
  end,

  add = function(model, list, step)
    local i, delta = step[3] % #model + 1, step[4] - 500
    local old = model[i].value
    if old.type ~= "int64" then
      expect("ETYPE", list.add, list, i, delta)
      return
    end
    local exact = support.has_ffi and require("ffi").new("int64_t", old.read) or old.read
    local sum = exact + delta
    if not support.has_integers and math.abs(sum) >= 2 ^ 53 then
      return
    end
    local beyond = support.has_integers and (delta > 0 and sum < exact or delta < 0 and sum > exact)
    local added = expect(beyond and "ERANGE" or nil, list.add, list, i, delta)
    if not beyond then
      model[i].value = { written = added, read = added, type = "int64" }
      assert(added == sum, "another sum")
    end
  end,

  compare_exchange = function(model, list, step)
    local i, expected, desired = step[3] % #model + 1, property.pick(values, step[4]), property.pick(values, step[2])
    local item, text = model[i], { str = true, bytes = true }
    local refused = text[expected.type] or text[desired.type]
    local failure = refused and "ETYPE" or nil
    local exchanged = expect(failure, list.compare_exchange, list, i, expected.written, desired.written)
    if not refused then
      assert(exchanged == (item.value.type == expected.type and item.value.read == expected.read), "another comparison")
      item.value = exchanged and desired or item.value
    end
  end,

  search = function(model, list, step)
    local searched = property.pick(values, step[2])
    local first, count = first_of(model, searched)
    assert(list:index(searched.written) == first, "another index")
    assert(list:count(searched.written) == count, "another count")
  end,

  snapshot = function(model, list)
    local version = list:version()
    local items, seen = list:snapshot()
    assert(seen == version, "another version, and nobody wrote")
    for i, item in ipairs(model) do
      assert(same(items[i], item.value.read), "the snapshot has another item " .. i)
    end
  end,
}

local names = {}
for name in pairs(operations) do
  names[#names + 1] = name
end
table.sort(names) -- a seed means the same in every process

local function play(case)
  local model, list = new_pair(case)
  for _, step in ipairs(case) do
    if #model > 0 then
      local name = property.pick(names, step[1])
      operations[name](model, list, step)
      assert_same(model, list)
    end
  end
  list:close()
end

describe("A property that does not hold", function()
  it("is reported by the least case that shows it", function()
    local message = support.complains("POLYSHM_SEED=", property.holds, function(case)
      for _, step in ipairs(case) do
        assert(step[3] < 17, "17 or more")
      end
    end)
    assert.truthy(message:find(": { { 0, 0, 17, 0 } }\n", 1, true), message)
    assert.truthy(message:find("17 or more", 1, true), message)
  end)
end)

describe("A list", function()
  after_each(support.leave_nothing)

  it("is what a table would be after any operations", function()
    property.holds(play)
  end)
end)
