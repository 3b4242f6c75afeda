# frozen_string_literal: true

require_relative "polyshm_case"

class ListIndexTest < PolyshmCase
  LETTERS = %w[a b c d e].freeze

  def test_indexing_is_like_an_array_s
    with_list(LETTERS) do |list|
      (-7..7).each do |index|
        assert_equal_or_nil LETTERS[index], list[index], index
        (-1..7).each { |length| assert_equal_or_nil LETTERS[index, length], list[index, length], [index, length] }
        [index.., ..index, index..-1, index...-1, 1..index, index...2].each do |range|
          assert_equal_or_nil LETTERS[range], list[range], range
        end
      end
      assert_equal "b", list[1.9]
    end
  end

  def assert_equal_or_nil(expected, actual, message)
    expected.nil? ? assert_nil(actual, message) : assert_equal(expected, actual, message)
  end

  def test_index_assignment_counts_from_both_ends
    with_list([1, 2, 3]) do |list|
      list[0] = "x"
      list[-1] = nil
      assert_equal ["x", 2, nil], list.to_a
    end
  end

  def test_index_assignment_outside_is_an_index_error_and_changes_nothing
    with_list([1, 2, 3]) do |list|
      [3, -4, 2**62, -2**62, 2**63 - 1, -2**63].each do |index|
        assert_raises(IndexError, index.to_s) { list[index] = 9 }
      end
      assert_raises(RangeError) { list[2**64] = 9 }
      assert_raises(RangeError) { list[-2**64] }
      assert_equal [1, 2, 3], list.to_a
    end
  end

  def test_assignment_to_a_range_of_equal_length
    with_list([0] * 5) do |list|
      list[1, 2] = [1, "two"]
      assert_equal [0, 1, "two", 0, 0], list.to_a
      list[-2..] = [8, 9]
      assert_equal [0, 1, "two", 8, 9], list.to_a
      list[3, 100] = [true, nil]
      assert_equal [0, 1, "two", true, nil], list.to_a
      list[0..0] = 7
      list[5, 0] = []
      assert_equal [7, 1, "two", true, nil], list.to_a
    end
  end

  def test_assignment_to_a_range_of_another_length_changes_nothing
    with_list([1, 2, 3]) do |list|
      [[0..1, [9]], [0..1, [9, 9, 9]], [0.., []], [1..0, [9]], [0..1, 9]].each do |range, values|
        error = assert_raises(ArgumentError, [range, values].inspect) { list[range] = values }
        assert_match(/length/, error.message)
      end
      assert_raises(ArgumentError) { list[0, 2] = [9] }
      assert_equal [1, 2, 3], list.to_a
    end
  end

  def test_assignment_to_a_range_outside_is_an_error
    with_list([1, 2, 3]) do |list|
      assert_raises(IndexError) { list[4, 1] = [9] }
      assert_raises(IndexError) { list[-4, 1] = [9] }
      assert_raises(IndexError) { list[0, -1] = [] }
      assert_raises(IndexError) { list[4..5] = [9] }
      assert_raises(IndexError) { list[-9..] = [9] }
      assert_equal [1, 2, 3], list.to_a
    end
  end

  def test_assignment_to_a_range_with_one_bad_value_changes_nothing
    with_list([1, 2, 3]) do |list|
      assert_raises(TypeError) { list[0..2] = [9, 9, :symbol] }
      assert_raises(RangeError) { list[0..2] = [9, 9, 2**64] }
      assert_raises(RangeError) { list[0..2] = [9, 9, "too long for it"] }
      assert_raises(EncodingError) { list[0..2] = [9, 9, "\xFF"] }
      assert_equal [1, 2, 3], list.to_a
    end
  end

  def test_fetch_is_like_an_array_s
    with_list(LETTERS) do |list|
      assert_equal "a", list.fetch(0)
      assert_equal "e", list.fetch(-1)
      assert_equal :default, list.fetch(5, :default)
      assert_equal(-60, list.fetch(-6) { |index| index * 10 })
      assert_raises(IndexError) { list.fetch(5) }
      assert_raises(IndexError) { list.fetch(-6) }
      assert_raises(TypeError) { list.fetch("0") }
      assert_raises(ArgumentError) { list.fetch }
    end
  end

  def test_values_at_is_like_an_array_s
    with_list(LETTERS) { |list| assert_equal LETTERS.values_at(0, -1, 9, 1..2), list.values_at(0, -1, 9, 1..2) }
  end
end
