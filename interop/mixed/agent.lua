-- The agent in Lua, for 5.4 and LuaJIT: does what the lines on its input say (agents.py). `agent.lua ffi`: lists
-- through the loader, whose classes are C's nouns.

local is_loader = arg[1] == "ffi"
local polyshm = require(is_loader and "polyshm_ffi" or "polyshm")
local UNIT, LONG = 12, 4096 -- bytes of what repeats, and of what is not written so yet
local is_jit, ffi = pcall(require, "ffi")

local function from_hex(text)
  return (text:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function to_hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function content(text)
  local unit, count = text:match "^(%x*)%*?(%d*)$"
  return from_hex(unit):rep(tonumber(count) or 1)
end

local function digits(value)
  local unit, count = value:sub(1, UNIT), math.floor(#value / UNIT)
  return #value > LONG and unit:rep(count) == value and ("%s*%d"):format(to_hex(unit), count) or to_hex(value)
end

-- LuaJIT's numbers hold integers to 2^53; beyond that they are int64_t. It has no string.pack for the bits of a double.
local parse_integer, to_bits, from_bits = math.tointeger, nil, nil
if is_jit then
  ffi.cdef "long long strtoll(const char *, char **, int);"
  local double, bytes = ffi.new "double[1]", nil
  bytes = ffi.cast("char *", double)

  function parse_integer(text)
    local number = tonumber(text)
    return math.abs(number) < 2 ^ 53 and number or ffi.cast("int64_t", ffi.C.strtoll(text, nil, 10))
  end

  function to_bits(number)
    double[0] = number
    return ffi.string(bytes, 8):reverse()
  end

  function from_bits(bits)
    ffi.copy(double, bits:reverse(), 8)
    return double[0]
  end
else
  function to_bits(number)
    return string.pack(">d", number)
  end

  function from_bits(bits)
    return (string.unpack(">d", bits))
  end
end

local decoders = {
  none = function() return polyshm.null end,
  bool = function(text) return text == "1" end,
  int64 = parse_integer,
  float64 = function(text) return polyshm.float(from_bits(from_hex(text))) end,
  str = content,
  bytes = function(text) return polyshm.bytes(content(text)) end,
}

local encoders = {
  none = function(value) return value == polyshm.null and "-" end,
  bool = function(value) return value and "1" or "0" end,
  int64 = function(value) return type(value) == "number" and ("%d"):format(value) or tostring(value):gsub("LL", "") end,
  float64 = function(value) return to_hex(to_bits(value)) end,
  str = digits,
  bytes = digits,
}

local function decoded(word)
  local type, text = word:match "^(%w+):(.*)$"
  return decoders[type](text)
end

local function decoded_all(...)
  local values = { n = select("#", ...), ... }
  for i = 1, values.n do
    values[i] = decoded(values[i])
  end
  return values
end

local function item(list, index)
  local type = list:type(index)
  return type .. ":" .. encoders[type](list[index])
end

-- A function a command. Each takes the command's words, and gives those of the answer, if there are any.
local lists, blocks, commands = {}, {}, {}

local function add_list(name, list)
  lists[name], blocks[name] = list, is_loader and list:segment() or list:shm()
end

function commands.create_list(name, ...)
  local values = decoded_all(...)
  add_list(name, is_loader and polyshm.List.create(name, values)
    or assert(polyshm.ShareableList.create(values, { name = name })))
end

function commands.attach_list(name)
  add_list(name, is_loader and polyshm.List.attach(name) or assert(polyshm.ShareableList.attach(name)))
end

function commands.get(name, index)
  return item(lists[name], index + 1)
end

function commands.set(name, index, word)
  lists[name][index + 1] = decoded(word)
end

-- Values that were read all at once. Their types are asked for one by one, for a string does not tell its own.
local function items(list, values, first)
  local words = {}
  for i = 1, #values do
    local type = list:type(first + i - 1)
    words[i] = type .. ":" .. encoders[type](values[i])
  end
  return table.concat(words, " ")
end

function commands.get_range(name, index, count)
  return items(lists[name], lists[name]:read(index + 1, tonumber(count)), index + 1)
end

function commands.set_range(name, index, ...)
  lists[name]:write(index + 1, decoded_all(...))
end

function commands.snapshot(name)
  return items(lists[name], lists[name]:snapshot(), 1)
end

function commands.version(name)
  return ("%d"):format(lists[name]:version())
end

function commands.item_version(name, index)
  return ("%d"):format(lists[name]:item_version(index + 1))
end

function commands.add(name, index, delta)
  return encoders.int64(lists[name]:add(index + 1, parse_integer(delta)))
end

function commands.exchange(name, index, expected, desired)
  return lists[name]:compare_exchange(index + 1, decoded(expected), decoded(desired)) and "1" or "0"
end

function commands.lock(name)
  lists[name]:lock()
end

function commands.unlock(name)
  lists[name]:unlock()
end

function commands.all(name)
  local words = {}
  for i = 1, #lists[name] do
    words[i] = item(lists[name], i)
  end
  return table.concat(words, " ")
end

function commands.create_block(name, size)
  blocks[name] = assert(polyshm.SharedMemory.create { name = name, size = tonumber(size) })
end

function commands.attach_block(name)
  blocks[name] = assert(polyshm.SharedMemory.attach(name))
  return blocks[name]:size()
end

function commands.see(name, offset, size)
  return to_hex(blocks[name]:buf():read(tonumber(offset), tonumber(size)))
end

function commands.put(name, offset, text)
  blocks[name]:buf():write(tonumber(offset), from_hex(text))
end

function commands.read(name, offset, size)
  return to_hex(blocks[name]:read(tonumber(offset), tonumber(size)))
end

function commands.write(name, offset, text)
  blocks[name]:write(tonumber(offset), from_hex(text))
end

function commands.close(name)
  blocks[name]:close()
  lists[name], blocks[name] = nil, nil
end

function commands.unlink(name)
  blocks[name]:unlink()
end

local function words_of(line)
  local words = {}
  for word in line:gmatch "%S+" do
    words[#words + 1] = word
  end
  return (table.unpack or unpack)(words)
end

local function run(command, ...)
  return commands[command](...)
end

io.stdout:setvbuf "line"
for line in io.lines() do
  local succeeded, answer = pcall(run, words_of(line))
  if succeeded then
    print(answer and answer ~= "" and "ok " .. answer or "ok")
  else
    print("error " .. (tostring(answer):gsub("\n", " ")))
  end
end
