# frozen_string_literal: true

require_relative "polyshm_case"

class SharedMemoryTest < PolyshmCase
  def test_create_gives_a_zero_filled_block_of_exactly_the_size
    with_segment(size: 4097) do |shm|
      assert_equal 4097, shm.size
      assert_equal "\0".b * 4097, shm.read
      assert_path_exists "/dev/shm/#{shm.name}"
      assert_equal 4097, File.size("/dev/shm/#{shm.name}")
    end
  end

  def test_create_without_a_name_makes_one_up
    SharedMemory.create(size: 1) do |shm|
      assert_match(/\Apsm_\h{8}\z/, shm.name)
      shm.unlink
    end
  end

  def test_create_with_a_block_returns_its_value_and_closes
    inner = nil
    result = SharedMemory.create(fresh_name, size: 1) do |shm|
      inner = shm
      shm.unlink
      :value
    end
    assert_equal :value, result
    assert_predicate inner, :closed?
  end

  def test_a_block_that_raises_or_throws_closes_too
    with_segment do |shm|
      inner = nil
      assert_raises(ZeroDivisionError) { SharedMemory.attach(shm.name) { |other| (inner = other).size / 0 } }
      assert_predicate inner, :closed?
      catch(:out) { SharedMemory.attach(shm.name) { |other| throw :out, inner = other } }
      assert_predicate inner, :closed?
    end
  end

  def test_mode_is_set_whatever_the_umask
    before = File.umask(0o077)
    with_segment(mode: 0o640) { |shm| assert_equal 0o640, File.stat("/dev/shm/#{shm.name}").mode & 0o777 }
    with_segment { |shm| assert_equal 0o600, File.stat("/dev/shm/#{shm.name}").mode & 0o777 }
  ensure
    File.umask(before)
  end

  def test_create_reserves_memory_unless_sparse
    with_segment(size: 1 << 20) { |shm| assert_operator File.stat("/dev/shm/#{shm.name}").blocks, :>=, 2048 }
    with_segment(size: 1 << 40, sparse: true) { |shm| assert_equal 0, File.stat("/dev/shm/#{shm.name}").blocks }
  end

  def test_attach_sees_what_others_write
    with_segment do |shm|
      SharedMemory.attach(shm.name) do |other|
        shm.write(3, "there")
        assert_equal "there", other.read(3, 5)
        other.write(3, "and b")
        assert_equal "and b", shm.read(3, 5)
      end
    end
  end

  def test_create_or_attach_tells_whether_it_created
    name = fresh_name
    SharedMemory.create_or_attach(name, size: 10) do |first|
      assert_predicate first, :created?
      SharedMemory.create_or_attach(name, size: 5) do |second|
        refute_predicate second, :created?
        assert_equal 10, second.size
      end
      assert_raises(RangeError) { SharedMemory.create_or_attach(name, size: 11) }
      first.unlink
    end
  end

  def test_created_is_true_for_create_and_false_for_attach
    with_segment do |shm|
      assert_same true, shm.created?
      assert_same false, SharedMemory.attach(shm.name, &:created?)
    end
  end

  def test_exist_and_attached_tell_of_a_name
    name = fresh_name
    refute SharedMemory.exist?(name)
    assert_raises(Errno::ENOENT) { SharedMemory.attached?(name) }
    with_segment do |shm|
      assert SharedMemory.exist?(shm.name)
      assert SharedMemory.attached?(shm.name)
      shm.close
      refute SharedMemory.attached?(shm.name)
    end
  end

  def test_read_and_write_take_offsets_and_sizes
    with_segment(size: 10) do |shm|
      assert_equal 4, shm.write(6, "abcd")
      assert_equal "abcd", shm.read(6)
      assert_equal "bc", shm.read(7, 2)
      assert_equal "", shm.read(10)
      assert_equal "", shm.read(0, 0)
      assert_equal "\0\0abcd", shm.read(4, nil)
      assert_equal 0, shm.write(10, "")
      assert_equal Encoding::BINARY, shm.read.encoding
    end
  end

  def test_write_takes_the_bytes_of_any_encoding
    with_segment(size: 10) do |shm|
      assert_equal 4, shm.write(0, "éa\0")
      assert_equal "\xC3\xA9a\0".b, shm.read(0, 4)
      shm.write(0, "ab".encode("UTF-16LE"))
      assert_equal "a\0b\0".b, shm.read(0, 4)
    end
  end

  def test_access_outside_of_the_block_is_a_range_error_and_changes_nothing
    with_segment(size: 8) do |shm|
      [[9], [0, 9], [8, 1], [1, 8], [-1], [0, -1], [2**64], [2**64 - 1, 2], [4, 2**64 - 2], [2**63] * 2].each do |place|
        assert_raises(RangeError, place.inspect) { shm.read(*place) }
      end
      [[8, "x"], [1, "x" * 8], [-1, "x"], [2**64, "x"], [2**64 - 1, "xx"], [9, ""]].each do |place|
        assert_raises(RangeError, place.inspect) { shm.write(*place) }
      end
      assert_equal "\0".b * 8, shm.read
    end
  end

  def test_readonly_attachments_read_but_do_not_write
    with_segment do |shm|
      shm.write(0, "seen")
      SharedMemory.attach(shm.name, readonly: true) do |other|
        assert_predicate other, :readonly?
        assert_equal "seen", other.read(0, 4)
        error = assert_raises(IOError) { other.write(0, "x") }
        assert_match(/read-only/, error.message)
      end
      refute_predicate shm, :readonly?
      assert_equal "seen", shm.read(0, 4)
    end
  end

  def test_same_user_admits_ones_own_blocks
    with_segment { |shm| SharedMemory.attach(shm.name, same_user: true, &:close) }
  end

  def test_close_twice_is_fine_and_later_access_is_an_io_error
    with_segment(size: 7) do |shm|
      assert_nil shm.close
      assert_nil shm.close
      assert_predicate shm, :closed?
      assert_raises(IOError) { shm.read }
      assert_raises(IOError) { shm.write(0, "") }
      assert_raises(IOError) { shm.buf }
      assert_equal 7, shm.size
      assert_equal PREFIX, shm.name[0, PREFIX.size]
      refute_predicate shm, :readonly?
      assert_predicate shm, :created?
    end
  end

  def test_unlink_works_on_a_closed_handle_and_once
    shm = SharedMemory.create(fresh_name, size: 1)
    shm.close
    assert_nil shm.unlink
    refute SharedMemory.exist?(shm.name)
    assert_raises(Errno::ENOENT) { shm.unlink }
  end

  def test_unlink_leaves_another_block_of_that_name
    old = SharedMemory.create(fresh_name, size: 1)
    old.unlink
    SharedMemory.create(old.name, size: 2) do |new|
      assert_raises(Errno::ENOENT) { old.unlink }
      assert SharedMemory.exist?(new.name)
      new.unlink
    end
  ensure
    old.close
  end

  def test_inspect_shows_name_size_and_state
    with_segment(size: 12) do |shm|
      assert_equal %(#<Polyshm::SharedMemory "#{shm.name}" 12 bytes>), shm.inspect
      SharedMemory.attach(shm.name, readonly: true) do |other|
        other.close
        assert_equal %(#<Polyshm::SharedMemory "#{shm.name}" 12 bytes read-only closed>), other.to_s
      end
    end
  end

  def test_marshal_attaches_by_name_and_keeps_readonly
    with_segment do |shm|
      shm.write(0, "same")
      copy = Marshal.load(Marshal.dump(shm))
      assert_equal "same", copy.read(0, 4)
      refute_predicate copy, :readonly?
      refute_predicate copy, :created?
      SharedMemory.attach(shm.name, readonly: true) do |other|
        again = Marshal.load(Marshal.dump(other))
        assert_predicate again, :readonly?
        again.close
      end
      copy.close
    end
  end

  def test_marshal_load_of_a_block_that_is_gone_is_enoent
    shm = SharedMemory.create(fresh_name, size: 1)
    dump = Marshal.dump(shm)
    dispose(shm)
    assert_raises(Errno::ENOENT) { Marshal.load(dump) }
  end

  def test_a_subclass_gets_handles_of_its_own_class
    special = Class.new(SharedMemory)
    special.create(fresh_name, size: 1) do |shm|
      assert_instance_of special, shm
      special.create_or_attach(shm.name, size: 1) { |other| assert_instance_of special, other }
      shm.unlink
    end
  end

  def test_names_may_be_text_in_any_encoding
    name = "#{fresh_name}é"
    SharedMemory.create(name.encode("ISO-8859-1"), size: 1) do |shm|
      assert_equal name, shm.name
      assert_equal Encoding::UTF_8, shm.name.encoding
      assert SharedMemory.exist?(name.encode("UTF-16LE"))
      shm.unlink
    end
  end

  def test_a_name_of_250_bytes_is_fine
    SharedMemory.create(fresh_name.ljust(250, "x"), size: 1, &:unlink)
  end

  def test_versions_and_status_names
    assert_match(/\A\d+\.\d+\.\d+\z/, Polyshm.version)
    assert_equal 1, Polyshm.abi_version
    assert_equal "POLYSHM_ENOENT", Polyshm.status_name(-5)
    assert_equal "POLYSHM_UNKNOWN", Polyshm.status_name(-1000)
  end
end
