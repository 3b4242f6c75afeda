# frozen_string_literal: true

require_relative "polyshm_case"
require_relative "property"

# A list does what an Array does, whatever the operations: in one handle, in another, and read in every way.
class PropertyTest < PolyshmCase
  include Property

  SPARE = 12
  VALUES = [
    nil, true, false, 0, 1, -1, 7, 2**62, 2**63 - 1, -2**63, 0.0, -0.0, 1.0, 1.5, -Float::INFINITY, 5e-324,
    "", "a", "grün", "€uro", "1234567", "12345678", "nul\0", "\0", "long" * 5, "longer" * 20,
    "".b, "a".b, "\xFF\0".b, "12345678".b, "bytes" * 9
  ].freeze
  SCALARS = VALUES.grep_v(String).freeze

  # An Array of 0 to 8 items, as the first step has it, beside the list; and the width of each item's slot.
  def play(steps)
    first = steps.first || [0]
    model = Array.new(first.last % 9) { |i| pick_value(first[i % first.size] + i) }
    widths = model.map { |value| value.nil? || value.is_a?(String) ? (value.to_s.bytesize + SPARE) / 8 * 8 + 8 : 8 }
    with_list(model, spare: SPARE) do |list|
      ShareableList.attach(list.shm.name) do |peer|
        steps.each { |step| take(step, [list, peer], model, widths) }
      end
    end
  end

  # One handle does it, the other tells how things then are.
  def take((operation, handle, *numbers), handles, model, widths)
    operations = self.class.private_instance_methods(false).grep(/\Astep_/).sort
    list, reader = handles.rotate(handle)
    send(operations[operation % operations.size], list, model, widths, *numbers)
    assert_equal exact(model), exact(reader.to_a)
  end

  def test_a_list_is_as_an_array
    assert_property { |steps| play(steps) }
  end

  private

  # What tells values apart that == does not: 1 and 1.0, 0.0 and -0.0, a text and bytes.
  def exact(value)
    case value
    when Array then value.map { |one| exact(one) }
    when String then [value.encoding, value.b]
    else [value.class, value.inspect]
    end
  end

  # The same value, or the same class of exception.
  def assert_same_outcome(expected, actual)
    assert_equal(*[expected, actual].map { |call| outcome(&call) })
  end

  def outcome
    exact(yield)
  rescue IndexError, RangeError, ArgumentError, TypeError => error
    error.class
  end

  def fits?(value, width)
    !value.is_a?(String) || value.bytesize <= width
  end

  # An index inside and outside, from both ends.
  def pick_index(model, number)
    number % (2 * model.size + 4) - model.size - 2
  end

  def pick_value(number)
    VALUES[number % VALUES.size]
  end

  def pick_range(model, first, last)
    first = pick_index(model, first)
    ends = [nil, *(-model.size - 1..model.size + 1)]
    Range.new(first, ends[last % ends.size], last.odd?)
  end

  def step_get(list, model, _, index, *)
    index = pick_index(model, index)
    assert_equal exact(model[index]), exact(list[index])
    assert_equal exact(model.dig(index)), exact(list.dig(index))
    assert_same_outcome(-> { model.fetch(index) }, -> { list.fetch(index) })
    assert_equal exact(model.fetch(index, "none")), exact(list.fetch(index, "none"))
    assert_equal exact(model.fetch(index) { |i| i * 2 }), exact(list.fetch(index) { |i| i * 2 })
  end

  def step_set(list, model, widths, index, value, *)
    index = pick_index(model, index)
    value = pick_value(value)
    inside = index.between?(-model.size, model.size - 1)
    return assert_raises(IndexError) { list[index] = value } unless inside
    return assert_raises(RangeError) { list[index] = value } unless fits?(value, widths[index])

    list[index] = model[index] = value
  end

  def step_read_range(list, model, _, first, last, *)
    range = pick_range(model, first, last)
    assert_equal exact(model[range]), exact(list[range])
    start, length = pick_index(model, first), last % (model.size + 3) - 1
    assert_equal exact(model[start, length]), exact(list[start, length])
    assert_equal exact(model.values_at(start, range.first)), exact(list.values_at(start, range.first))
  end

  def step_write_range(list, model, widths, first, last, seed)
    range = pick_range(model, first, last)
    old = model[range]
    return assert_raises(IndexError) { list[range] = [] } unless old

    values = Array.new(old.size) { |i| pick_value(seed + i) }
    assert_raises(ArgumentError) { list[range] = values + [1] }
    fit = values.zip(widths[range]).all? { |value, width| fits?(value, width) }
    return assert_raises(RangeError) { list[range] = values } unless fit

    list[range] = values
    model[range] = values
  end

  def step_first_and_last(list, model, _, count, *)
    count %= model.size + 3
    assert_equal exact([model.first, model.last]), exact([list.first, list.last])
    assert_equal exact([model.first(count), model.last(count)]), exact([list.first(count), list.last(count)])
    assert_equal exact([model.take(count), model.drop(count)]), exact([list.take(count), list.drop(count)])
  end

  def step_search(list, model, _, value, *)
    value = pick_value(value)
    assert_equal [model.count(value), model.count], [list.count(value), list.count]
    assert_equal [model.index(value), model.find_index(value)], [list.index(value), list.find_index(value)]
    assert_equal model.include?(value), list.include?(value)
    assert_equal exact(model.select { |one| one == value }), exact(list.select { |one| one == value })
  end

  def step_enumerate(list, model, _, count, *)
    count = count % 4 + 1
    assert_equal model.each_with_index.size, list.each_with_index.size
    assert_equal exact(model.each_with_index.to_a), exact(list.each_with_index.to_a)
    assert_equal exact(model.reverse_each.to_a), exact(list.reverse_each.to_a)
    assert_equal exact(model.each_slice(count).to_a), exact(list.each_slice(count).to_a)
    assert_equal model.each_slice(count).size, list.each_slice(count).size
    assert_equal model.group_by(&:class), list.group_by(&:class)
    assert_equal exact(model.each.next), exact(list.each.next) unless model.empty?
    assert_equal [model.length, model.size, model.empty?], [list.length, list.size, list.empty?]
  end

  def step_snapshot(list, model, *)
    values, version = list.snapshot
    assert_equal exact(model), exact(values)
    assert_equal list.version, version
  end

  def step_add(list, model, _, index, number, *)
    index = pick_index(model, index)
    delta = SCALARS.grep(Integer).then { |all| all[number % all.size] }
    return assert_raises(IndexError) { list.add(index, delta) } unless index.between?(-model.size, model.size - 1)
    return assert_raises(TypeError) { list.add(index, delta) } unless model[index].is_a?(Integer)

    sum = model[index] + delta
    return assert_raises(RangeError) { list.add(index, delta) } unless sum.between?(-2**63, 2**63 - 1)

    assert_equal sum, list.add(index, delta)
    model[index] = sum
  end

  def step_compare_exchange(list, model, _, index, expected, desired)
    index = pick_index(model, index)
    expected, desired = SCALARS[expected % SCALARS.size], SCALARS[desired % SCALARS.size]
    expected = model[index] if index.even? && !model[index].is_a?(String)
    exchange = -> { list.compare_exchange(index, expected, desired) }
    return assert_raises(IndexError, &exchange) unless index.between?(-model.size, model.size - 1)

    equal = exact(model[index]) == exact(expected)
    assert_equal equal, exchange.call
    model[index] = desired if equal
  end

  def step_marshal(list, model, *)
    copy = Marshal.load(Marshal.dump(list))
    assert_equal exact(model), exact(copy.to_a)
  ensure
    copy&.close
  end

  def step_types(list, model, *)
    assert_equal model.map { |value| type_of(value) }, (0...model.size).map { |index| list.type(index) }
  end

  def type_of(value)
    case value
    when nil then :none
    when true, false then :bool
    when Integer then :int64
    when Float then :float64
    else value.encoding == Encoding::BINARY ? :bytes : :str
    end
  end
end
