# frozen_string_literal: true

require_relative "polyshm_case"

# Handles that come and go leave nothing behind: no memory, no descriptor, no thread, no mapping. POLYSHM_CYCLES sets
# how often; 100000 takes some minutes.
class CycleTest < PolyshmCase
  SHORT = 2000
  CYCLES = Integer(ENV.fetch("POLYSHM_CYCLES", SHORT))
  # Bytes, whatever the number of cycles: what Ruby's own heap may take meanwhile, or AddressSanitizer keep back.
  ALLOWED = ENV.fetch("LD_PRELOAD", "").include?("asan") ? 32 << 20 : 4 << 20
  SEEN = 3 # handles that Ruby, which looks at its stack for what could be one, may take for used

  KINDS = {
    segments: <<~RUBY,
      SharedMemory.create(size: 5000) do |shm|
        SharedMemory.attach(shm.name) { |other| other.write(0, "text") }
        shm.unlink
      end
    RUBY
    lists: <<~RUBY,
      ShareableList.create([1, "text", nil, 2.5], spare: 16) do |list|
        ShareableList.attach(list.shm.name) { |other| other.synchronize { other[1] = "other" } }
        list.snapshot
        list.unlink
      end
    RUBY
    views: <<~RUBY,
      shm = SharedMemory.create(size: 5000)
      shm.unlink
      view = shm.buf
      slice = view.slice(8, 100).transfer
      Fiddle::MemoryView.new(shm).tap { |memory| shm.close }.release
      view.free
      slice.set_value(:U8, 0, 1)
    RUBY
    dropped_handles: <<~RUBY,
      list = ShareableList.create([1, "text"])
      Marshal.load(Marshal.dump(list.shm))
      list.shm.buf
      list.unlink
    RUBY
    failures: <<~RUBY,
      name = "#{PREFIX}none"
      begin SharedMemory.attach(name); rescue Errno::ENOENT; end
      begin ShareableList.attach(name, timeout: 1e-6); rescue Errno::ETIMEDOUT; end
      begin ShareableList.create([1, :symbol], name: name); rescue TypeError; end
      begin ShareableList.create(["a" * 5000, "\\xFF"], name: name); rescue EncodingError; end
    RUBY
    managers: <<~RUBY
      manager ||= SharedMemoryManager.start
      manager.shareable_list([1, 2]) do |list|
        SharedMemoryManager.connect(manager.address) { |other| raise unless other.names == [list.shm.name] }
        list.unlink
      end
    RUBY
  }.freeze

  # Prints how much memory, and how many descriptors, threads and mappings of blocks, the cycles added that came after
  # half as many first ones.
  PROGRAM = <<~RUBY
    require "fiddle"
    include Polyshm
    measure = lambda do
      4.times { GC.start }
      resident = File.read("/proc/self/statm").split[1].to_i * 4096
      maps = File.foreach("/proc/self/maps").count { |line| line.include?("/dev/shm") }
      [resident, Dir.children("/proc/self/fd").size, Dir.children("/proc/self/task").size, maps]
    end
    manager = nil
    cycle = proc { %s }
    cycles = ARGV[0].to_i
    (cycles / 2).times(&cycle)
    before = measure.call
    cycles.times(&cycle)
    puts measure.call.zip(before).map { |now, then_| now - then_ }.join(" ")
  RUBY

  def assert_leaves_nothing(kind, cycles, allowed)
    output = assert_survives(format(PROGRAM, KINDS[kind]), cycles.to_s, seconds: DEADLINE + cycles / 20)
    memory, *others = output.split.map(&:to_i)
    puts "#{cycles} #{kind}: #{memory} bytes; descriptors, threads, mappings: #{others.inspect}" if CYCLES > SHORT
    assert_operator memory, :<, ALLOWED
    others.each { |other| assert_operator other, :<=, allowed }
  end

  KINDS.each_key do |kind|
    define_method(:"test_#{kind}_leave_nothing") do
      assert_leaves_nothing(kind, kind == :managers ? CYCLES / 10 : CYCLES, kind == :dropped_handles ? SEEN : 0)
    end
  end
end
