# frozen_string_literal: true

require_relative "sharing_case"

# The lock has one holder at a time, a thread of a process: writes of all others wait, and nothing added is lost.
class ExclusionTest < SharingCase
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
