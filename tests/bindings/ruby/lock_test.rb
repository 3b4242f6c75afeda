# frozen_string_literal: true

require_relative "polyshm_case"
require "io/wait"

# What becomes of a list's lock: whoever has it, however it goes.
class LockTest < PolyshmCase
  def assert_free(list)
    with_peer(list) { |other| assert_equal false, other.synchronize(timeout: 0, &:itself) }
  end

  # Leaving the block

  def test_break_next_and_return_give_the_lock_back
    with_list([1]) do |list|
      assert_equal(1, list.synchronize { break 1 })
      assert_free(list)
      assert_equal(2, list.synchronize { next 2 })
      assert_free(list)
      assert_equal(3, -> { list.synchronize { return 3 } }.call)
      assert_free(list)
    end
  end

  def test_what_leaves_the_block_counts_also_when_the_lock_is_gone
    with_list([1]) do |list|
      give = -> { list.unlock }
      assert_raises(ZeroDivisionError) { list.synchronize { give.call || 1 / 0 } }
      assert_equal(5, list.synchronize { break 5 unless give.call })
      assert_equal(6, catch(:out) { list.synchronize { give.call || throw(:out, 6) } })
      assert_nil(Thread.new { list.synchronize { give.call || Thread.exit } }.value)
      assert_raises(ThreadError) { list.synchronize { give.call } }
      assert_free(list)
    end
  end

  def test_closing_inside_is_no_error
    with_list([1]) do |list|
      with_peer(list) { |other| assert_equal(5, other.synchronize { other.close || 5 }) }
      with_peer(list) { |other| assert_raises(ZeroDivisionError) { other.synchronize { other.close || 1 / 0 } } }
    end
  end

  def test_an_inner_block_that_fails_leaves_the_lock_to_the_outer_one
    with_list([1]) do |list|
      list.synchronize do
        assert_raises(ZeroDivisionError) { list.synchronize { 1 / 0 } }
        with_peer(list) { |other| assert_raises(Errno::ETIMEDOUT) { other.lock(timeout: 0) } }
      end
      assert_free(list)
    end
  end

  def test_a_forked_child_may_leave_its_parent_s_block
    with_list([1]) do |list|
      output = assert_survives(<<~RUBY, list.shm.name)
        Polyshm::ShareableList.attach(ARGV[0]) do |list|
          list.synchronize do
            pid = fork
            exit(7) unless pid
            puts Process.wait2(pid).last.exitstatus
          end
        end
      RUBY
      assert_equal "7\n", output
      assert_free(list)
    end
  end

  # Whose it is

  def test_the_fibers_of_a_thread_share_the_lock
    with_list([1]) do |list|
      fiber = Fiber.new { list.synchronize { Fiber.yield } }
      fiber.resume
      list.synchronize(timeout: 0) { list[0] = 2 }
      with_peer(list) { |other| assert_raises(Errno::ETIMEDOUT) { other.lock(timeout: 0) } }
      fiber.resume
      assert_free(list)
    end
  end

  def test_ractors_have_a_handle_each
    with_list([0]) do |list|
      list.synchronize do
        found = Ractor.new(list.shm.name) do |name|
          Polyshm::ShareableList.attach(name) { |mine| mine.lock(timeout: 0.01) }
        rescue Errno::ETIMEDOUT => error
          error.class
        end
        assert_equal Errno::ETIMEDOUT, found.take
      end
      ractors = Array.new(2) do
        Ractor.new(list.shm.name) do |name|
          Polyshm::ShareableList.attach(name) { |mine| 500.times { mine.synchronize(timeout: 60) { mine[0] += 1 } } }
        end
      end
      ractors.each(&:take)
      assert_equal 1000, list[0]
    end
  end

  def test_a_list_that_is_collected_loses_the_lock
    assert_survives(<<~RUBY, fresh_name)
      Polyshm::ShareableList.create([1], name: ARGV[0]) do |list|
        Thread.new { Polyshm::ShareableList.attach(ARGV[0]).lock }.join
        GC.start
        list.lock(timeout: 60) || raise("nobody died")
        list.unlink
      end
    RUBY
  end

  def test_an_empty_list_has_a_lock_and_a_version
    with_list([]) do |list|
      assert_equal [false, [[], 0]], list.synchronize { |owner_died| [owner_died, list.snapshot] }
      assert_raises(Errno::ETIMEDOUT) { list.wait(list.version, timeout: 0) }
      [-1, 0].each { |index| assert_raises(IndexError) { list.add(index) } }
    end
  end

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
    assert_equal "ready", Timeout.timeout(DEADLINE) { pipe.readpartial(5) }
    begun = processor_time(pid)
    wait_until("crypt") { processor_time(pid) > begun + 10 }
    yield pipe
  ensure
    kill_child(pid)
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
      kill_child(pid)
    end
  end
end
