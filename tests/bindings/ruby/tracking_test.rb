# frozen_string_literal: true

require_relative "manager_case"

# Created blocks go with their creator, once nobody is attached; attaching has nothing removed.
class TrackingTest < ManagerCase
  CREATIONS = {
    "SharedMemory.create" => "Polyshm::SharedMemory.create(ARGV[0], size: 8%s)",
    "create_or_attach" => "Polyshm::SharedMemory.create_or_attach(ARGV[0], size: 8%s)",
    "ShareableList.create" => "Polyshm::ShareableList.create([1], name: ARGV[0]%s)"
  }.freeze

  ENDINGS = ["", "exit!", "raise 'failure'", "Process.kill(:TERM, $$); sleep", "Process.kill(:KILL, $$); sleep"].freeze

  def test_a_block_goes_with_its_creator_however_that_ends
    CREATIONS.each_value do |creation|
      ENDINGS.each do |ending|
        name = fresh_name
        run_ruby("#{format(creation, '')}; #{ending}", name)
        wait_for_end_of(name)
      end
    end
  end

  def test_a_block_that_is_not_tracked_stays
    CREATIONS.each_value do |creation|
      name = fresh_name
      assert_survives(format(creation, ", track: false"), name)
      SharedMemory.attach(name, &:unlink)
    end
    assert_equal 0, helper
  end

  def test_a_block_lives_as_long_as_somebody_is_attached
    name = fresh_name
    with_ruby(CREATIONS["ShareableList.create"] % "", name) do |creator|
      ShareableList.attach(name) do |list|
        end_process(creator, :KILL)
        with_ruby("Polyshm::SharedMemory.attach(ARGV[0])", name) do |other|
          list.close
          assert SharedMemory.exist?(name)
          end_process(other, :KILL)
        end
      end
    end
    wait_for_end_of(name)
  end

  def test_closing_is_not_ending
    name = fresh_name
    with_ruby("Polyshm::SharedMemory.create(ARGV[0], size: 8, &:size)", name) do
      refute SharedMemory.attached?(name)
      SharedMemory.attach(name) { |shm| assert_equal 8, shm.size }
    end
    wait_for_end_of(name)
  end

  def test_attaching_tracks_nothing
    shm = SharedMemory.create(fresh_name, size: 8, track: false)
    assert_survives("Polyshm::SharedMemory.attach(ARGV[0])", shm.name)
    assert_survives("Polyshm::SharedMemory.create_or_attach(ARGV[0], size: 8)", shm.name)
    assert SharedMemory.exist?(shm.name)
    assert_equal 0, helper
  ensure
    dispose(shm)
  end

  def test_a_forked_child_tracks_what_it_creates_itself
    mine, child = fresh_name, fresh_name
    with_ruby(<<~RUBY, mine, child) do
      Polyshm::SharedMemory.create(ARGV[0], size: 8)
      Process.wait(fork { Polyshm::SharedMemory.create(ARGV[1], size: 8) })
    RUBY
      wait_for_end_of(child)
      assert SharedMemory.exist?(mine)
    end
    wait_for_end_of(mine)
  end

  def test_unlinking_leaves_nothing_to_do
    name = fresh_name
    assert_survives("Polyshm::SharedMemory.create(ARGV[0], size: 8, &:unlink)", name)
    refute SharedMemory.exist?(name)
  end

  def test_a_folder_that_others_can_open_is_refused_and_nothing_is_made
    Dir.mkdir("#{@folder}/polyshm")
    File.chmod(0o755, "#{@folder}/polyshm")
    name = fresh_name
    assert_equal "Errno::EACCES Errno::EACCES Errno::EACCES", assert_survives(<<~RUBY, name)
      include Polyshm
      print [-> { SharedMemory.create(ARGV[0], size: 8) }, -> { ShareableList.create([], name: ARGV[0]) },
             -> { SharedMemoryManager.start }].map { |call| call.() rescue $!.class }.join(" ")
    RUBY
    refute SharedMemory.exist?(name)
    SharedMemory.create(name, size: 8, track: false, &:unlink)
  end
end
