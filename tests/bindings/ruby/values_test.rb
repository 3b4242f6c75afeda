# frozen_string_literal: true

require_relative "polyshm_case"

class ValuesTest < PolyshmCase
  # Equal, of the same class and encoding, and the same zero.
  def assert_same_value(expected, actual)
    expected.nil? ? assert_nil(actual) : assert_equal(expected, actual)
    assert_equal expected.class, actual.class
    assert_equal expected.encoding, actual.encoding if expected.is_a?(String)
    assert_equal [expected].pack("D"), [actual].pack("D") if expected.is_a?(Float)
  end

  def test_every_value_comes_back_from_create
    with_list(EDGES) do |list|
      EDGES.each_with_index { |value, index| assert_same_value value, list[index] }
      EDGES.zip(list.to_a) { |value, read| assert_same_value value, read }
      EDGES.zip(list.each.to_a) { |value, read| assert_same_value value, read }
      assert_same_value EDGES.last, list.fetch(-1)
    end
  end

  def test_every_value_comes_back_from_assignment
    with_list([nil, nil], spare: 1_000_001) do |list|
      EDGES.each do |value|
        list[0] = value
        assert_same_value value, list[0]
        list[0..1] = [value, value]
        assert_same_value value, list[1]
      end
    end
  end

  def test_nan_stays_nan
    with_list([Float::NAN, 1]) do |list|
      list[1] = Float::NAN
      assert(list.all?(&:nan?))
    end
  end

  def test_text_comes_back_in_utf8_and_bytes_in_binary
    with_list(["a", "a".b, "a".encode("US-ASCII")]) do |list|
      assert_equal [Encoding::UTF_8, Encoding::BINARY, Encoding::UTF_8], list.map(&:encoding)
      assert_equal "str bytes str", (0..2).map { |index| list.type(index) }.join(" ")
    end
  end

  def test_text_in_other_encodings_is_transcoded
    encoded = ["é".encode("ISO-8859-1"), "日本".encode("Shift_JIS"), "😀".encode("UTF-16LE"), "x".encode("UTF-32BE")]
    with_list(encoded) do |list|
      assert_equal %w[é 日本 😀 x], list.to_a
      list[0] = "€".encode("Windows-1252")
      assert_equal "€", list[0]
    end
  end

  def test_text_that_is_not_valid_is_an_encoding_error
    with_list(["kept"]) do |list|
      bad = ["\xFF", "\xC3", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC0\x80", "\xFF".dup.force_encoding("US-ASCII"),
             "\x81".dup.force_encoding("Shift_JIS"), "\x81".dup.force_encoding("Windows-1252"),
             "a".dup.force_encoding("UTF-7")]
      bad.each do |text|
        assert_raises(EncodingError, text.inspect) { list[0] = text }
        assert_raises(EncodingError, text.inspect) { ShareableList.create([1, text], name: fresh_name) }
      end
      assert_equal ["kept"], list.to_a
    end
  end

  def test_integers_beyond_64_bits_are_a_range_error_that_names_the_item
    with_list([1, 2]) do |list|
      [2**63, -2**63 - 1, 2**64, -2**64, 2**1000].each do |number|
        error = assert_raises(RangeError) { list[1] = number }
        assert_match(/item 1\b/, error.message)
        error = assert_raises(RangeError) { ShareableList.create([0, 0, number], name: fresh_name) }
        assert_match(/item 2\b/, error.message)
      end
      assert_equal [1, 2], list.to_a
    end
  end

  def test_other_classes_are_a_type_error_that_names_item_and_class
    with_list([1, 2]) do |list|
      [:symbol, [], {}, 1r, 1i, Object.new, 1..2, Class, Time.now, BasicObject].each do |object|
        error = assert_raises(TypeError) { list[-1] = object }
        assert_match(/item 1\b.*#{object.class}/, error.message)
        error = assert_raises(TypeError) { ShareableList.create([0, object], name: fresh_name) }
        assert_match(/item 1\b.*#{object.class}/, error.message)
      end
      assert_raises(TypeError) { list[0] = BasicObject.new }
      assert_equal [1, 2], list.to_a
    end
  end

  def test_strings_of_a_subclass_are_strings
    with_list([Class.new(String).new("sub")]) { |list| assert_instance_of String, list[0] }
  end

  def test_frozen_and_shared_strings_are_fine
    long = "0123456789" * 100
    with_list([long[10..], long.freeze, long[990..].b]) { |list| assert_equal [990, 1000, 10], list.map(&:size) }
  end

  def test_a_text_that_fills_its_slot_fits_and_a_longer_one_does_not
    with_list(%w[1234567 12345678]) do |list|
      list[0] = "a" * 8
      list[1] = "é" * 8
      assert_equal ["a" * 8, "é" * 8], list.to_a
      error = assert_raises(RangeError) { list[0] = "a" * 9 }
      assert_match(/item 0\b/, error.message)
      assert_raises(RangeError) { list[0] = "é" * 5 }
      assert_raises(RangeError) { list[1] = "b".b * 17 }
      assert_equal ["a" * 8, "é" * 8], list.to_a
    end
  end

  def test_an_item_changes_its_type_in_place
    with_list(["text of 24 byte slot"]) do |list|
      [1, nil, 2.5, true, "bytes".b, "other", false].each do |value|
        list[0] = value
        assert_same_value value, list[0]
      end
    end
  end

  def test_strings_that_change_while_a_list_is_made_do_no_harm
    texts = Array.new(1000) { +"before" * 10 }
    done = false
    writer = Thread.new { texts.each { |text| text.replace("x" * rand(100)) } until done }
    5.times { with_list(texts) { |list| assert_equal 1000, list.to_a.size } }
  ensure
    done = true
    writer.join
  end
end
