--- A process's handle on a block of shared memory.
--
-- Everything but its size is a method: `shm:name()`, `shm:size()` (also `#shm`), `shm:buf()`. Offsets and sizes are
-- in bytes; offsets count from 0, as C and every other language's polyshm have them.
--
-- The constructors return `nil, message, code` when the system or the library refuses (`code` is one of
-- `polyshm.ENOENT`, `polyshm.EEXIST`, ...); everything else raises an error object, see `polyshm.Error`. Arguments of
-- the wrong type, and options that do not exist, raise plain strings everywhere.
--
-- A handle that is collected is closed. The block stays until its name is unlinked and the last handle closed. What
-- nobody unlinks goes when the process that created it has ended and no process is attached any more, unless `track` is
-- false. In Lua 5.4, `local shm <close> = polyshm.SharedMemory.create{...}` closes it at the end of the scope.
-- @classmod SharedMemory

local core = require "polyshm.core"
local options = require "polyshm.options"

local SharedMemory = {}
local segment, buffer = core.classes.SharedMemory, core.classes.Buffer

--- Creates a block, filled with zeros, and attaches to it.
-- @tparam table given
-- @tparam[opt] string given.name 1 to 250 bytes of UTF-8 without `/`; none for a fresh `psm_` and 8 hex digits
-- @tparam integer given.size bytes, at least 1
-- @tparam[opt=384] integer given.mode permissions, 0 to 511; the default is octal 0600
-- @tparam[opt=false] boolean given.sparse do not reserve memory: a write may end in SIGBUS when it runs out
-- @tparam[opt=true] boolean given.track have the block removed when this process has ended, however it ended, and no
-- process is attached any more; with false it stays until it is unlinked
-- @treturn SharedMemory or `nil, message, code`
-- @static
function SharedMemory.create(given)
  given = options.check("SharedMemory.create", given, "name size mode sparse track")
  local flags = options.flags(given, true)
  return options.create(core.SharedMemory.create, given.name, given.size, given.mode or 0, flags)
end

--- Attaches to a block that exists.
-- A signal that comes while it waits ends the wait with `polyshm.EINTR`, so that Ctrl-C works.
-- @tparam table|string given a name alone, or:
-- @tparam string given.name
-- @tparam[opt=false] boolean given.readonly map for reading only
-- @tparam[opt=0] number given.timeout seconds to wait for the name to appear; `math.huge` waits for ever
-- @tparam[opt=false] boolean given.same_user refuse a block that another user owns
-- @treturn SharedMemory or `nil, message, code`
-- @static
function SharedMemory.attach(given)
  given = options.check_named("SharedMemory.attach", given)
  options.check("SharedMemory.attach", given, "name readonly timeout same_user")
  return options.attach(core.SharedMemory.attach, given)
end

--- Attaches to the block of this name or, where there is none, creates it, in one step.
-- @tparam table given
-- @tparam string given.name
-- @tparam integer given.size bytes, if it is created; a block that is there must have that many
-- @tparam[opt=384] integer given.mode permissions, if it is created
-- @tparam[opt=false] boolean given.sparse as for `create`
-- @tparam[opt=true] boolean given.track as for `create`, if it is created: attaching never has it removed
-- @tparam[opt=false] boolean given.same_user refuse a block that another user owns
-- @treturn SharedMemory or `nil, message, code`
-- @treturn boolean whether it was created
-- @static
function SharedMemory.create_or_attach(given)
  given = options.check_named("SharedMemory.create_or_attach", given)
  options.check("SharedMemory.create_or_attach", given, "name size mode sparse track same_user")
  local flags = options.flags(given, true)
  return options.create(core.SharedMemory.create_or_attach, given.name, given.size, given.mode or 0, flags)
end

--- Says whether a block of this name exists. It may be another a moment later.
-- @function exists
-- @static
-- @tparam string name
-- @treturn boolean
SharedMemory.exists = core.SharedMemory.exists

--- Says whether any process, this one included, is attached to the block through polyshm.
-- @function attached
-- @static
-- @tparam string name
-- @treturn boolean
SharedMemory.attached = core.SharedMemory.attached

--- The block's name; also when closed.
-- @function SharedMemory:name
-- @treturn string

--- The size in bytes, as `#shm`; also when closed.
-- @function SharedMemory:size
-- @treturn integer

--- Whether it was attached with `readonly`.
-- @function SharedMemory:readonly
-- @treturn boolean

--- Whether the handle was closed.
-- @function SharedMemory:closed
-- @treturn boolean

-- What cannot be read at the offset is told by the call that is not caught.
local function make_read_optional(class)
  local read = class.methods.read

  function class.methods:read(offset, size)
    if type(self) ~= "userdata" then
      return read(self) -- which says that it is a method
    end
    offset = offset or 0
    if size == nil then
      size = pcall(read, self, offset, 0) and #self - offset or 0
    end
    return read(self, offset, size)
  end
end

--- Copies bytes out of the block.
-- @function SharedMemory:read
-- @tparam[opt=0] integer offset of the first byte
-- @tparam[opt] integer size how many; all that follow
-- @treturn string
-- @raise ERANGE when a byte lies outside, ECLOSED
make_read_optional(segment)

--- Copies bytes into the block.
-- @function SharedMemory:write
-- @tparam integer offset of the first byte, from 0
-- @tparam string bytes
-- @raise ERANGE when a byte lies outside (then nothing is written), EREADONLY, ECLOSED

--- The bytes without a copy. Each call gives a new `Buffer`, which keeps them mapped until it is closed or collected.
-- @function SharedMemory:buf
-- @treturn Buffer
-- @raise ECLOSED

--- Detaches now. The block and its name stay. Closing again is fine.
-- @function SharedMemory:close

--- Removes the block's name, if it still stands for this very block. Works on a closed handle.
-- @function SharedMemory:unlink
-- @raise ENOENT when the name is gone or stands for another block by now

function segment:__tostring()
  local closed = segment.methods.closed(self) and ", closed" or ""
  local known, name = pcall(segment.methods.name, self)
  return known and ("SharedMemory{name=%q, size=%d%s}"):format(name, #self, closed) or "SharedMemory{closed}"
end

--- The bytes of a block, pinned.
--
-- A buffer outlives the `SharedMemory` that it came from, closed or collected; it is closed itself by `close`, by the
-- collector, or as a `<close>` variable. `#buf` is its size.
-- @type Buffer

--- Copies bytes out.
-- @function Buffer:read
-- @tparam[opt=0] integer offset of the first byte
-- @tparam[opt] integer size how many; all that follow
-- @treturn string
-- @raise ERANGE when a byte lies outside, ECLOSED
make_read_optional(buffer)

--- Copies bytes in.
-- @function Buffer:write
-- @tparam integer offset of the first byte, from 0
-- @tparam string bytes
-- @raise ERANGE when a byte lies outside (then nothing is written), EREADONLY, ECLOSED

--- The address of the bytes. In LuaJIT it is a pointer of the ffi, which keeps them mapped as long as it is held,
-- whatever is closed meanwhile; pointers made from it, as by `ffi.cast`, do not, so name the type here. Elsewhere it is
-- a light userdata, for other C modules, and keeps nothing. From there on, nothing is checked.
-- @function Buffer:pointer
-- @usage
-- local numbers = buf:pointer("int32_t *")
-- numbers[0] = 42
-- @tparam[opt="uint8_t *"] string ctype LuaJIT: the type; that of a read-only buffer is `const uint8_t *`
-- @return pointer
-- @raise ECLOSED

--- Whether the block was attached with `readonly`.
-- @function Buffer:readonly
-- @treturn boolean
-- @raise ECLOSED

--- Whether the buffer was closed.
-- @function Buffer:closed
-- @treturn boolean

--- Lets the bytes go. Closing again is fine.
-- @function Buffer:close

--- Writes numbers and strings in a binary form, which is that of Lua 5.4's `string.pack`, in every Lua. Alignment (`!`)
-- counts from the offset. LuaJIT: integers may be `int64_t`, and `uint64_t` below 2^63.
-- @function Buffer:pack
-- @usage local behind = buf:pack("<i4 d s2", 0, 42, 0.5, "text")
-- @tparam string format
-- @tparam integer offset of the first byte, from 0
-- @param ... the values
-- @treturn integer the offset behind the last byte written
-- @raise ERANGE when a byte lies outside (then nothing is written), EREADONLY, ECLOSED

--- Reads numbers and strings from that form. LuaJIT: integers beyond 2^53 are `int64_t`. Without a sign, 2^63 and more
-- come as negative numbers, as `string.unpack` has it.
-- @function Buffer:unpack
-- @usage local number, half, text, behind = buf:unpack("<i4 d s2", 0)
-- @tparam string format
-- @tparam integer offset of the first byte, from 0
-- @return the values
-- @treturn integer the offset behind the last byte read
-- @raise ERANGE when a byte lies outside, ECLOSED

local address, hold, drop = buffer.methods.pointer, buffer.methods.hold, buffer.methods.drop
buffer.methods.hold, buffer.methods.drop = nil, nil

local has_ffi, ffi = pcall(require, "ffi")
if has_ffi then
  function buffer.methods:pointer(ctype)
    ctype = ctype or buffer.methods.readonly(self) and "const uint8_t *" or "uint8_t *"
    local pointer = ffi.cast(ctype, address(self))
    hold(self)
    return ffi.gc(pointer, function() drop(self) end)
  end
end

function buffer:__tostring()
  return buffer.methods.closed(self) and "Buffer{closed}" or ("Buffer{size=%d}"):format(#self)
end

return SharedMemory
