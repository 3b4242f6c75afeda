# frozen_string_literal: true

require_relative "polyshm_case"

class FailureTest < PolyshmCase
  # Makes a file in /dev/shm that is no block of ours, under a name that the test's end removes.
  def with_file(content)
    name = fresh_name
    File.binwrite("/dev/shm/#{name}", content)
    yield name
  ensure
    File.unlink("/dev/shm/#{name}")
  end

  def test_polyshm_error_is_a_standard_error
    assert_equal StandardError, Polyshm::Error.superclass
  end

  def test_a_taken_name_is_eexist
    with_segment do |shm|
      error = assert_raises(Errno::EEXIST) { SharedMemory.create(shm.name, size: 1) }
      assert_includes error.message, shm.name
      assert_raises(Errno::EEXIST) { ShareableList.create([1], name: shm.name) }
    end
  end

  def test_a_missing_block_is_enoent_and_with_a_timeout_etimedout
    name = fresh_name
    [SharedMemory, ShareableList].each do |kind|
      error = assert_raises(Errno::ENOENT) { kind.attach(name) }
      assert_includes error.message, name
      assert_raises(Errno::ETIMEDOUT) { kind.attach(name, timeout: 0.01) }
    end
  end

  def test_names_that_no_block_can_have_are_einval
    ["", ".", "..", "a/b", "/a", "x" * 251, "\xFF", "\xFF".b].each do |name|
      assert_raises(Errno::EINVAL, name.inspect) { SharedMemory.create(name, size: 1) }
      assert_raises(Errno::EINVAL, name.inspect) { SharedMemory.attach(name) }
      assert_raises(Errno::EINVAL, name.inspect) { SharedMemory.exist?(name) }
      assert_raises(Errno::EINVAL, name.inspect) { SharedMemory.attached?(name) }
      assert_raises(Errno::EINVAL, name.inspect) { SharedMemory.create_or_attach(name, size: 1) }
      assert_raises(Errno::EINVAL, name.inspect) { ShareableList.create([], name: name) }
      assert_raises(Errno::EINVAL, name.inspect) { ShareableList.attach(name) }
    end
  end

  def test_names_with_a_nul_are_an_argument_error_and_make_nothing
    name = fresh_name
    [->(text) { SharedMemory.create(text, size: 1) }, ->(text) { SharedMemory.attach(text) },
     ->(text) { SharedMemory.exist?(text) }, ->(text) { ShareableList.create([], name: text) }].each do |call|
      assert_raises(ArgumentError) { call.("#{name}\0tail") }
    end
    refute SharedMemory.exist?(name)
  end

  def test_names_that_are_no_string_are_a_type_error
    [1, :name, Object.new, ["a"]].each do |name|
      assert_raises(TypeError) { SharedMemory.create(name, size: 1) }
      assert_raises(TypeError) { ShareableList.attach(name) }
    end
  end

  def test_only_create_goes_without_a_name
    assert_raises(ArgumentError) { SharedMemory.attach(nil) }
    assert_raises(ArgumentError) { SharedMemory.exist?(nil) }
    assert_raises(ArgumentError) { SharedMemory.create_or_attach(nil, size: 1) }
    assert_raises(ArgumentError) { ShareableList.attach(nil) }
  end

  def test_sizes_that_no_block_can_have
    assert_raises(ArgumentError) { SharedMemory.create(fresh_name, size: 0) }
    assert_raises(ArgumentError) { SharedMemory.create(fresh_name) }
    [-1, -2**64, 2**63, 2**64, 2**64 + 1, 2**1000].each do |size|
      assert_raises(RangeError, size.to_s) { SharedMemory.create(fresh_name, size: size) }
    end
    [nil, "1", :a, []].each { |size| assert_raises(TypeError) { SharedMemory.create(fresh_name, size: size) } }
  end

  def test_sizes_beyond_what_there_is_are_refused_by_the_system
    [2**50, 2**62, 2**63 - 1].each do |size|
      assert_raises(Errno::ENOSPC, Errno::ENOMEM, size.to_s) { SharedMemory.create(fresh_name, size: size) }
    end
    assert_raises(Errno::ENOMEM) { SharedMemory.create(fresh_name, size: 2**62, sparse: true) }
  end

  def test_modes_that_are_none
    assert_raises(ArgumentError) { SharedMemory.create(fresh_name, size: 1, mode: 0o1000) }
    [-1, 2**32, 2**64].each do |mode|
      assert_raises(RangeError) { SharedMemory.create(fresh_name, size: 1, mode: mode) }
    end
    assert_raises(TypeError) { SharedMemory.create(fresh_name, size: 1, mode: "600") }
  end

  def test_timeouts_that_are_none
    [-1, -Float::INFINITY, Float::NAN].each do |timeout|
      assert_raises(ArgumentError, timeout.to_s) { SharedMemory.attach(fresh_name, timeout: timeout) }
    end
    assert_raises(TypeError) { SharedMemory.attach(fresh_name, timeout: "1") }
    assert_raises(Errno::ETIMEDOUT) { SharedMemory.attach(fresh_name, timeout: 1/100r) }
  end

  def test_spares_that_are_none
    { -1 => RangeError, 2**64 => RangeError, 9_999_992 => ArgumentError, "1" => TypeError }.each do |spare, error|
      assert_raises(error, spare.to_s) { ShareableList.create([""], name: fresh_name, spare: spare) }
    end
  end

  def test_unknown_keywords_and_missing_arguments_are_argument_errors
    assert_raises(ArgumentError) { SharedMemory.create(fresh_name, size: 1, tracked: false) }
    assert_raises(ArgumentError) { SharedMemory.attach }
    with_segment do |shm|
      assert_raises(ArgumentError) { shm.read(0, 1, 2) }
      assert_raises(ArgumentError) { shm.write(0) }
      assert_raises(ArgumentError) { shm.close(1) }
    end
    with_list([1]) do |list|
      assert_raises(ArgumentError) { list.[]() }
      assert_raises(ArgumentError) { list[0, 1, 2] }
      assert_raises(ArgumentError) { list.[]=(0) }
      assert_raises(ArgumentError) { list.each(1) { nil } }
    end
  end

  def test_indices_that_are_none_are_a_type_error
    with_list([1]) do |list|
      ["0", :a, nil, [], Object.new, "a".."b"].each do |index|
        assert_raises(TypeError, index.inspect) { list[index] }
        assert_raises(TypeError, index.inspect) { list[index] = 1 }
      end
      assert_raises(TypeError) { list[0, "1"] }
      assert_raises(TypeError) { list.type("0") }
    end
  end

  def test_a_sequence_that_is_none_is_a_type_error
    [nil, 5, "text", Object.new].each { |sequence| assert_raises(TypeError) { ShareableList.create(sequence) } }
  end

  def test_a_sequence_that_raises_leaves_nothing
    values = Enumerator.new { |yielder| yielder << 1 << 2 && raise(ZeroDivisionError) }
    assert_raises(ZeroDivisionError) { ShareableList.create(values, name: fresh_name) }
  end

  def test_a_block_that_is_no_list_is_a_polyshm_error
    ["x", "not a list at all", "\xFF" * 64].each do |content|
      with_file(content) { |name| assert_raises(Polyshm::Error, content.inspect) { ShareableList.attach(name) } }
    end
  end

  def test_a_list_of_cpython_38_is_a_polyshm_error
    with_file([1, 8, 42].pack("q3") + "q\0\0\0\0\0\0\0\0") do |name|
      error = assert_raises(Polyshm::Error) { ShareableList.attach(name) }
      assert_match(/3\.8/, error.message)
    end
  end

  def test_a_block_without_bytes_is_a_polyshm_error
    with_file("") { |name| assert_raises(Polyshm::Error) { SharedMemory.attach(name) } }
  end

  def test_links_and_folders_are_einval
    name = fresh_name
    with_segment do |shm|
      File.symlink("/dev/shm/#{shm.name}", "/dev/shm/#{name}")
      assert_raises(Errno::EINVAL) { SharedMemory.attach(name) }
    ensure
      File.unlink("/dev/shm/#{name}")
    end
  end

  def test_damaged_items_are_a_polyshm_error_and_show_in_inspect
    with_list([1, 2, "text"]) do |list|
      list.shm.write(list.shm.read.index("q") + 8, "bad")
      assert_raises(Polyshm::Error) { list[1] }
      assert_raises(Polyshm::Error) { list.to_a }
      assert_raises(Polyshm::Error) { list.each { nil } }
      assert_raises(Polyshm::Error) { list.type(1) }
      assert_equal 1, list[0]
      assert_includes list.inspect, '[1, (damaged), "text"]'
      list[1] = 5
      assert_equal [1, 5, "text"], list.to_a
    end
  end

  def test_stored_text_that_is_no_utf8_is_an_encoding_error
    with_list(["text"]) do |list|
      list.shm.write(list.shm.read.index("text"), "\xFF")
      assert_raises(EncodingError) { list[0] }
      assert_raises(EncodingError) { list.to_a }
      assert_includes list.inspect, "[(damaged)]"
    end
  end

  def test_a_block_of_another_user_is_eacces_with_same_user
    skip "only root can give a file away" unless Process.uid.zero?

    with_segment do |shm|
      File.chown(65_534, nil, "/dev/shm/#{shm.name}")
      assert_raises(Errno::EACCES) { SharedMemory.attach(shm.name, same_user: true) }
      SharedMemory.attach(shm.name, &:close)
    end
  end

  def test_a_block_without_permission_is_eacces
    skip "only root can become another user" unless Process.uid.zero?

    with_segment(mode: 0o644) do |shm|
      in_child do
        Process::Sys.setuid(65_534)
        assert_raises(Errno::EACCES) { SharedMemory.attach(shm.name) }
        SharedMemory.attach(shm.name, readonly: true) { |other| other.read.size == 64 }
      end
    end
  end

  def test_texts_longer_than_any_slot_are_a_range_error
    assert_raises(RangeError) { ShareableList.create(["x" * 9_999_992], name: fresh_name) }
    assert_raises(RangeError) { ShareableList.create(["#{'x' * 1_000_000}\0"], name: fresh_name) }
  end
end
