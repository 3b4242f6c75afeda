-- Options: tables whose keys are checked, so that a misspelt one is an error and not a default.

local core = require "polyshm.core"

local options = {}

local function has_word(words, searched)
  for word in words:gmatch("%S+") do
    if word == searched then
      return true
    end
  end
  return false
end

--- Checks that options is a table with no other keys than the known ones.
-- A mistake is the caller's: the error points to whoever called the function that calls this.
-- @tparam string call what was called, for the message
-- @tparam ?table given the options, or nil for none
-- @tparam string known the known keys, separated by spaces
-- @treturn table the options
function options.check(call, given, known)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    error(("%s: the options must be a table, got %s"):format(call, type(given)), 3)
  end
  for key in pairs(given) do
    if not has_word(known, key) then
      error(("%s: unknown option '%s'; there are: %s"):format(call, tostring(key), known), 3)
    end
  end
  return given
end

--- Checks that there is a name, which may also be given as a plain string instead of the table. The other options
-- are yet to be checked.
-- @treturn table the options
function options.check_named(call, given)
  if type(given) == "string" then
    return { name = given }
  end
  if type(given) ~= "table" then
    error(("%s: expected a name or a table of options, got %s"):format(call, type(given)), 3)
  end
  if given.name == nil then
    error(call .. ": the option 'name' is missing", 3)
  end
  return given
end

local bits = {
  readonly = core.SEGMENT_READONLY,
  sparse = core.SEGMENT_SPARSE,
  same_user = core.SEGMENT_SAME_USER,
  track = core.SEGMENT_TRACK,
}

--- The library's flags for those options that are true.
-- @tparam table given
-- @tparam[opt=false] boolean tracks whether `track` is true where it is not given
function options.flags(given, tracks)
  local flags = 0
  for name, bit in pairs(bits) do
    local value = given[name]
    if value == nil and name == "track" then
      value = tracks
    end
    if value ~= nil and type(value) ~= "boolean" then
      error(("'%s' must be a boolean, got %s"):format(name, type(value)), 3)
    end
    flags = flags + (value and bit or 0)
  end
  return flags
end

-- The level of the user's call: below are conclude, attempt, and one of the two that call it, which took the place of
-- the constructor in Lua. Lua 5.1 counts such a tail call, too.
local CALLER = (_VERSION == "Lua 5.1" and not jit) and 5 or 4

local function conclude(succeeded, ...)
  if succeeded then
    return ...
  end
  local failure = ...
  if getmetatable(failure) == core.Error then
    return nil, failure.message, failure.code
  end
  error(failure, CALLER)
end

local function attempt(constructor, ...)
  local handle, message, code = conclude(pcall(constructor, ...))
  if code == core.EMFILE then
    -- The collector knows nothing of descriptors: there may be enough of them in handles that nobody holds any more.
    collectgarbage()
    handle, message, code = conclude(pcall(constructor, ...))
  end
  return handle, message, code
end

--- Calls a constructor of the C half; to be called by a tail call.
-- What the library refuses comes back as nil, message, code; a mistake in the arguments is raised where the user's
-- call is.
function options.create(constructor, ...)
  local handle, message, code = attempt(constructor, ...)
  return handle, message, code
end

-- A signal handler that runs while the library sleeps ends the wait with EINTR. One that runs a moment earlier or
-- later goes unseen there. So a long wait is made of pieces, of so many seconds, and in between the interpreter runs
-- the hook that the handler has set.
local PIECE = 0.5

--- The same for a constructor that waits for the block.
function options.attach(constructor, given)
  local flags, timeout = options.flags(given), given.timeout or 0
  local left = timeout
  local handle, message, code
  repeat
    local piece = type(left) == "number" and left > PIECE and PIECE or left
    handle, message, code = attempt(constructor, given.name, flags, piece)
    left = left - PIECE
  until left <= 0 or left ~= left or code ~= core.ETIMEDOUT and code ~= core.EEMPTY
  if code == core.ETIMEDOUT then
    message = ("no block '%s' appeared in %g seconds"):format(given.name, timeout)
  end
  return handle, message, code
end

return options
