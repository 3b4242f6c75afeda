# frozen_string_literal: true

require_relative "sharing_case"

# What those get who read while others write: whole values, snapshots of whole steps, versions, and the next change.
class ReadersTest < SharingCase
  # While another process writes

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
end
