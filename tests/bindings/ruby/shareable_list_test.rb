# frozen_string_literal: true

require_relative "polyshm_case"

class ShareableListTest < PolyshmCase
  LETTERS = %w[a b c d e].freeze

  def test_create_holds_the_values_of_any_enumerable
    { [1, 2] => [1, 2], (1..3) => [1, 2, 3], [3, 4].each => [3, 4], [5].lazy => [5], Struct.new(:x).new(6) => [6] }
      .each { |sequence, values| with_list(sequence) { |list| assert_equal values, list.to_a } }
  end

  def test_create_from_another_list_copies_it
    with_list([1, "a"]) { |list| with_list(list) { |copy| assert_equal [1, "a"], copy.to_a } }
  end

  def test_create_without_arguments_is_an_empty_list
    ShareableList.create do |list|
      list.unlink
      assert_equal 0, list.length
      assert_empty list
      assert_equal [], list.to_a
      assert_nil list[0]
      assert_nil list[-1]
      assert_equal [], list[0, 1]
      assert_nil list.first
      assert_nil list.last
      assert_equal "", list.format
      assert_raises(IndexError) { list[0] = 1 }
      list[0..] = []
    end
  end

  def test_create_and_attach_with_a_block_return_its_value_and_close
    inner = nil
    ShareableList.create([1], name: fresh_name) do |list|
      assert_equal(:value, ShareableList.attach(list.shm.name) { |other| (inner = other) && :value })
      list.unlink
    end
    assert_predicate inner, :closed?
    assert_predicate inner.shm, :closed?
  end

  def test_attached_lists_see_each_other_s_writes
    with_list([1, "text"]) do |list|
      ShareableList.attach(list.shm.name) do |other|
        list[0] = 2
        other[1] = nil
        assert_equal [2, nil], other.to_a
        assert_equal [2, nil], list.to_a
      end
    end
  end

  def test_length_and_size
    with_list(LETTERS) { |list| assert_equal [5, 5], [list.length, list.size] }
  end

  def test_each_yields_the_items_and_returns_the_list
    with_list(LETTERS) do |list|
      seen = []
      assert_same list, list.each { |item| seen << item }
      assert_equal LETTERS, seen
    end
  end

  def test_each_without_a_block_is_an_enumerator_of_known_size
    with_list(LETTERS) do |list|
      assert_equal 5, list.each.size
      assert_equal "a", list.each.next
      assert_equal LETTERS.each_with_index.to_a, list.each_with_index.to_a
      assert_equal 5, list.each_entry.to_a.size
    end
  end

  def test_each_sees_what_is_written_meanwhile_and_ends_when_closed
    with_list([1, 2, 3]) do |list|
      seen = list.each_with_index.map { |item, index| item.tap { list[index + 1] = item * 10 if index < 2 } }
      assert_equal [1, 10, 100], seen
      assert_raises(IOError) { list.each { list.close } }
    end
  end

  def test_enumerable_gives_the_rest
    with_list([3, 1, 2]) do |list|
      assert_equal [1, 2, 3], list.sort
      assert_equal [6, 2, 4], (list.map { |item| item * 2 })
      assert_equal 6, list.sum
      assert_equal [3, 1], list.first(2)
      assert_equal [2, 1, 3], list.reverse_each.to_a
      assert_equal [3, 1, 2], list.entries
      assert_equal 3, list.max
    end
  end

  def test_first_and_last
    with_list(LETTERS) do |list|
      assert_equal "a", list.first
      assert_equal "e", list.last
      (0..7).each do |count|
        assert_equal LETTERS.first(count), list.first(count)
        assert_equal LETTERS.last(count), list.last(count)
      end
      assert_raises(ArgumentError) { list.last(-1) }
    end
  end

  def test_membership_count_and_index_compare_as_ruby_does
    with_list([1, 1.0, true, "a", "é", "é".b, nil, Float::NAN]) do |list|
      assert_equal 2, list.count(1)
      assert_equal 2, list.count(1.0)
      assert_equal 1, list.count(true)
      assert_equal 8, list.count
      assert_equal(2, list.count { |item| item.is_a?(Float) })
      assert_equal 0, list.index(1.0)
      assert_equal 2, list.index(true)
      assert_equal 2, list.find_index(true)
      assert_equal 4, list.index("é")
      assert_equal 5, list.index("é".b)
      assert_equal 6, list.index(nil)
      assert_nil list.index(Float::NAN)
      assert_nil list.index(false)
      assert_includes list, "a"
      refute_includes list, :a
      refute_includes list, 2
    end
  end

  def test_type_names_the_types
    with_list([nil, true, 1, 1.0, "a", "a".b]) do |list|
      assert_equal(%i[none bool int64 float64 str bytes], list.size.times.map { |index| list.type(index) })
      assert_equal :bytes, list.type(-1)
      [6, -7].each { |index| assert_raises(IndexError) { list.type(index) } }
      list[0] = 1
      assert_equal :int64, list.type(0)
    end
  end

  def test_format_is_cpython_s
    with_list([7, "hé", "xyz".b, nil, true, -1.5]) do |list|
      assert_equal "q8s8sxxxxxx?xxxxxxxx?d", list.format
      assert_equal Encoding::UTF_8, list.format.encoding
    end
  end

  def test_spare_makes_room_for_longer_values
    with_list(["", nil, 1], spare: 100) do |list|
      list[0] = "x" * 100
      list[1] = "y" * 100
      assert_raises(RangeError) { list[2] = "z" * 9 }
      assert_equal ["x" * 100, "y" * 100, 1], list.to_a
    end
  end

  def test_shm_is_the_segment_under_the_list
    with_list([1]) do |list|
      assert_instance_of SharedMemory, list.shm
      assert_same list.shm, list.shm
      assert_predicate list.shm, :created?
      assert_equal [1, 0, 8, 1], list.shm.read(0, 32).unpack("q4")
      list.shm.close
      assert_predicate list, :closed?
    end
  end

  def test_shm_outlives_the_list_handle
    shm = ShareableList.create([1], name: fresh_name).shm
    GC.start
    assert_equal [1], shm.read(0, 8).unpack("q")
    shm.unlink
    shm.close
  end

  def test_readonly_lists_read_but_do_not_write
    with_list([1, "a"]) do |list|
      refute_predicate list, :readonly?
      ShareableList.attach(list.shm.name, readonly: true) do |other|
        assert_predicate other, :readonly?
        assert_equal [1, "a"], other.to_a
        assert_raises(IOError) { other[0] = 2 }
        assert_raises(IOError) { other[0..1] = [2, 3] }
        list[0] = 5
        assert_equal 5, other[0]
      end
    end
  end

  def test_a_closed_list_gives_io_errors
    with_list([1]) do |list|
      assert_nil list.close
      assert_nil list.close
      [-> { list[0] }, -> { list[-1] }, -> { list[0, 1] }, -> { list[0] = 1 }, -> { list[0..] = [1] }, -> { list.to_a },
       -> { list.length }, -> { list.each { nil } }, -> { list.fetch(0) }, -> { list.type(0) }, -> { list.format },
       -> { list.include?(1) }, -> { list.first }, -> { list.last }].each { |call| assert_raises(IOError, &call) }
      assert_predicate list.shm, :closed?
    end
  end

  def test_unlink_works_on_a_closed_list_and_once
    list = ShareableList.create([1], name: fresh_name)
    list.close
    assert_nil list.unlink
    assert_raises(Errno::ENOENT) { list.unlink }
  end

  def test_equality_and_hash_are_identity
    with_list([1]) do |list|
      ShareableList.attach(list.shm.name) do |other|
        refute_equal list, other
        assert_equal list, list
        assert_equal 2, [list, other].uniq.size
      end
    end
  end

  def test_inspect_shows_the_values
    with_list([1, "é", nil, 1.5, "\xFF".b]) do |list|
      assert_equal %(#<Polyshm::ShareableList "#{list.shm.name}" [1, "é", nil, 1.5, "\\xFF"]>), list.inspect
      assert_equal list.inspect, list.to_s
      list.close
      assert_equal %(#<Polyshm::ShareableList "#{list.shm.name}" closed>), list.inspect
    end
  end

  def test_inspect_of_long_lists_and_texts_is_short
    with_list(["x" * 100_000] * 100) do |list|
      assert_operator list.inspect.length, :<, 2000
      assert_match(/\.\.\. 100 items\]>\z/, list.inspect)
    end
  end

  def test_marshal_attaches_by_name
    with_list([1, 2]) do |list|
      copy = Marshal.load(Marshal.dump(list))
      copy[0] = 5
      assert_equal [5, 2], list.to_a
      copy.close
      ShareableList.attach(list.shm.name, readonly: true) do |other|
        assert_predicate Marshal.load(Marshal.dump(other)), :readonly?
      end
    end
  end

  def test_a_hundred_thousand_items
    values = Array.new(100_000) { |index| index.even? ? index : "item #{index}" }
    with_list(values) do |list|
      assert_equal values, list.to_a
      list[0..] = list.to_a.map { |value| value.is_a?(Integer) ? -value : value.upcase }
      assert_equal(-99_998, list[-2])
      assert_equal "ITEM 99999", list[99_999]
      assert_equal 50_000, list.each.count(Integer) + list.grep(Integer).size
    end
  end
end
