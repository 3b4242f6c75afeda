# A writer of a checked list (checked.h), for whoever kills it: agent.rb write NAME SEED
#
# Puts a '+' on its output for each add that came back.

require "polyshm"

# As in checked.h.
PAIR_FIRST, COUNTERS, NUMBERS, TEXTS, PAIR_SECOND, TEXT_MAX = 0, 1, 5, 9, 17, 200
LETTERS = [*"a".."z"].join * 10
SECTION_MAX = 32

def checksum(text)
  text.each_byte.inject(0) { |total, byte| (total * 31 + byte) % 4_294_967_291 }
end

def checked_text(index, serial)
  text = "#{index}:#{serial}:"
  letters = serial * 7 % (TEXT_MAX - 8 - text.size)
  text += LETTERS[(serial + text.size) % 26, letters]
  format("%s%08x", text, checksum(text))
end

def checked_int(index, serial)
  content = serial * 64 + index
  content * 65_536 + content * 31 % 65_521
end

def make(index)
  serial = rand(1 << 24)
  case rand(index < TEXTS ? 4 : 8)
  when 0, 3 then checked_int(index, serial)
  when 1 then checked_int(index, serial) + 0.5
  when 2 then [true, nil].sample
  when 4 then checked_text(index, serial).b
  else checked_text(index, serial)
  end
end

def write_one(list)
  index = rand(NUMBERS...PAIR_SECOND)
  list[index] = make(index)
end

def exchange(list)
  index = rand(NUMBERS...TEXTS)
  list.compare_exchange(index, list[index], checked_int(index, rand(1 << 24)))
end

def write_pair(list)
  list.synchronize do
    first = list[PAIR_FIRST]
    list[PAIR_SECOND] = first if list[PAIR_SECOND] != first # a writer died in between
    list[PAIR_FIRST] = first + 1
    rand(SECTION_MAX).times { write_one(list) }
    list[PAIR_SECOND] = first + 1
  end
end

job, name, seed = ARGV
abort "this agent only writes" unless job == "write"
srand(seed.to_i)
list = Polyshm::ShareableList.attach(name)
loop do
  case rand(8)
  when 0, 1
    list.add(rand(COUNTERS...NUMBERS))
    $stdout.syswrite("+")
  when 2 then exchange(list)
  when 4 then write_pair(list)
  else write_one(list)
  end
end
