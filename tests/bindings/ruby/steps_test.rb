# frozen_string_literal: true

require_relative "sharing_case"

# Steps on one item, add and compare_exchange; and where these, the lock, snapshots and waiting are refused.
class StepsTest < SharingCase
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
end
