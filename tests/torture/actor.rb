# The actor in Ruby (actors.h).

require "polyshm"

ATTACHED = {}
KEPT = []

def make(name, track)
  KEPT << Polyshm::SharedMemory.create(name, size: 8, track: track)
end

# The child outlives its parent.
def leave_child
  fork do
    $stdin.close
    IO.for_fd(1).close
    sleep
  end
end

def obey(command, first = nil, second = nil)
  case command
  when "create" then make(first, false)
  when "track" then make(first, true)
  when "attach" then ATTACHED[first] = Polyshm::SharedMemory.attach(first)
  when "detach" then (ATTACHED.delete(first) or return "no").close
  when "start" then KEPT << Polyshm::SharedMemoryManager.start(address: first)
  when "manage" then KEPT << Polyshm::SharedMemoryManager.connect(first).shared_memory(8, name: second)
  when "fork" then return "ok #{leave_child}"
  end
  "ok"
rescue SystemCallError => error
  "no #{error.inspect[0, 200]}"
end

while (line = $stdin.gets) && line != "quit\n"
  $stdout.syswrite(obey(*line.split) + "\n")
end
