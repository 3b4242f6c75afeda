# Bytes of a block through its IO::Buffer. The floor is the same between two private ones.
require_relative "cases"

sizes = { "4 KiB" => 4 << 10, "1 MiB" => 1 << 20 }
sizes.update("64 MiB" => 64 << 20, "1 GiB" => 1 << 30) unless Cases::QUICK
sizes.each do |words, size|
  Polyshm::SharedMemory.create(size: size) do |shm|
    SHARED = shm.buf
    PRIVATE, HERE = Array.new(2) { IO::Buffer.new(size) }
    Cases.measure("copy bytes out, #{words}",
                  { "polyshm" => "HERE.copy(SHARED)", "IO::Buffer" => "HERE.copy(PRIVATE)" })
    Cases.measure("copy bytes in, #{words}",
                  { "polyshm" => "SHARED.copy(HERE)", "IO::Buffer" => "PRIVATE.copy(HERE)" })
    [PRIVATE, HERE].each(&:free)
    shm.unlink
  end
  %i[SHARED PRIVATE HERE].each { |name| Object.send(:remove_const, name) }
end
