# The agent in Ruby (agents.h): agent.rb write|read|wait NAME SEED

require "polyshm"

# As in checked.h.
PAIR_FIRST, COUNTERS, NUMBERS, TEXTS, BIG, PAIR_SECOND, ITEMS = 0, 1, 5, 9, 16, 17, 18
TEXT_MAX, BIG_MAX, SERIALS = 200, 20_000, 1 << 24
LETTERS = [*"a".."z"].join * (BIG_MAX / 26 + 2)
SECTION_MAX = 32

def checksum(text)
  text.each_byte.inject(0) { |total, byte| (total * 31 + byte) % 4_294_967_296 }
end

def checked_text(index, serial)
  text = "#{index}:#{serial}:"
  letters = serial * 7 % ((index == BIG ? BIG_MAX : TEXT_MAX) - 9 - text.size)
  text += LETTERS[(serial + text.size) % 26, letters]
  format("%s%08x%s", text, checksum(text), "\0" * (serial % 2))
end

def checked_int(index, serial)
  content = serial * 64 + index
  content * 65_536 + content * 31 % 65_521
end

def make(index)
  serial = rand(SERIALS)
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
  list.compare_exchange(index, list[index], checked_int(index, rand(SERIALS)))
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

def say(text)
  $stdout.syswrite(text)
end

def write(list)
  loop do
    case rand(8)
    when 0, 1
      counter = rand(COUNTERS...NUMBERS)
      say("#{counter - COUNTERS} #{list.add(counter)}\n")
    when 2 then exchange(list)
    when 4 then write_pair(list)
    else write_one(list)
    end
  end
end

def written?(index, value)
  return value.is_a?(Integer) if [PAIR_FIRST, PAIR_SECOND, *COUNTERS...NUMBERS].include?(index)

  case value
  when nil, true then true
  when Integer then value == checked_int(index, value / 65_536 / 64)
  when Float then value % 1 == 0.5 && value.to_i == checked_int(index, value.to_i / 65_536 / 64)
  when String then index >= TEXTS && value.b == checked_text(index, value.b.split(":")[1].to_i)
  end
end

def look(values)
  values.each_with_index do |value, index|
    next if written?(index, value)

    warn "item #{index} has a value that nobody wrote: #{value.inspect[0, 256]}"
    say("x")
  end
end

def read(list)
  half = 0
  loop do
    look(Array.new(ITEMS) { |index| list[index] })
    look(list.to_a)
    values, version = list.snapshot
    look(values)
    unless [values[PAIR_SECOND], half].include?(values[PAIR_FIRST])
      half = values[PAIR_FIRST]
      say(half == values[PAIR_SECOND] + 1 ? "h" : "x")
    end
    say(".")
    begin
      list.wait(version, timeout: 0.01)
    rescue Errno::ETIMEDOUT
      nil
    end
  end
end

def wait(list)
  list.lock(timeout: 0.1)
rescue Errno::ETIMEDOUT => error
  say("timed out") if error.message.include?("kept the lock")
end

job, name, seed = ARGV
srand(seed.to_i)
list = Polyshm::ShareableList.attach(name)
case job
when "write" then write(list)
when "read" then read(list)
when "wait" then wait(list)
else abort "no such job: #{job}"
end
