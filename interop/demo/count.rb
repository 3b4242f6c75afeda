# The demo's worker in Ruby: counts its share of a text in shared memory, and writes what it finds into its row of a
# shared list. load.py tells what a word is, columns.py what the columns are.
#
#     ruby count.rb TEXT RESULTS ROW

require "polyshm"

LANGUAGE, START, STOP, _BLANKS, BYTES, LINES, WORDS, LONGEST, SECONDS = *0..8
COLUMNS = 9
KEPT = 64
PIECE = 1 << 20
WORD = /[!-~]\S*/n

# What was found so far in a text that comes in pieces.
class Tally
  attr_reader :bytes, :lines, :words, :longest

  def initialize
    @bytes = @lines = @words = 0
    @longest = @unfinished = "".b
  end

  def add(piece)
    text = @unfinished + piece
    words = text.scan(WORD)
    @bytes += piece.bytesize
    @lines += piece.count("\n")
    @words += words.size - (@unfinished.empty? ? 0 : 1) # that one counted already
    @longest = [@longest, *words].max_by(&:bytesize)
    @unfinished = words.any? && text.end_with?(words.last) ? words.last.byteslice(0, PIECE) : "".b
  end
end

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

def count(text, results, row)
  first = row * COLUMNS
  start = now
  tally = Tally.new
  results[first + START].step(results[first + STOP] - 1, PIECE) do |at|
    tally.add(text.get_string(at, [PIECE, results[first + STOP] - at].min))
    results[first + BYTES] = tally.bytes
  end
  results[first + LINES] = tally.lines
  results[first + WORDS] = tally.words
  results[first + LONGEST] = tally.longest.byteslice(0, KEPT)
  results[first + SECONDS] = now - start
  results[first + LANGUAGE] = "Ruby #{RUBY_VERSION}"
end

text_name, results_name, row = ARGV
Polyshm::SharedMemory.attach(text_name, readonly: true) do |text|
  Polyshm::ShareableList.attach(results_name) do |results|
    count(text.buf, results, Integer(row))
  end
end
