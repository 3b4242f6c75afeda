# A block's life, by itself and through a manager. There is no peer in Ruby: those in C and Python are.
require_relative "cases"

LIFE = "shm = Polyshm::SharedMemory.create(size: 4096%s); shm.close; shm.unlink".freeze
Cases.measure("create + close + unlink", { "polyshm" => format(LIFE, ", track: false") })
Cases.measure("create + close + unlink, sparse", { "polyshm" => format(LIFE, ", track: false, sparse: true") })
Cases.measure("create + close + unlink, tracked", { "polyshm" => format(LIFE, "") })

Polyshm::SharedMemory.create(size: 4096) do |shm|
  NAME = shm.name
  Cases.measure("attach + close, 4 KiB", { "polyshm" => "Polyshm::SharedMemory.attach(NAME).close" })
  shm.unlink
end

Polyshm::SharedMemoryManager.start do |manager|
  MANAGER = manager
  Cases.measure("create + close + unlink, managed",
                { "polyshm" => "shm = MANAGER.shared_memory(4096); shm.close; shm.unlink" })
  Cases.measure("start + end of a manager", { "polyshm" => "Polyshm::SharedMemoryManager.start { }" })
end
