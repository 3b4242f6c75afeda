--- polyshm through LuaJIT's ffi: one file; all that C declares comes from polyshm.cdef, which is installed.
--
--     local polyshm = require "polyshm_ffi"
--     local jobs = polyshm.List.create("jobs", { "ready", 0, polyshm.null }, 40) -- the slots have 40 bytes to spare
--     jobs[1] = "fünf Aufträge"
--     jobs:close()
--
-- A function polyshm_NOUN_VERB is VERB of the class NOUN. It takes what goes in, in C's order: values and bytes bring
-- their length, zeros at the end may be left out. It returns what comes out; what fails is an error with code, name and
-- message. Below is Lua's own. Items count from 1. A number without a fraction is an int64, as is an int64_t, which
-- comes back from 2^53 on; float(3) is a float64. A string is text, bytes(s) are bytes: both come back as strings, and
-- list:type(i) tells. POLYSHM_LIBRARY and POLYSHM_CDEF name files that are not installed.
local ffi = require "ffi"
local declarations = assert(io.open(os.getenv "POLYSHM_CDEF" or "/usr/share/polyshm/polyshm.cdef")):read "*a"
ffi.cdef(declarations)
local C = ffi.load(os.getenv "POLYSHM_LIBRARY" or "libpolyshm.so.1")
local polyshm = { C = C, null = { type = "NONE" } }
function polyshm.bytes(content) return { type = "BYTES", value = content } end
function polyshm.float(number) return { type = "FLOAT64", value = number } end

-- The types of each function's parameters, and the class that a handle becomes.
local signatures, classes = {}, {}
for name, parameters in declarations:gsub("/%*.-%*/", ""):gmatch "(polyshm_[%w_]+)(%b());" do
  signatures[name] = {}
  for type_ in parameters:gmatch "%s*([%w_ *]-[ *])[%w_]+[,)]" do table.insert(signatures[name], type_) end
end

local function encode(value, into)
  local kind, content = type(value), value
  local whole = ffi.istype("int64_t", value) or kind == "number" and value % 1 == 0 and math.abs(value) <= 2 ^ 53
  local name = ({ boolean = "BOOL", string = "STR", number = "FLOAT64" })[kind]
  if kind == "table" then name, content = value.type, value.value end
  into.type = C["POLYSHM_TYPE_" .. (whole and "INT64" or name or error("a list cannot hold a " .. kind, 0))]
  if type(content) == "string" then
    into.data, into.size = ffi.cast("const char *", content), #content
  elseif type(content) == "number" and not whole then
    into.real = content
  else
    into.integer = kind == "boolean" and (value and 1 or 0) or content or 0
  end
end

-- Memory for what is copied out, which outlives all that points into it.
local item, memory, capacity = ffi.new "polyshm_value[1]", nil, 0
local function room(size)
  if size > capacity then memory, capacity = ffi.new("char[?]", size), size end
  return memory
end
local function exact(integer)
  return math.abs(tonumber(integer)) < 2 ^ 53 and tonumber(integer) or integer
end
local function decode(value)
  if value.type == C.POLYSHM_TYPE_BOOL then return value.integer == 1 end
  if value.type == C.POLYSHM_TYPE_INT64 then return exact(value.integer) end
  if value.type == C.POLYSHM_TYPE_FLOAT64 then return value.real end
  return value.type == C.POLYSHM_TYPE_NONE and polyshm.null or ffi.string(value.data, value.size)
end

-- The argument as C takes it, and its length if it brings one.
local function argument_of(types, n, argument)
  if n == 2 and types[n]:find "int64_t" and not types[n]:find "uint" then return argument - 1 end -- an index
  local is_text, array = type(argument) == "string" and types[n]:find "char", argument
  if is_text and argument:find "%z" then error("embedded null character", 0) end
  if type(argument) == "table" then array = ffi.new("polyshm_value[?]", #argument) end
  for i = 1, type(argument) == "table" and #argument or 0 do encode(argument[i], array[i - 1]) end
  local is_measured = not is_text and (type(argument) == "string" or type(argument) == "table")
  return array, is_measured and types[n + 1] == "uint64_t " and #argument or nil
end
local Failure = { __tostring = function(self) return self.message end }
local function call(name, ...)
  local types, arguments, n = signatures[name], { kept = { ... } }, 0 -- as long as C looks at their memory
  for i = 1, select("#", ...) do
    local argument, length = argument_of(types, n + 1, (select(i, ...)))
    arguments[n + 1], arguments[n + 2], n = argument, length, n + (length and 2 or 1)
  end
  for i = n + 1, #types do arguments[i] = not types[i]:find "%*" and 0 or nil end
  local result = n < #types and types[#types]:match "^(.*)%*$"
  if result then arguments[#types] = ffi.new(result .. "[1]") end
  local status = C[name](unpack(arguments, 1, #types))
  if status and status < 0 then
    local code, message = ffi.string(C.polyshm_status_name(status)), ffi.string(C.polyshm_error_message())
    error(setmetatable({ code = status, name = code, message = message }, Failure), 0)
  end
  if not result then return not name:find "_is_" and status or status == 1 end
  local value = arguments[#types][0]
  if classes[result] then return classes[result](value) end
  return result:find "char" and ffi.string(value) or result:find "int" and exact(value) or value
end

-- A class of handles, closed by close() or when nobody has them any more. C's functions are its methods.
local function class(noun, metatable)
  local methods = {}
  for name, types in pairs(signatures) do
    local verb, handle = name:match("^polyshm_" .. noun .. "_(.*)"), types[1] and types[1]:find(noun)
    if verb then methods[verb] = function(self, ...) return call(name, handle and self.handle or self, ...) end end
  end
  metatable.__index = metatable.__index or methods
  metatable.__gc = methods.unref
  classes["polyshm_" .. noun .. " *"] = ffi.metatype("struct { polyshm_" .. noun .. " *handle; }", metatable)
  return methods
end

polyshm.Segment, polyshm.Manager = class("segment", {}), class("manager", {})
polyshm.List = class("list", {
  __len = function(self) return self:length() end,
  __index = function(self, key)
    if type(key) == "number" then return polyshm.List.get(self, key) else return polyshm.List[key] end
  end,
  __newindex = function(self, index, value) self:set(index, value) end,
})

-- The address of the bytes, which stay mapped, also beyond close, as long as anybody has it; and their number.
function polyshm.Segment:buffer()
  self:pin()
  local handle, address = self.handle, ffi.cast("uint8_t *", self:address())
  return ffi.gc(address, function() C.polyshm_segment_unpin(handle) end), self:size()
end

function polyshm.List:type(index)
  local type_ = call("polyshm_list_type", self.handle, index)
  for name in declarations:gmatch "POLYSHM_TYPE_(%w+) =" do
    if C["POLYSHM_TYPE_" .. name] == type_ then return name:lower() end
  end
end
function polyshm.List:get(index)
  local size = self:capacity(index, 1)
  call("polyshm_list_get", self.handle, index, room(size), size, item)
  return decode(item[0])
end
function polyshm.List:set(index, value)
  call("polyshm_list_set", self.handle, index, { value == nil and error("a list cannot hold a nil", 0) or value })
end
function polyshm.List:items()
  return function(_, i) if i < #self then return i + 1, self[i + 1] end end, nil, 0
end

-- Calls fn(owner_died) with the lock held.
function polyshm.List:synchronized(fn, timeout)
  local succeeded, result = pcall(fn, self:lock(timeout or 10) == C.POLYSHM_OWNER_DIED)
  self:unlock()
  return succeeded and result or not succeeded and error(result, 0)
end

function polyshm.Manager:names()
  local names, size = {}, call("polyshm_manager_names", self.handle, room(2 ^ 16), 2 ^ 16)
  ffi.string(memory, size):gsub("%Z+", function(name) table.insert(names, name) end)
  return names
end

return polyshm
