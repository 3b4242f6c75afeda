# frozen_string_literal: true

require_relative "polyshm_case"
require "io/wait"

# What becomes of a list's lock: whoever has it, however it goes.
class LockTest < PolyshmCase
  # How long it is held

  # Writes that wait for the lock. The first item becomes 2.
  WRITES = {
    set: ->(list) { list[0] = 2 },
    write: ->(list) { list[0, 2] = [2, "two"] },
    add: ->(list) { list.add(0) },
    compare_exchange: ->(list) { list.compare_exchange(0, 1, 2) }
  }.freeze

  # Gives a block a child in which one thread waits to write, and another keeps that from running Ruby code: crypt is
  # one call in C, and takes many seconds.
  def with_busy_writer(list, write)
    pipe, ready = IO.pipe
    pid = fork do
      with_peer(list) do |mine|
        wait_for_sleep(Thread.new { write.call(mine) })
        ready.syswrite("ready")
        "".crypt("$6$rounds=20000000$salt")
        ready.syswrite("over")
      end
      exit!
    end
    assert_equal "ready", pipe.readpartial(5)
    begun = processor_time(pid)
    wait_until("crypt") { processor_time(pid) > begun + 10 }
    yield pipe
  ensure
    Process.kill(:KILL, pid)
    Process.wait(pid)
    [pipe, ready].each(&:close)
  end

  def processor_time(pid)
    File.read("/proc/#{pid}/stat").split(") ").last.split[11].to_i
  end

  WRITES.each do |name, write|
    define_method("test_#{name}_that_waited_gives_the_lock_back_without_waiting_for_other_threads") do
      with_list([1, "one"]) do |list|
        list.lock
        with_busy_writer(list, write) do |pipe|
          list.unlock
          wait_until("the write") { list[0] == 2 || pipe.wait_readable(0) }
          assert_equal false, list.lock(timeout: DEADLINE)
          list.unlock
          assert_nil pipe.wait_readable(0.5), "the write waited for the other thread"
        end
      end
    end
  end

  # Threads that are killed, and processes

  def test_threads_that_are_killed_at_any_moment_leave_the_lock_free
    with_list([0, "text"], spare: 8) do |list|
      with_peer(list) do |other|
        acts = [-> { list.synchronize { list[0] += 1 } }, -> { list[1] = "other" }, -> { list[0, 2] = [1, "more"] },
                -> { list.add(0) }, -> { list.compare_exchange(0, 1, 2) }, -> { list.snapshot }]
        100.times do |round|
          thread = Thread.new { loop { acts[round % acts.size].call } }
          other.synchronize(timeout: DEADLINE) { sleep(rand / 500) }
          thread.kill.join
          other.synchronize(timeout: DEADLINE) { |owner_died| refute owner_died }
        end
      end
    end
  end

  def test_items_are_read_one_by_one_while_another_process_writes
    values = [1, "text", nil, 2.5, true, "bytes".b, "a longer text"]
    with_list([nil] * 7, spare: 16) do |list|
      pid = fork { with_peer(list) { |mine| loop { mine.length.times { |index| mine[index] = values.sample } } } }
      500.times do
        assert_empty list.to_a - values
        assert_empty list.map(&:itself) - values
        assert_empty list.each_slice(2).to_a.flatten - values
        assert_includes [true, false], list.include?("text")
      end
    ensure
      Process.kill(:KILL, pid)
      Process.wait(pid)
    end
  end
end
