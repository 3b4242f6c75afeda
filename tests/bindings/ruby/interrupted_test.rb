# frozen_string_literal: true

require_relative "sharing_case"

# What ends a wait for the lock or a change: Ctrl-C, what is raised in its thread, closing; waking it up does not.
class InterruptedTest < SharingCase
  CHILD = <<~RUBY
    list = Polyshm::ShareableList.attach(ARGV[0])
    list.timeout = nil
    begin
      %s
      %s
    rescue Interrupt
      puts "interrupted"
    end
  RUBY

  WAITS.each do |name, code|
    { asleep: READY_ASLEEP, on_the_way: READY }.each do |state, ready|
      define_method("test_ctrl_c_ends_#{name}_#{state}") do
        with_items do |list|
          list.synchronize do
            list[1] = "step"
            with_ready_ruby(format(CHILD, ready, code), list.shm.name) do |child|
              Process.kill(:INT, child.pid)
              assert_equal "interrupted\n", child.read
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
      #{READY}
      list.snapshot
    rescue Interrupt
      puts "interrupted"
    end
  RUBY

  def test_ctrl_c_ends_a_read_only_snapshot_of_a_list_that_is_always_written
    with_list([1]) do |list|
      list.shm.buf.set_value(:U8, VERSION, 1) # odd: somebody is writing the item
      with_ready_ruby(SNAPSHOT_CHILD, list.shm.name) do |child|
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
end
