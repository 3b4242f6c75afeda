# frozen_string_literal: true

require_relative "polyshm_case"

class ProcessTest < PolyshmCase
  def test_a_forked_child_shares_what_it_inherited
    with_list([1, "a"]) do |list|
      in_child do
        list[0] += 1
        list[1] = "child"
      end
      assert_equal [2, "child"], list.to_a
    end
  end

  def test_closing_in_a_child_leaves_the_parent_s_handle
    with_segment do |shm|
      view = shm.buf
      in_child do
        shm.close
        view = nil
        GC.start
        shm.closed?
      end
      refute_predicate shm, :closed?
      view.set_string("mine")
      assert_equal "mine", shm.read(0, 4)
    end
  end

  def test_a_child_that_ends_removes_nothing
    with_list([1]) do |list|
      assert_survives("Polyshm::ShareableList.attach(ARGV[0])[0] = 2", list.shm.name)
      assert SharedMemory.exist?(list.shm.name)
      assert_equal 2, list[0]
    end
  end

  def test_children_attach_to_each_other_s_blocks
    name = fresh_name
    in_child { SharedMemory.create(name, size: 8, track: false) { |shm| shm.write(0, "left") } }
    SharedMemory.attach(name) do |shm|
      assert_equal "left", shm.read(0, 4)
      shm.unlink
    end
  end

  def test_processes_that_create_or_attach_at_once_agree
    name = fresh_name
    children = Array.new(8) do
      fork { exit!(SharedMemory.create_or_attach(name, size: 8, track: false).created? ? 1 : 0) }
    end
    assert_equal 1, children.sum { |pid| wait_for_exit(pid).exitstatus }
    SharedMemory.attach(name, &:unlink)
  end

  def test_garbage_collection_closes
    descriptors = -> { Dir.children("/proc/self/fd").size }
    before = descriptors.call
    with_segment do |shm|
      Thread.new { 50.times { SharedMemory.attach(shm.name) } }.join
      Thread.new { 50.times { Marshal.load(Marshal.dump(shm)) } }.join
      wait_until("handles collected") { GC.start || descriptors.call < before + 20 }
    end
  end

  def test_a_process_out_of_descriptors_collects_the_handles_that_it_dropped
    with_segment do |shm|
      assert_survives(<<~RUBY, shm.name)
        Process.setrlimit(:NOFILE, 100)
        500.times { Polyshm::SharedMemory.attach(ARGV[0]) }
      RUBY
    end
  end

  def test_descriptors_that_are_held_end_in_emfile
    with_segment do |shm|
      output = assert_survives(<<~RUBY, shm.name)
        Process.setrlimit(:NOFILE, 100)
        held = []
        begin
          500.times { held << Polyshm::SharedMemory.attach(ARGV[0]) }
        rescue Errno::EMFILE
          puts "refused"
        end
      RUBY
      assert_equal "refused\n", output
    end
  end

  def test_handles_are_not_inherited_by_exec
    with_segment do |shm|
      links = `ls -l /proc/self/fd`
      refute_includes links, shm.name
    end
  end

  def test_ractors_attach_by_name
    with_list([0] * 4) do |list|
      output = assert_survives(<<~RUBY, list.shm.name)
        ractors = Array.new(4) do |index|
          Ractor.new(ARGV[0], index) do |name, index|
            Polyshm::ShareableList.attach(name) { |list| 100.times { |round| list[index] = round } }
          end
        end
        ractors.each(&:take)
      RUBY
      assert_empty output
      assert_equal [99] * 4, list.to_a
    end
  end

  def test_handles_do_not_go_to_another_ractor
    with_list([1]) do |list|
      assert_raises(Ractor::Error) { Ractor.make_shareable(list) }
      assert_raises(Ractor::Error) { Ractor.make_shareable(list.shm) }
      refute Ractor.shareable?(list)
      assert_equal "TypeError\n", assert_survives(<<~RUBY, list.shm.name)
        list = Polyshm::ShareableList.attach(ARGV[0])
        begin
          Ractor.new(list) { |other| other[0] }
        rescue TypeError => error
          puts error.class
        end
      RUBY
    end
  end
end
