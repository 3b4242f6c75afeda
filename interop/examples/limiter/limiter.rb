# A rate limiter that any number of processes share: at most LIMIT requests in any WINDOW, whoever makes them.
#
#     run.sh limiter [SECONDS [LOG]]
#
# The shared list has a place for each request that may be made in a window. In the place stands when it was last taken,
# in milliseconds of the system's clock; when a window has passed since, it can be taken again. Who finds the oldest
# place free takes it by compare_exchange, by which one of all who try at once succeeds. A client
# that is killed at whatever instant has taken a place or not: there is nothing to repair.
#
# This program starts clients in Ruby and Lua, kills one of them halfway, and counts what they logged.

require "polyshm"
require "tempfile"

LIMIT = 20
WINDOW = 250 # milliseconds
UNTIL, ALLOWED = 0, 2
CLIENTS = [["ruby", "client.rb"], ["luajit", "client.lua"]].cycle.first(6)

# The clients get no Ctrl-C: it is for this program, which then tells them to end.
def start(list, log)
  CLIENTS.map do |interpreter, client|
    spawn(interpreter, "#{__dir__}/#{client}", list.shm.name, out: [log, "a"], pgroup: true)
  end
end

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)

# The most requests of any window: of the windows that begin with a request.
def busiest(times)
  times.map { |first| times.count { |time| (first...first + WINDOW).cover?(time) } }.max
end

def report(log, allowed, refused)
  requests = File.readlines(log).map(&:split)
  most = busiest(requests.map { |time, _| Integer(time) }) || 0
  requests.map(&:last).tally.sort.each { |language, count| puts "#{language}: #{count} requests" }
  puts "together: #{allowed} allowed, #{refused} refused"
  puts "in the busiest #{WINDOW} milliseconds: #{most}; the limit is #{LIMIT}"
  abort "limiter: that is too much" if most > LIMIT
end

# client.rb tells what the items are.
def run(seconds, log)
  Polyshm::ShareableList.create([now + (1000 * seconds).to_i, WINDOW, 0, 0, *[0] * LIMIT]) do |list|
    clients = start(list, log)
    sleep seconds / 2
    puts "killing one of #{clients.size} clients"
    Process.kill(:KILL, clients.first)
    Process.waitall
    report(log, *list[ALLOWED, 2])
  ensure
    list[UNTIL] = 0
    Process.waitall
    list.unlink
  end
end

seconds, log = ARGV
begin
  seconds = Float(seconds || 3)
  log ? run(seconds, log) : Tempfile.create("limiter") { |file| run(seconds, file.path) }
rescue Interrupt
  exit 130
rescue ArgumentError, SystemCallError => e
  abort "limiter: #{e.message}"
end
