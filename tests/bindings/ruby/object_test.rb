# frozen_string_literal: true

require_relative "polyshm_case"
require "fiddle"
require "pp"

# Handles as objects among others: frozen, compared, copied, dumped, matched, printed, in Ractors.
class ObjectTest < PolyshmCase
  # What a frozen list refuses.
  WRITES = {
    set: ->(list) { list[0] = 2 },
    write: ->(list) { list[0..] = [2, 2] },
    add: ->(list) { list.add(0) },
    compare_exchange: ->(list) { list.compare_exchange(0, 1, 2) },
    lock: ->(list) { list.lock(timeout: 0) },
    synchronize: ->(list) { list.synchronize(timeout: 0) { flunk } },
    timeout: ->(list) { list.timeout = 1 }
  }.freeze

  def test_a_frozen_list_reads_and_does_not_write
    with_list([1, 2]) do |list|
      list.freeze
      WRITES.each { |name, call| assert_raises(FrozenError, name) { call.call(list) } }
      assert_equal [1, 2], list.to_a
      assert_equal [[1, 2], list.version], list.snapshot
      with_peer(list) { |peer| peer[0] = 5 }
      assert_equal 5, list[0]
      assert_raises(Errno::ETIMEDOUT) { list.wait(list.version, timeout: 0) }
      refute_predicate list.shm, :frozen?
      assert_same list.shm, list.shm
      refute_predicate list, :readonly?
      assert_includes list.inspect, "[5, 2]"
      assert_equal 10, list.timeout
    end
  end

  def test_a_list_that_is_frozen_under_its_lock_gives_it_back
    with_list([1]) do |list|
      list.synchronize { list.freeze }
      with_peer(list) { |peer| peer.synchronize(timeout: 0) {} }
    end
  end

  def test_a_frozen_segment_is_as_a_readonly_one
    with_segment(size: 8) do |shm|
      shm.write(0, "kept")
      writable = shm.buf
      shm.freeze
      assert_raises(FrozenError) { shm.write(0, "lost") }
      assert_predicate shm.buf, :readonly?
      assert_predicate shm.buf.slice(0, 4), :readonly?
      Fiddle::MemoryView.new(shm).tap { |view| assert_predicate view, :readonly? }.release
      assert_equal "kept", shm.read(0, 4)
      writable.set_string("more")
      assert_equal "more", shm.read(0, 4)
      refute_predicate shm, :readonly?
    end
  end

  def test_a_frozen_handle_is_closed_and_unlinked
    [SharedMemory.create(fresh_name, size: 1), ShareableList.create([1], name: fresh_name)].each do |handle|
      handle.freeze
      assert_nil handle.close
      assert_predicate handle, :closed?
      assert_nil handle.unlink
    end
    ShareableList.attach(ShareableList.create([1], name: fresh_name).shm.name) { |list| list.freeze.unlink }
  end

  def test_lists_are_equal_to_themselves_alone_and_have_no_order
    with_list([1]) do |list|
      with_peer(list) do |peer|
        [[list, peer], [list.shm, peer.shm], [list, [1]]].each do |one, other|
          refute_operator one, :==, other
          refute_operator one, :eql?, other
          assert_operator one, :==, one
          assert_nil one <=> other
          assert_equal 0, one <=> one
          assert_equal 1, { one => 1 }[one]
          assert_nil({ one => 1 }[other])
          assert_raises(ArgumentError) { [one, other].sort }
          assert_raises(NoMethodError) { one < other }
        end
      end
    end
  end

  def test_items_that_have_no_order_are_an_argument_error
    with_list([1, "a", nil]) do |list|
      %i[sort max min minmax].each { |name| assert_raises(ArgumentError, name) { list.public_send(name) } }
      assert_raises(TypeError) { list.sum }
      assert_equal ["", "1", "a"], list.sort_by(&:to_s).map(&:to_s)
    end
  end

  def test_dig_is_like_an_array_s
    with_list([1, nil, "a"]) do |list|
      assert_equal "a", list.dig(-1)
      assert_nil list.dig(3)
      assert_nil list.dig(1, :any, 2)
      assert_equal 1, { list: list }.dig(:list, 0)
      assert_raises(TypeError) { list.dig(0, 1) }
      assert_raises(ArgumentError) { list.dig }
    end
  end

  def test_a_list_matches_patterns_of_arrays
    with_list([200, "OK", nil]) do |list|
      assert_equal "OK", (list in [Integer, String => text, nil]) && text
      refute((list in []))
      assert((list in [*, nil]))
    end
  end

  def test_enumerators_know_their_size
    with_list([1, 2, 3, 4]) do |list|
      %i[each each_with_index each_entry map reverse_each select group_by sort_by].each do |name|
        assert_equal 4, list.public_send(name).size, name
      end
      assert_equal [2, 3], [list.each_slice(2).size, list.each_cons(2).size]
      assert_equal [[1, 0], [2, 1]], list.each_with_index.first(2)
      assert_equal [1, 4, 9, 16], list.each.with_index(1).map { |item, place| item * place }
      assert_equal [2, 4], list.lazy.select(&:even?).first(2)
    end
  end

  def test_pp_is_as_inspect_and_breaks_long_lines
    with_list([1, "é"]) { |list| assert_equal "#{list.inspect}\n", list.pretty_inspect }
    with_segment { |shm| assert_equal "#{shm.inspect}\n", shm.pretty_inspect }
    with_list(["x" * 40] * 100) do |list|
      lines = list.pretty_inspect.lines(chomp: true)
      assert_equal %(#<Polyshm::ShareableList "#{list.shm.name}" [), lines[0]
      assert_equal %( "#{'x' * 40}",), lines[1]
      assert_equal " ... 100 items]>", lines[-1]
      assert_equal 18, lines.size
      list.close
      assert_equal "#{list.inspect}\n", list.pretty_inspect
    end
  end

  def test_marshal_dumps_the_class_and_the_name
    special = Class.new(ShareableList)
    self.class.const_set(:Special, special)
    special.create([1, 2], name: fresh_name) do |list|
      copies = Marshal.load(Marshal.dump([list, list, list.shm]))
      assert_instance_of special, copies[0]
      assert_same copies[0], copies[1]
      assert_instance_of SharedMemory, copies[2]
      assert_equal list.shm.name, copies[2].name
      [copies[0], copies[2]].each(&:close)
      assert_operator Marshal.dump(list).size, :<, 150
      list.close
      Marshal.load(Marshal.dump(list)).tap { |copy| assert_equal [1, 2], copy.to_a }.close
      list.unlink
    end
  ensure
    self.class.send(:remove_const, :Special)
  end

  def test_marshal_load_fails_as_attach_does
    list = ShareableList.create([1], name: fresh_name)
    dump = Marshal.dump(list)
    dispose(list)
    assert_raises(Errno::ENOENT) { Marshal.load(dump) }
    SharedMemory.create(list.shm.name, size: 8) do |shm|
      shm.write(0, "\xFF" * 8)
      assert_raises(Polyshm::Error) { Marshal.load(dump) }
      assert_raises(TypeError) { Marshal.dump(shm.buf) }
      shm.unlink
    end
    [SharedMemory, ShareableList].each { |kind| assert_raises(TypeError) { kind._load("no dump") } }
  end

  def test_texts_are_utf8_whatever_the_default_encodings_are
    assert_equal "UTF-8 ASCII-8BIT UTF-8 ASCII-8BIT\n", run_ruby(<<~RUBY).last
      Encoding.default_internal, Encoding.default_external = "ISO-8859-1", "UTF-16LE"
      Polyshm::ShareableList.create(["é", "b".b]) do |list|
        list.unlink
        puts [list[0], list[1], list.shm.name, list.shm.read(0, 1)].map(&:encoding).join(" ")
      end
    RUBY
  end

  # The name goes, the handle does not. Tests of what Ractors do to a process run in one of their own.
  def test_handles_stay_in_their_ractor
    assert_equal "", assert_survives(<<~'RUBY')
      def refuse(what, *errors)
        yield
        raise "#{what} is possible"
      rescue *errors
        nil
      end

      list = Polyshm::ShareableList.create([1])
      list.unlink
      [list, list.shm, list.shm.buf, Polyshm::SharedMemoryManager.start].each do |handle|
        refuse("sharing #{handle}", Ractor::Error) { Ractor.make_shareable(handle) }
        raise "#{handle} is shareable" if Ractor.shareable?(handle) || Ractor.shareable?(handle.freeze)
        ractor = Ractor.new { Ractor.receive }
        refuse("copying #{handle}", TypeError) { ractor.send(handle) }
        refuse("moving #{handle}", TypeError, Ractor::Error) { ractor.send(handle, move: true) }
        ractor.send(nil)
        ractor.take
      end
      raise "changed" unless list[0] == 1
    RUBY
  end

  def test_all_works_in_a_ractor_by_name
    with_list([1, "text"]) do |list|
      output = assert_survives(<<~RUBY, list.shm.name)
        require "pp"
        Ractor.new(ARGV[0]) do |name|
          Polyshm::ShareableList.attach(name) do |list|
            list.synchronize { list.add(0) }
            list.shm.buf.slice(0, 8).get_value(:u64, 0)
            list.wait(list.version - 1)
            [list.inspect, PP.singleline_pp(list, +""), list.snapshot, Marshal.load(Marshal.dump(list)).close]
            list.freeze
            begin
              list[0] = 1
            rescue FrozenError => error
              error.message
            end
          end
          Polyshm::SharedMemoryManager.start { |manager| manager.shareable_list([1]).close }
          [Polyshm::VERSION, Polyshm.version, Polyshm.block_names.include?(name), Polyshm.status_name(-5)]
        end.take.each { |value| p value }
      RUBY
      assert_equal [VERSION, VERSION, true, "POLYSHM_ENOENT"].map(&:inspect), output.lines(chomp: true)
      assert_equal 2, list[0]
    end
  end

  def test_the_names_of_blocks
    with_list([1]) do |list|
      assert_includes Polyshm.block_names, list.shm.name
      assert_equal [Encoding::UTF_8], Polyshm.block_names.map(&:encoding).uniq
      names = Array.new(200) { fresh_name.ljust(200, "x") }
      names.each { |name| File.write("/dev/shm/#{name}", "") }
      assert_empty names - Polyshm.block_names
    ensure
      names.each { |name| File.unlink("/dev/shm/#{name}") }
    end
    refute_includes Polyshm.block_names, "#{PREFIX}1"
  end

  def test_the_version_is_a_constant
    assert_equal Polyshm.version, VERSION
    assert_predicate VERSION, :frozen?
  end
end
