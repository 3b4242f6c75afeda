# Uses everything on a list that somebody scribbles over, for so many seconds: hostile.rb NAME SECONDS
#
# Errors and wrong values are fine.

require "polyshm"

TIMEOUT = 0.002
VALUES = [nil, true, 7, -(2**63), 0.5, "text", "tëxt" * 20, "bytes".b, "\xff\0".b, "x" * 300].freeze

any_index = ->(list) { rand(list.length) }
any_value = -> { VALUES.sample }

CALLS = [
  ->(list) { list[any_index[list]] },
  ->(list) { list[0..] },
  ->(list) { list[any_index[list]] = any_value[] },
  ->(list) { list[0, 3] = VALUES.sample(3) },
  ->(list) { list.to_a },
  ->(list) { list.inspect },
  ->(list) { list.include?(any_value[]) },
  ->(list) { list.count(any_value[]) },
  ->(list) { list.index(any_value[]) },
  ->(list) { list.type(any_index[list]) },
  ->(list) { list.format },
  ->(list) { list.add(any_index[list]) },
  ->(list) { list.compare_exchange(any_index[list], any_value[], any_value[]) },
  ->(list) { list.snapshot },
  ->(list) { list.wait(list.version, timeout: TIMEOUT) },
  ->(list) { list.wait(list.item_version(0), timeout: TIMEOUT, item: 0) },
  ->(list) { list.unlock },
  ->(list) { list.synchronize(timeout: TIMEOUT) { list[any_index[list]] = any_value[] } }
].freeze

def attempt
  yield
rescue StandardError
  nil
end

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

name, seconds = ARGV
finish = now + seconds.to_f
kept = nil
calls = 0
while now < finish
  kept ||= attempt { Polyshm::ShareableList.attach(name) }
  fresh = attempt { Polyshm::ShareableList.attach(name, readonly: rand < 0.5) }
  [kept, fresh].compact.each do |list|
    list.timeout = TIMEOUT
    20.times { attempt { CALLS.sample[list] } }
    calls += 20
  end
  fresh&.close
end
puts "FIGURE calls in Ruby: #{calls}"
