# frozen_string_literal: true

require_relative "polyshm_case"

# Nothing that a script does may crash its interpreter, or leave memory behind.
class MisuseTest < PolyshmCase
  def test_there_are_no_handles_without_a_block
    [SharedMemory, ShareableList, Class.new(SharedMemory), Class.new(ShareableList)].each do |kind|
      assert_raises(NoMethodError) { kind.new }
      assert_raises(NoMethodError) { kind.allocate }
      assert_raises(TypeError) { Class.instance_method(:allocate).bind_call(kind) }
      assert_raises(TypeError) { Class.instance_method(:new).bind_call(kind) }
    end
  end

  def test_handles_are_not_copied
    with_list([1]) do |list|
      [list, list.shm].each do |handle|
        assert_raises(TypeError) { handle.dup }
        assert_raises(TypeError) { handle.clone }
      end
    end
  end

  def test_methods_do_not_go_to_other_objects
    with_list([1]) do |list|
      [SharedMemory, ShareableList].each do |kind|
        kind.instance_methods(false).each do |name|
          [Object.new, nil, kind, 5, kind == SharedMemory ? list : list.shm].each do |other|
            assert_raises(TypeError) { kind.instance_method(name).bind(other) }
          end
        end
      end
    end
  end

  def test_instance_variables_do_not_decide_what_a_handle_is
    with_list([1]) do |list|
      list.shm.instance_variable_set(:@__swigtype__, "_p_polyshm_list")
      list.instance_variable_set(:@__swigtype__, "_p_polyshm_segment")
      assert_equal [1], list.to_a
      list.shm.close
      assert_predicate list, :closed?
    end
  end

  def test_what_the_idiomatic_layer_wraps_is_private
    [Polyshm, SharedMemory, ShareableList].each do |object|
      assert_empty object.public_methods.grep(/raw|swig/i)
      assert_empty object.constants.grep(/SEGMENT|POLYSHM|TYPE/)
    end
    [SharedMemory, ShareableList].each { |kind| assert_empty kind.public_instance_methods.grep(/raw|swig/i) }
    assert_raises(TypeError) { ShareableList.send(:raw_create, nil, "values", 0, 0, 0) }
  end

  def test_half_made_objects_that_objectspace_finds_do_no_harm
    assert_survives(<<~'RUBY')
      include Polyshm
      20.times { ShareableList.attach("t_ruby_none") rescue SharedMemory.attach("t_ruby_none") rescue nil }
      [SharedMemory, ShareableList].each do |kind|
        methods = kind.public_instance_methods(false) - %i[dup clone]
        ObjectSpace.each_object(kind) do |half|
          methods.each { |name| [[], [0], [0, 1]].each { |arguments| half.public_send(name, *arguments) rescue 0 } }
        end
      end
    RUBY
  end

  def test_a_list_closed_while_its_index_is_converted
    with_list([1, 2, 3]) do |list|
      index = Object.new
      index.define_singleton_method(:to_int) { list.close && 0 || 0 }
      assert_raises(IOError) { list[index] }
      assert_raises(IOError) { list[0, index] }
      assert_raises(IOError) { list[index] = 1 }
      assert_raises(IOError) { list.shm.read(index) }
    end
  end

  def test_an_array_that_shrinks_while_it_is_converted
    values = ["a".encode("UTF-16LE")] * 100
    values.define_singleton_method(:to_ary) { values.clear }
    with_list(Array.new(3)) do |list|
      range = Object.new
      range.define_singleton_method(:begin) { values.pop && 0 }
      range.define_singleton_method(:end) { 2 }
      range.define_singleton_method(:exclude_end?) { false }
      assert_raises(ArgumentError) { list[range] = values }
    end
  end

  def test_everything_works_under_gc_stress
    assert_survives(<<~'RUBY')
      include Polyshm
      GC.stress = true
      list = ShareableList.create([1, "text" * 100, nil, 2.5, 2**63 - 1, "é".encode("UTF-16LE"), "b".b], spare: 16)
      list[0] = "12345678"
      list[1..2] = ["x" * 300, "y"]
      begin list[9] = 1; rescue IndexError => error; error.message; end
      begin list[0] = :bad; rescue TypeError => error; error.message; end
      list.inspect
      view = list.shm.buf.slice(0, 16).transfer.slice(8, 8)
      list.each { |value| value.inspect }
      list.unlink
      list.close
      raise "wrong" unless view.get_value(:u64, 0).zero?
    RUBY
  end

  def test_lists_are_made_under_compaction
    skip "no GC.auto_compact here" unless GC.respond_to?(:auto_compact=)

    assert_survives(<<~'RUBY')
      GC.auto_compact = true
      50.times do |round|
        values = Array.new(200) { |index| index.even? ? "text #{round} #{index}" : index }
        list = Polyshm::ShareableList.create(values)
        list.unlink
        GC.start
        raise "changed" unless list.to_a == values
        list[0..] = values
        list.close
      end
    RUBY
  end

  # Half a gigabyte, were each failure to leave its values behind.
  def test_failures_leave_no_memory_behind
    assert_survives(<<~'RUBY')
      include Polyshm
      resident = -> { GC.start; File.read("/proc/self/statm").split[1].to_i * 4096 }
      fail_often = lambda do |count|
        texts = ["x" * 50_000, "y" * 50_000]
        list = ShareableList.create(texts)
        list.unlink
        count.times do
          begin ShareableList.create(texts + [:bad]); rescue TypeError; end
          begin ShareableList.create(texts + ["\xFF"]); rescue EncodingError; end
          begin ShareableList.create(texts, name: "a/b"); rescue SystemCallError; end
          begin list[0..1] = texts + [1]; rescue ArgumentError; end
          begin list[0..1] = [1, "z" * 60_000]; rescue RangeError; end
          list.to_a; list[0]; list.format
        end
        list.close
      end
      fail_often.(100)
      before = resident.()
      fail_often.(1000)
      grown = resident.() - before
      raise "grew by #{grown} bytes" if grown > 200 << 20
    RUBY
  end
end
