# frozen_string_literal: true

require_relative "polyshm_case"
require "fiddle"

class ViewTest < PolyshmCase
  def test_buf_is_an_io_buffer_of_the_shared_bytes
    with_segment(size: 100) do |shm|
      assert_instance_of IO::Buffer, shm.buf
      assert_kind_of View, shm.buf
      assert_equal 100, shm.buf.size
      shm.buf.set_string("there", 5)
      assert_equal "there", shm.read(5, 5)
      shm.write(5, "where")
      assert_equal "where", shm.buf.get_string(5, 5)
      shm.buf.set_value(:u32, 8, 77)
      assert_equal 77, shm.buf.get_value(:u32, 8)
    end
  end

  def test_buf_warns_of_nothing
    status, output = run_ruby(<<~RUBY)
      Warning[:experimental] = true
      Polyshm::SharedMemory.create(size: 8) { |shm| shm.unlink; shm.buf.slice(0, 4).set_string("abcd") }
    RUBY
    assert_predicate status, :success?
    assert_empty output
  end

  def test_a_view_outlives_close_unlink_and_the_handle
    shm = SharedMemory.create(fresh_name, size: 10)
    view = shm.buf
    view.set_string("kept")
    dispose(shm)
    shm = nil
    GC.start
    assert_equal "kept", view.get_string(0, 4)
    view.set_string("more")
    assert_equal "more", view.get_string(0, 4)
  end

  def test_a_slice_outlives_all_it_came_from
    slices = Array.new(50) do |index|
      shm = SharedMemory.create(size: 4096)
      shm.unlink
      shm.write(10, "slice #{index}")
      shm.buf.slice(8, 100).slice(2, 10).tap { shm.close if index.even? }
    end
    GC.start
    GC.start
    slices.each_with_index { |slice, index| assert_equal "slice #{index}", slice.get_string.delete("\0") }
  end

  def test_views_die_in_any_order
    order = Random.new(1)
    20.times do
      shm = SharedMemory.create(size: 64)
      shm.unlink
      objects = [shm, shm.buf, shm.buf.slice(0, 8), shm.buf.transfer, shm.buf.slice(8, 8).slice(0, 4)]
      objects << objects[1].slice(0, 32)
      shm = nil
      until objects.empty?
        objects.delete_at(order.rand(objects.size))
        GC.start
        objects.grep(IO::Buffer).each { |view| assert_equal "\0", view.get_string(0, 1) }
      end
    end
  end

  def test_the_memory_goes_when_handle_and_views_are_gone
    with_segment(size: 4096) do |shm|
      inode = File.stat("/dev/shm/#{shm.name}").ino.to_s
      mapped = -> { File.foreach("/proc/self/maps").any? { |line| line.split[4] == inode } }
      views = []
      Thread.new { 10.times { views << shm.buf << views.last.slice(0, 8) } }.join
      shm.close
      assert mapped.call
      views.clear
      wait_until("unmapped") { GC.start || !mapped.call }
    end
  end

  def test_free_gives_up_just_that_view
    with_segment do |shm|
      view = shm.buf
      slice = view.slice(0, 8)
      view.free
      assert_predicate view, :null?
      assert_raises(IO::Buffer::AllocationError) { view.get_string }
      assert_raises(StandardError) { view.slice(0, 4) }
      slice.set_string("alive")
      assert_equal "alive", shm.buf.get_string(0, 5)
      view.free
      slice.free
      assert_equal "alive", shm.read(0, 5)
    end
  end

  def test_transfer_moves_the_view
    shm = SharedMemory.create(fresh_name, size: 8)
    shm.write(0, "moved")
    view = shm.buf
    other = view.transfer
    dispose(shm)
    shm = nil
    assert_predicate view, :null?
    view = nil
    GC.start
    assert_equal "moved", other.get_string(0, 5)
    assert_equal "ved", other.slice(2, 3).get_string
    assert_equal "moved", other.transfer.get_string(0, 5)
  end

  def test_a_view_cannot_be_resized
    with_segment do |shm|
      [shm.buf, shm.buf.slice(0, 8), shm.buf.transfer].each do |view|
        assert_raises(IO::Buffer::AccessError) { view.resize(4) }
        assert_raises(IO::Buffer::AccessError) { view.resize(1 << 20) }
      end
    end
  end

  def test_a_freed_view_that_is_resized_is_ruby_s_own_memory
    with_segment do |shm|
      view = shm.buf.free
      view.resize(16)
      view.set_string("own", 0)
      slice = view.slice(0, 3)
      assert_equal "own", slice.get_string
      assert_equal "\0\0\0", shm.read(0, 3)
      view = nil
      GC.start
      assert_equal "own", slice.get_string
    end
  end

  def test_other_buffers_may_be_extended_by_view
    buffer = own_buffer("text" * 1000).extend(View)
    slice = buffer.slice(4, 4)
    GC.start
    assert_equal "text", slice.get_string
    assert_raises(TypeError) { Object.new.extend(View).slice(0, 1) }
    assert_raises(NoMethodError) { Object.new.extend(View).get_value(:U8, 0) }
  end

  def test_a_locked_view_is_neither_freed_nor_transferred
    with_segment do |shm|
      view = shm.buf
      view.locked do
        assert_raises(IO::Buffer::LockedError) { view.free }
        assert_raises(IO::Buffer::LockedError) { view.transfer }
      end
    end
  end

  def test_dup_and_clone_share_nothing
    with_segment do |shm|
      view = shm.buf
      [view.dup, view.clone].each do |copy|
        copy.resize(8) # null before in Ruby 3.1, a copy of the bytes in later ones
        copy.set_string("copy")
        assert_equal "copy", copy.slice(0, 4).get_string
        assert_equal "\0\0\0\0", shm.read(0, 4)
      end
    end
  end

  def test_a_view_of_a_readonly_handle_is_readonly_and_so_are_its_slices
    with_segment do |shm|
      SharedMemory.attach(shm.name, readonly: true) do |other|
        views = [other.buf, other.buf.slice(0, 8), other.buf.slice(0, 8).slice(2, 4), other.buf.transfer,
                 other.buf.slice(0, 8).transfer, other.buf.transfer.slice(0, 4)]
        views.each do |view|
          assert_predicate view, :readonly?
          assert_raises(IO::Buffer::AccessError) { view.set_value(:U8, 0, 1) }
          assert_raises(IO::Buffer::AccessError) { view.set_string("x") }
          assert_raises(IO::Buffer::AccessError) { view.clear }
          assert_raises(IO::Buffer::AccessError) { view.copy(shm.buf.slice(0, 1)) }
        end
      end
      refute_predicate shm.buf.slice(0, 8), :readonly?
    end
  end

  def test_offsets_and_lengths_outside_are_refused
    with_segment(size: 64) do |shm|
      view = shm.buf
      source = own_buffer("x" * 8)
      bad = [-1, -8, -64, -2**63, 65, 2**63 - 1, 2**63, 2**64 - 8, 2**64 - 1, 2**64, -1.5]
      bad.each do |number|
        assert_refused(number) { view.get_value(:U64, number) }
        assert_refused(number) { view.set_value(:U64, number, 1) }
        assert_refused(number) { view.get_string(number) }
        assert_refused(number) { view.get_string(8, number) }
        assert_refused(number) { view.set_string("x", number) }
        assert_refused(number) { view.set_string("x" * 8, 8, number) }
        assert_refused(number) { view.set_string("x" * 8, 8, 1, number) }
        assert_refused(number) { view.copy(source, 8, number) }
        assert_refused(number) { view.clear(0, number) }
        assert_refused(number) { view.clear(0, number, 8) }
        assert_refused(number) { view.clear(0, 8, number) }
        assert_refused(number) { view.slice(number, 1) }
        assert_refused(number) { view.slice(8, number) }
        assert_refused(number) { File.open("/dev/null") { |file| view.read(file, number) } }
        assert_refused(number) { File.open("/dev/null", "w") { |file| view.write(file, number) } }
      end
      assert_equal "\0" * 64, view.get_string
    end
  end

  def assert_refused(number, &call)
    assert_raises(ArgumentError, RangeError, number.to_s, &call)
  end

  def test_slices_at_the_ends
    with_segment(size: 16) do |shm|
      assert_equal 0, shm.buf.slice(16, 0).size
      assert_equal 16, shm.buf.slice(0, 16).size
      assert_equal 12, shm.buf.slice(4).size
      assert_equal 16, shm.buf.slice.size
      assert_raises(ArgumentError) { shm.buf.slice(16, 1) }
      assert_raises(TypeError) { shm.buf.slice("0", 1) }
    end
  end

  def test_a_view_reads_from_and_writes_to_files
    with_segment(size: 16) do |shm|
      reader, writer = IO.pipe
      shm.write(0, "through the pipe")
      shm.buf.slice(8, 8).write(writer, 8)
      assert_equal "the pipe", reader.readpartial(8)
      writer.write("12345678")
      shm.buf.slice(0, 8).read(reader, 8)
      assert_equal "12345678", shm.read(0, 8)
    ensure
      [reader, writer].each(&:close)
    end
  end

  def test_views_survive_compaction
    skip "no GC.compact here" unless GC.respond_to?(:compact)

    with_segment do |shm|
      views = Array.new(20) { |index| shm.buf.slice(index, 8) }
      GC.compact
      views.each { |view| view.set_value(:U8, 0, 7) }
      assert_equal "\a" * 20, shm.read(0, 20)
    end
  end

  def test_a_memory_view_shares_the_bytes_and_outlives_close
    with_segment do |shm|
      shm.write(0, "abc")
      view = Fiddle::MemoryView.new(shm)
      assert_equal 64, view.byte_size
      refute_predicate view, :readonly?
      shm.close
      assert_equal [97, 98, 99], (0..2).map { |index| view[index] }
      view.release
      assert_raises(ArgumentError) { Fiddle::MemoryView.new(shm) }
    end
  end

  def test_a_memory_view_of_a_readonly_handle_is_readonly
    with_segment do |shm|
      SharedMemory.attach(shm.name, readonly: true) do |other|
        view = Fiddle::MemoryView.new(other)
        assert_predicate view, :readonly?
        view.release
      end
    end
  end

  private

  # A buffer that is no view. Not IO::Buffer.for: Ruby 3.1.2 aborts when it collects such a buffer after its string.
  def own_buffer(string)
    buffer = IO::Buffer.new(string.bytesize)
    buffer.set_string(string)
    buffer
  end
end
