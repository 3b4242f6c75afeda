-- The demo's worker in Lua: counts its share of a text in shared memory, and writes what it finds into its row of a
-- shared list. load.py tells what a word is, columns.py what the columns are.
--
--     lua5.4 count.lua TEXT RESULTS ROW

local polyshm = require "polyshm"

local LANGUAGE, START, STOP, BYTES, LINES, WORDS, LONGEST, SECONDS, COLUMNS = 1, 2, 3, 5, 6, 7, 8, 9, 9
local PIECE, KEPT = 1 << 20, 64

local tally = { bytes = 0, lines = 0, words = 0, longest = "", unfinished = "" }

function tally:add(piece)
  local text, last = self.unfinished .. piece, ""
  self.bytes = self.bytes + #piece
  self.lines = self.lines + select(2, piece:gsub("\n", ""))
  self.words = self.words - (self.unfinished ~= "" and 1 or 0) -- that one counted already
  for word in text:gmatch("%g%S*") do
    self.words = self.words + 1
    self.longest = #word > #self.longest and word or self.longest
    last = word
  end
  self.unfinished = text:sub(-#last) == last and last:sub(1, PIECE) or ""
end

local text = assert(polyshm.SharedMemory.attach { name = arg[1], readonly = true })
local results = assert(polyshm.ShareableList.attach(arg[2]))
local row = tonumber(arg[3]) * COLUMNS
local first, behind = results[row + START], results[row + STOP]
local start = os.clock() -- of the processor: plain Lua has no finer clock of the wall
local bytes = text:buf()
for at = first, behind - 1, PIECE do
  tally:add(bytes:read(at, math.min(PIECE, behind - at)))
  results[row + BYTES] = tally.bytes
end
results[row + LINES] = tally.lines
results[row + WORDS] = tally.words
results[row + LONGEST] = polyshm.bytes(tally.longest:sub(1, KEPT))
results[row + SECONDS] = os.clock() - start
results[row + LANGUAGE] = _VERSION
