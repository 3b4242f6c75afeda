# A client of the limiter in Ruby: makes requests, and logs those that were allowed.
#
#     ruby client.rb LIST

require "polyshm"

# The items: when to end; how long a window is; how many requests were allowed and refused; and then the places. Times
# are milliseconds.
UNTIL, WINDOW, ALLOWED, REFUSED, PLACES = *0..4

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)

# Gives when the request was allowed, or nil.
def request(list)
  loop do
    time = now
    taken, place = list[PLACES..].each_with_index.min
    return if time - taken < list[WINDOW]
    return time if list.compare_exchange(PLACES + place, taken, time) # else somebody was faster: look again
  end
end

$stdout.sync = true # a line is there when it is printed, also if we are killed
Polyshm::ShareableList.attach(ARGV.fetch(0)) do |list|
  while now < list[UNTIL]
    time = request(list)
    list.add(time ? ALLOWED : REFUSED)
    puts "#{time} Ruby" if time
    sleep 0.02 * rand
  end
end
