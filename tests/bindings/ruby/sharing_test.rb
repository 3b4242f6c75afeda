# frozen_string_literal: true

require_relative "polyshm_case"

# Many processes and threads on one list: the lock, steps, snapshots and waiting for a change.
class SharingTest < PolyshmCase
  ITEMS = [1, "text", nil, 2.5, true, "bytes".b, 0].freeze

  # The methods that need a sync area, called as they should be.
  CALLS = {
    lock: ->(list) { list.lock },
    unlock: ->(list) { list.unlock },
    synchronize: ->(list) { list.synchronize { flunk } },
    add: ->(list) { list.add(0) },
    compare_exchange: ->(list) { list.compare_exchange(0, 1, 2) },
    snapshot: ->(list) { list.snapshot },
    version: ->(list) { list.version },
    item_version: ->(list) { list.item_version(0) },
    wait: ->(list) { list.wait(0, timeout: 0) },
    wait_for_an_item: ->(list) { list.wait(0, timeout: 0, item: 0) }
  }.freeze

  # Whatever waits for a lock that others have. The list's second item is being changed.
  WAITS = {
    lock: "list.lock(timeout: nil)",
    lock_with_a_timeout: "list.lock(timeout: 600)",
    synchronize: "list.synchronize(timeout: nil) { exit!(1) }",
    set: "list[0] = 5",
    set_a_text: "list[1] = 'other'",
    write: "list[0, 2] = [5, 'six']",
    add: "list.add(0)",
    compare_exchange: "list.compare_exchange(0, 1, 2)",
    snapshot: "list.snapshot",
    wait: "list.wait(list.version)",
    wait_for_an_item: "list.wait(list.item_version(0), timeout: 600, item: 0)"
  }.freeze

  def with_items(&block)
    with_list(ITEMS, spare: 16, &block)
  end

  # Steps

  def test_add_gives_the_sum
    with_items do |list|
      assert_equal 2, list.add(0)
      assert_equal 42, list.add(0, 40)
      assert_equal(-58, list.add(0, -100))
      assert_equal 2**63 - 1, list.add(-1, 2**63 - 1)
      assert_equal [-58, 2**63 - 1], [list[0], list[6]]
    end
  end

  def test_only_an_integer_can_be_added_to
    with_items do |list|
      (1..5).each do |index|
        error = assert_raises(TypeError) { list.add(index) }
        assert_includes error.message, "item #{index}"
      end
      assert_equal ITEMS, list.to_a
    end
  end

  def test_a_sum_or_a_delta_beyond_64_bits_is_a_range_error
    with_list([2**63 - 1, -2**63]) do |list|
      assert_raises(RangeError) { list.add(0) }
      assert_raises(RangeError) { list.add(1, -1) }
      [2**63, -2**63 - 1, 2**200].each { |delta| assert_raises(RangeError) { list.add(0, delta) } }
      assert_equal [2**63 - 1, -2**63], list.to_a
    end
  end

  def test_a_delta_is_an_integer
    with_items do |list|
      [1.0, "1", nil].each { |delta| assert_raises(TypeError) { list.add(0, delta) } }
      assert_raises(ArgumentError) { list.add }
      assert_raises(ArgumentError) { list.add(0, 1, 2) }
      assert_equal 1, list[0]
    end
  end

  def test_compare_exchange_writes_where_it_finds_what_it_expects
    with_items do |list|
      [nil, true, false, 0, -1, 2**63 - 1, 0.0, -0.0, 1.5, Float::INFINITY, Float::NAN].each do |value|
        list[0] = value
        assert_equal true, list.compare_exchange(0, value, 7)
        assert_equal 7, list[0]
        assert_equal true, list.compare_exchange(-7, 7, value)
        assert_equal [value.to_f].pack("E"), [list[0].to_f].pack("E") if value.is_a?(Float)
      end
    end
  end

  def test_compare_exchange_goes_by_type_and_bits
    with_items do |list|
      [[1, 1.0], [1, true], [0, nil], [0.0, -0.0], [nil, false], [1, 2]].each do |found, expected|
        list[0] = found
        assert_equal false, list.compare_exchange(0, expected, 7)
        assert_equal [found].inspect, list[0, 1].inspect
      end
      assert_equal false, list.compare_exchange(1, 1, 7)
    end
  end

  def test_compare_exchange_takes_scalars_only
    with_items do |list|
      [["text", 1], [1, "text"], ["b".b, 1], [1, ""], [[], 1], [1, {}]].each do |expected, desired|
        assert_raises(TypeError) { list.compare_exchange(0, expected, desired) }
      end
      assert_raises(RangeError) { list.compare_exchange(0, 2**63, 1) }
      assert_raises(RangeError) { list.compare_exchange(0, 1, -2**63 - 1) }
      assert_equal ITEMS, list.to_a
    end
  end

  # Each method, where it must fail

  # A list of the bytes that a stock CPython makes: ours, without what is behind the stock part.
  def with_stock_list
    with_list([1, 2]) do |ours|
      name = fresh_name
      SharedMemory.create(name, size: 66) do |shm|
        shm.write(0, ours.shm.read(0, 66))
        ShareableList.attach(name) { |list| yield list }
      ensure
        shm.unlink
      end
    end
  end

  def test_a_list_of_a_stock_cpython_has_no_lock_and_no_versions
    with_stock_list do |list|
      assert_equal false, list.synchronized?
      CALLS.each do |name, call|
        error = assert_raises(Polyshm::Error, name) { call.call(list) }
        assert_includes error.message, "stock CPython"
      end
      list[0] = 3
      list[1, 1] = [4]
      assert_equal [3, 4], list.to_a
    end
  end

  def test_a_closed_list_is_an_io_error
    with_items do |list|
      list.close
      CALLS.each { |name, call| assert_raises(IOError, name) { call.call(list) } }
    end
  end

  def test_an_index_outside_is_an_index_error
    with_items do |list|
      [7, -8, 2**62].each do |index|
        assert_raises(IndexError) { list.add(index) }
        assert_raises(IndexError) { list.compare_exchange(index, 1, 2) }
        assert_raises(IndexError) { list.item_version(index) }
        assert_raises(IndexError) { list.wait(0, item: index) }
      end
      assert_raises(TypeError) { list.item_version("0") }
    end
  end

  def test_a_read_only_list_takes_no_writes
    with_items do |list|
      with_peer(list, readonly: true) do |reader|
        %i[lock synchronize add compare_exchange].each { |name| assert_raises(IOError) { CALLS[name].call(reader) } }
      end
    end
  end

  def test_a_read_only_list_has_snapshots_versions_and_changes
    with_items do |list|
      with_peer(list, readonly: true) do |reader|
        assert_equal true, reader.synchronized?
        values, version = reader.snapshot
        assert_equal [ITEMS, list.version], [values, version]
        list[0] = 5
        assert_equal list.version, reader.wait(version, timeout: DEADLINE)
        assert_equal list.item_version(0), reader.item_version(0)
      end
    end
  end

  def test_a_time_that_is_none_is_an_argument_error
    with_items do |list|
      [-1, -0.001, Float::NAN, -Float::INFINITY].each do |timeout|
        assert_raises(ArgumentError) { list.lock(timeout: timeout) }
        assert_raises(ArgumentError) { list.synchronize(timeout: timeout) { flunk } }
        assert_raises(ArgumentError) { list.wait(list.version, timeout: timeout) }
        assert_raises(ArgumentError) { list.wait(list.item_version(0), timeout: timeout, item: 0) }
        assert_raises(ArgumentError) { list.timeout = timeout }
      end
      assert_raises(TypeError) { list.lock(timeout: "1") }
      assert_raises(TypeError) { list.timeout = "1" }
      assert_equal 10, list.timeout
    end
  end

  def test_the_timeout_is_what_it_was_set_to
    with_items do |list|
      [0, 1, 0.5, nil].each do |seconds|
        list.timeout = seconds
        seconds.nil? ? assert_nil(list.timeout) : assert_equal(seconds, list.timeout)
      end
    end
  end

  # The lock

  def test_the_lock_is_given_back_by_the_block_s_end_and_by_unlock
    with_items do |list|
      with_peer(list) do |other|
        result = list.synchronize do |owner_died|
          assert_equal false, owner_died
          assert_raises(Errno::ETIMEDOUT) { other.lock(timeout: 0) }
          :result
        end
        assert_equal :result, result
        assert_equal false, other.lock(timeout: 0)
        error = assert_raises(Errno::ETIMEDOUT) { list.lock(timeout: 0.01) }
        assert_includes error.message, list.shm.name
        assert_nil other.unlock
        assert_equal false, list.lock(timeout: nil)
        list.unlock
      end
    end
  end

  def test_whatever_leaves_the_block_gives_the_lock_back
    with_items do |list|
      with_peer(list) do |other|
        assert_raises(ZeroDivisionError) { list.synchronize { 1 / 0 } }
        other.synchronize(timeout: 0) {}
        catch(:out) { list.synchronize { throw :out } }
        other.synchronize(timeout: 0) {}
        Thread.new { list.synchronize { Thread.exit } }.join
        other.synchronize(timeout: 0) {}
      end
    end
  end

  def test_the_thread_that_has_the_lock_may_take_it_again
    with_items do |list|
      with_peer(list) do |other|
        list.synchronize do
          list.synchronize(timeout: 0) do
            list[0] = 5
            assert_equal 6, list.add(0)
          end
          assert_raises(Errno::ETIMEDOUT) { other.lock(timeout: 0) }
        end
        other.synchronize(timeout: 0) {}
      end
    end
  end

  def test_unlocking_what_is_not_locked_is_a_thread_error
    with_items do |list|
      2.times do
        assert_raises(ThreadError) { list.unlock }
        list.synchronize {}
      end
      assert_raises(ThreadError) { list.synchronize { list.unlock } }
    end
  end

  def test_the_lock_belongs_to_a_thread
    with_items do |list|
      list.synchronize do
        Thread.new { assert_raises(ThreadError) { list.unlock } }.join
        Thread.new { assert_raises(Errno::ETIMEDOUT) { list.lock(timeout: 0) } }.join
      end
    end
  end

  def test_synchronize_wants_a_block
    with_items { |list| assert_raises(LocalJumpError) { list.synchronize } }
  end

  def test_closing_inside_lets_the_lock_go
    with_items do |list|
      with_peer(list) { |other| other.synchronize { other.close } }
      assert_equal false, list.lock(timeout: DEADLINE)
      list.unlock
    end
  end

  def test_what_is_written_under_the_lock_is_one_step
    with_items do |list|
      before = list.version
      list.synchronize do
        list[0] = 2
        list[1] = "other"
        list[2, 2] = [1, 2]
      end
      assert_equal before + 1, list.version
    end
  end

  def test_readers_are_not_held_up
    with_items do |list|
      with_holder(list, ->(mine) { mine[0, 2] = [5, "other"] }) do
        assert_equal [5, "other"], list[0, 2]
        assert_equal [5, "other", *ITEMS[2..]], list.to_a
        assert_equal :int64, list.type(0)
      end
    end
  end

  def test_a_snapshot_is_had_while_another_process_has_the_lock
    with_items do |list|
      with_holder(list) { assert_equal [ITEMS, list.version], list.snapshot }
    end
  end

  WAITS.except(:wait, :wait_for_an_item, :lock, :lock_with_a_timeout, :synchronize).each do |name, code|
    define_method("test_#{name}_waits_for_the_lock_of_another_process_and_lets_other_threads_run") do
      action = eval("->(list) { #{code} }") # rubocop:disable Security/Eval
      with_items do |list|
        with_holder(list, ->(mine) { mine[6] = 7 }) do |release|
          list.timeout = 0.05
          error = assert_raises(Errno::ETIMEDOUT) { action.call(list) }
          assert_includes error.message, list.shm.name
          assert_equal ITEMS[0, 6], list[0, 6]
          list.timeout = DEADLINE
          while_waiting(-> { action.call(list) }) do
            assert_equal ITEMS[0, 6], list[0, 6]
            release.close
          end
        end
        refute_equal ITEMS, list.to_a
      end
    end
  end

  def test_other_threads_run_while_one_waits_for_the_lock
    with_items do |list|
      [nil, DEADLINE].each do |timeout|
        with_holder(list) do |release|
          assert_equal false, while_waiting(-> { list.synchronize(timeout: timeout, &:itself) }) { release.close }
        end
      end
    end
  end

  def test_the_bytes_of_a_string_are_those_of_the_call_however_long_it_waits
    with_items do |list|
      text = +"before"
      array = [+"before"]
      with_holder(list) do |release|
        while_waiting(-> { list[1] = text }) do
          text.replace("changed, and far too long for the slot")
          release.close
        end
      end
      assert_equal "before", list[1]
      with_holder(list) do |release|
        while_waiting(-> { list[1, 1] = array }) do
          array[0].replace("changed")
          release.close
        end
      end
      assert_equal "before", list[1]
    end
  end

  def test_a_stopped_holder_keeps_the_lock
    with_items do |list|
      with_holder(list) do |_, pid|
        Process.kill(:STOP, pid)
        Process.wait(pid, Process::WUNTRACED)
        assert_raises(Errno::ETIMEDOUT) { list.lock(timeout: 0.1) }
        Process.kill(:CONT, pid)
      end
      assert_equal false, list.lock(timeout: DEADLINE)
      list.unlock
    end
  end

  def test_a_holder_that_was_killed_loses_the_lock
    with_items do |list|
      with_holder(list, ->(mine) { mine[0] = 5 }) do |_, pid|
        Process.kill(:KILL, pid)
        assert_equal [true, 5], list.synchronize(timeout: DEADLINE) { |owner_died| [owner_died, list[0]] }
        assert_equal false, list.synchronize(timeout: 0, &:itself)
      end
    end
  end

  def test_a_write_takes_the_lock_from_a_holder_that_was_killed
    with_list([1]) do |list|
      [-> { list.add(0) }, -> { list[0] = 2 }, -> { list[0, 1] = [2] }].each do |write|
        with_holder(list) do |_, pid|
          Process.kill(:KILL, pid)
          write.call
          assert_equal 2, list[0]
        end
      end
    end
  end

  # Contention

  STEPS = {
    add: ->(list) { list.add(0) },
    lock: ->(list) { list.synchronize(timeout: DEADLINE) { list[0] += 1 } },
    exchange: ->(list) { nil until list.compare_exchange(0, found = list[0], found + 1) }
  }.freeze

  STEPS.each do |name, step|
    [1, 4].each do |count|
      define_method("test_what_4_processes_of_#{count}_threads_#{name}_is_all_there") do
        with_list([0]) do |list|
          children = Array.new(4) do
            fork do
              with_peer(list) do |mine|
                mine.timeout = DEADLINE
                Array.new(count) { Thread.new { (1000 / count).times { step.call(mine) } } }.each(&:join)
              end
              exit!(0)
            end
          end
          children.each { |pid| assert_predicate wait_for_exit(pid), :success? }
          assert_equal 4000, list[0]
        end
      end
    end

    define_method("test_what_threads_#{name}_through_one_handle_is_all_there") do
      with_list([0]) do |list|
        Array.new(4) { Thread.new { 1000.times { step.call(list) } } }.each(&:join)
        assert_equal 4000, list[0]
      end
    end
  end

  def test_a_snapshot_has_all_of_a_step_or_nothing
    with_list([0] * 8) do |list|
      pid = fork { with_peer(list) { |mine| write_steps(mine) } }
      [false, true].each do |readonly|
        with_peer(list, readonly: readonly) do |reader|
          version = 0
          300.times do
            values, newer = reader.snapshot
            assert_equal 1, values.uniq.size
            assert_operator newer, :>=, version
            version = newer
          end
        end
      end
    ensure
      kill_child(pid)
    end
  end

  def write_steps(list)
    1.step do |n|
      list.synchronize { list.length.times { |index| list[index] = n } }
      list[0..] = [-n] * list.length
    end
  end

  # Waiting for a change

  def test_each_write_moves_the_versions
    with_items do |list|
      writes = [-> { list[0] = 2 }, -> { list[0] = nil }, -> { list[0, 2] = [3, "b"] }, -> { list.add(0) },
                -> { list.compare_exchange(0, 4, 5) }]
      writes.each do |write|
        version, of_item, of_other = list.version, list.item_version(0), list.item_version(-1)
        write.call
        assert_operator list.version, :>, version
        assert_operator list.item_version(0), :>, of_item
        assert_equal of_other, list.item_version(-1)
      end
    end
  end

  def test_wait_gives_the_new_version
    with_items do |list|
      version, of_item = list.version, list.item_version(0)
      list[0] = 2
      assert_equal list.version, list.wait(version)
      assert_equal list.version, list.wait(version, timeout: 0)
      assert_equal list.item_version(0), list.wait(of_item, item: 0)
      assert_equal list.item_version(0), list.wait(of_item, timeout: 0, item: -7)
    end
  end

  def test_nothing_that_changes_is_etimedout
    with_items do |list|
      assert_raises(Errno::ETIMEDOUT) { list.wait(list.version, timeout: 0) }
      started = now
      assert_raises(Errno::ETIMEDOUT) { list.wait(list.version, timeout: 0.15) }
      assert_operator now - started, :>=, 0.15
      list[0] = 2
      assert_raises(Errno::ETIMEDOUT) { list.wait(list.item_version(1), timeout: 0.01, item: 1) }
    end
  end

  def test_a_version_is_a_whole_number
    with_items do |list|
      assert_raises(RangeError) { list.wait(-1) }
      assert_raises(RangeError) { list.wait(2**64) }
      assert_raises(TypeError) { list.wait("1") }
    end
  end

  def test_other_threads_run_while_one_waits_for_a_change
    with_items do |list|
      [nil, DEADLINE].product([nil, 1, -6]) do |timeout, item|
        seen = item ? list.item_version(item) : list.version
        found = while_waiting(-> { list.wait(seen, timeout: timeout, item: item) }) { list[1] = "new" }
        assert_equal seen + 1, found
      end
    end
  end

  def test_a_change_in_another_process_wakes
    with_items do |list|
      seen = list.version
      found = while_waiting(-> { list.wait(seen, timeout: DEADLINE) }) do
        in_child { list[0] = 5 }
      end
      assert_equal [seen + 1, 5], [found, list[0]]
    end
  end

  # Signals, and what else ends a wait

  CHILD = <<~RUBY
    list = Polyshm::ShareableList.attach(ARGV[0])
    list.timeout = nil
    begin
      if ARGV[1] == "asleep"
        main = Thread.current
        Thread.new do
          Thread.pass until main.status == "sleep"
          puts "ready"
          $stdout.flush
        end
      else
        puts "ready"
        $stdout.flush
      end
      %s
    rescue Interrupt
      puts "interrupted"
    end
  RUBY

  WAITS.each do |name, code|
    ["asleep", "on the way"].each do |state|
      define_method("test_ctrl_c_ends_#{name}_#{state.tr(' ', '_')}") do
        with_items do |list|
          list.synchronize do
            list[1] = "step"
            arguments = ["-W:no-experimental", "-r", "polyshm", "-e", format(CHILD, code), list.shm.name, state]
            IO.popen([RbConfig.ruby, *arguments, { err: %i[child out] }]) do |child|
              Timeout.timeout(DEADLINE) do
                assert_equal "ready\n", child.gets
                Process.kill(:INT, child.pid)
                assert_equal "interrupted\n", child.read
              end
            rescue Timeout::Error
              Process.kill(:KILL, child.pid)
              raise
            end
          end
        end
      end
    end

    define_method("test_thread_kill_thread_raise_and_timeout_end_#{name}") do
      action = eval("->(list) { #{code} }") # rubocop:disable Security/Eval
      with_items do |list|
        list.timeout = nil
        with_holder(list, ->(mine) { mine[1] = "step" }) do
          assert_nil while_waiting(-> { action.call(list) }, &:kill)
          assert_raises(ZeroDivisionError) { while_waiting(-> { action.call(list) }) { |it| it.raise(ZeroDivisionError) } }
          assert_raises(Timeout::Error) { Timeout.timeout(0.05) { action.call(list) } }
        end
        list.synchronize(timeout: DEADLINE) {}
      end
    end
  end

  # Where the version of the one item of a list of one number is (abi/LAYOUT.md).
  VERSION = 64 + 2176

  SNAPSHOT_CHILD = <<~RUBY
    begin
      list = Polyshm::ShareableList.attach(ARGV[0], readonly: true)
      list.timeout = nil
      puts "ready"
      $stdout.flush
      list.snapshot
    rescue Interrupt
      puts "interrupted"
    end
  RUBY

  def test_ctrl_c_ends_a_read_only_snapshot_of_a_list_that_is_always_written
    with_list([1]) do |list|
      list.shm.buf.set_value(:U8, VERSION, 1) # odd: somebody is writing the item
      IO.popen([RbConfig.ruby, "-r", "polyshm", "-e", SNAPSHOT_CHILD, list.shm.name, { err: %i[child out] }]) do |child|
        assert_equal "ready\n", child.gets
        Process.kill(:INT, child.pid)
        assert_equal "interrupted\n", Timeout.timeout(8) { child.read } # the library by itself tries for 10 seconds
      end
    end
  end

  def test_a_read_only_snapshot_gives_up_after_the_lists_timeout
    with_list([1]) do |list|
      ShareableList.attach(list.shm.name, readonly: true) do |reader|
        list.shm.buf.set_value(:U8, VERSION, 1)
        [0, 0.2].each do |seconds|
          reader.timeout = seconds
          assert_raises(Errno::ETIMEDOUT) { reader.snapshot }
        end
        reader.timeout = nil
        waiter = Thread.new { reader.snapshot }
        list.shm.buf.set_value(:U8, VERSION, 2)
        assert_equal [[1], 0], waiter.value
      end
    end
  end

  def test_interruptions_make_no_wait_longer_or_shorter
    with_items do |list|
      list.timeout = 0.3
      with_holder(list, ->(mine) { mine[1] = "step" }) do
        [-> { list.lock(timeout: 0.3) }, -> { list[0] = 5 }, -> { list.add(0) }, -> { list.snapshot },
         -> { list.wait(list.version, timeout: 0.3) }].each { |action| assert_lasts(0.3, action) }
      end
    end
  end

  def assert_lasts(seconds, action)
    started = now
    waiter = Thread.new { assert_raises(Errno::ETIMEDOUT, &action) && now - started }
    wait_until("the end of the wait") { waiter.wakeup && false || !waiter.alive? } rescue ThreadError
    assert_operator waiter.value, :>=, seconds
  end

  def test_closing_the_list_in_another_thread_ends_the_wait
    [->(list) { list.lock(timeout: nil) }, ->(list) { list.wait(list.version) }, ->(list) { list.add(0) }].each do |wait|
      with_items do |list|
        with_holder(list) do
          assert_raises(IOError) { while_waiting(-> { wait.call(list) }) { list.close } }
        end
      end
    end
  end

  def test_a_trap_may_write_under_the_lock_of_its_thread
    with_list([0]) do |list|
      before = trap(:USR1) { list.add(0) }
      20.times { list.synchronize { Process.kill(:USR1, Process.pid) && list.add(0, 100) } }
      wait_until("traps") { list[0] > 2000 }
    ensure
      trap(:USR1, before)
    end
  end

  # fork

  def test_a_forked_child_does_not_have_its_parent_s_lock
    with_items do |list|
      list.synchronize do
        in_child do
          assert_raises(ThreadError) { list.unlock }
          assert_raises(Errno::ETIMEDOUT) { list.lock(timeout: 0.05) }
          list.timeout = 0.05
          assert_raises(Errno::ETIMEDOUT) { list[0] = 5 }
        end
        list[0] = 2
      end
      with_peer(list) { |other| assert_equal false, other.lock(timeout: 0) }
    end
  end

  def test_a_forked_child_that_dies_with_the_lock_loses_it
    with_items do |list|
      in_child { list.lock || list[0] = 7 }
      assert_equal [true, 7], list.synchronize(timeout: DEADLINE) { |owner_died| [owner_died, list[0]] }
    end
  end

  def test_what_forked_children_add_is_all_there
    with_list([0]) do |list|
      list.add(0) # the parent takes part, and its children must not pass for it
      list.timeout = DEADLINE
      children = Array.new(4) { fork { exit!(1000.times { list.add(0) } ? 0 : 1) } }
      children.each { |pid| assert_predicate wait_for_exit(pid), :success? }
      assert_equal 4001, list[0]
    end
  end
end
