# frozen_string_literal: true

require_relative "manager_case"

class ManagerTest < ManagerCase
  # A manager, and the name of a block that it owns.
  def start_with_block(**options)
    manager = SharedMemoryManager.start(**options)
    manager.shared_memory(8, name: fresh_name) { |shm| return manager, shm.name }
  end

  # What the methods give

  def test_the_block_of_start_gets_the_manager_and_shuts_it_down
    manager = shm = list = nil
    result = SharedMemoryManager.start do |given|
      manager = given
      assert_predicate manager, :owner?
      refute_predicate manager, :closed?
      assert_empty manager.names
      shm = manager.shared_memory(5, name: fresh_name)
      list = manager.shareable_list([1, "é"], name: fresh_name)
      assert_equal [shm.name, list.shm.name], manager.names
      :result
    end
    assert_equal :result, result
    refute SharedMemory.exist?(shm.name) || SharedMemory.exist?(list.shm.name)
    assert_equal [5, [1, "é"]], [shm.size, list.to_a], "who is attached stays attached"
    refute_predicate manager, :owner?
    assert_predicate manager, :closed?
  ensure
    [shm, list].each { |handle| handle&.close }
  end

  def test_created_blocks_are_as_the_options_have_them
    SharedMemoryManager.start do |manager|
      manager.shared_memory(5, mode: 0o640, sparse: true) do |shm|
        assert_instance_of SharedMemory, shm
        assert_predicate shm, :created?
        assert_match(/\Apsm_\h{8}\z/, shm.name)
        assert_equal [5, 0o100640, 0], File.stat("/dev/shm/#{shm.name}").then { |s| [s.size, s.mode, s.blocks] }
        assert_equal shm.size, manager.shared_memory(5, &:size)
      end
      list = manager.shareable_list([nil, "a"].each, name: fresh_name, spare: 20, mode: 0o640)
      list[1] = "x" * 20
      assert_instance_of ShareableList, list
      assert_predicate list.shm, :created?
      assert_equal 0o100640, File.stat("/dev/shm/#{list.shm.name}").mode
      assert_empty manager.shareable_list(&:to_a)
      list.close
    end
  end

  def test_start_without_a_block_gives_the_manager
    manager, name = start_with_block
    assert_match(/\Amanager-\h{8}\z/, manager.address)
    assert_nil manager.shutdown
    assert_nil manager.shutdown
    refute SharedMemory.exist?(name)
    assert_predicate manager, :closed?
    assert_nil manager.join
    2.times { assert_nil manager.close }
    assert_predicate manager, :closed?
  end

  def test_the_end_of_a_manager_is_enoent_for_every_call
    [:shutdown, :close].each do |ending|
      manager, = start_with_block
      address = manager.address
      manager.public_send(ending)
      [-> { manager.shared_memory(1) }, -> { manager.shareable_list([1]) }, -> { manager.adopt("x") },
       -> { manager.release("x") }, -> { manager.names }, -> { SharedMemoryManager.connect(address) }].each do |call|
        assert_includes assert_raises(Errno::ENOENT, &call).message, address
      end
      assert_equal address, manager.address
    end
  end

  def test_a_block_that_is_left_early_shuts_the_manager_down
    leave = {
      exception: ->(&body) { assert_raises(ZeroDivisionError) { SharedMemoryManager.start { |m| body.(m); 1 / 0 } } },
      throw: ->(&body) { catch(:out) { SharedMemoryManager.start { |m| body.(m); throw :out } } },
      break: ->(&body) { SharedMemoryManager.start { |m| body.(m); break } },
      kill: ->(&body) { Thread.new { SharedMemoryManager.start { |m| body.(m); Thread.current.kill } }.join }
    }
    leave.each do |how, run|
      name = fresh_name
      run.call { |manager| manager.shared_memory(8, name: name).close }
      refute SharedMemory.exist?(name), how
    end
  end

  def test_garbage_collection_shuts_a_started_manager_down_and_no_other
    kept, kept_name = start_with_block
    name = nil
    Thread.new { name = start_with_block.last }.join
    Thread.new { 50.times { SharedMemoryManager.connect(kept.address) } }.join
    wait_until("the manager is collected") { GC.start || !SharedMemory.exist?(name) }
    assert SharedMemory.exist?(kept_name)
    kept.close
  end

  def test_connected_handles_create_and_own_nothing
    owner, name = start_with_block(address: "jobs")
    other = SharedMemoryManager.connect("jobs") do |manager|
      assert_equal "jobs", manager.address
      refute_predicate manager, :owner?
      assert_equal [name], manager.names
      error = assert_raises(Polyshm::Error) { manager.shutdown }
      assert_includes error.message, "jobs"
      manager.shared_memory(8, name: fresh_name) { |shm| shm.name }
    end
    assert_equal [name, other], owner.names
    owner.shutdown
    refute SharedMemory.exist?(other)
  ensure
    owner&.close
  end

  def test_adopt_and_release
    with_segment(track: false) do |shm|
      manager, = start_with_block
      2.times { assert_nil manager.adopt(shm.name) }
      assert_includes manager.names, shm.name
      assert_nil manager.release(shm.name)
      refute_includes manager.names, shm.name
      assert_includes assert_raises(KeyError) { manager.release(shm.name) }.message, shm.name
      assert_raises(Errno::ENOENT) { manager.adopt(fresh_name) }
      manager.shutdown
      assert SharedMemory.exist?(shm.name)
    end
    with_segment(track: false) do |shm|
      SharedMemoryManager.start { |manager| manager.adopt(shm.name) }
      refute SharedMemory.exist?(shm.name)
    end
  end

  def test_many_names
    SharedMemoryManager.start do |manager|
      expected = Array.new(300) { manager.shared_memory(1, &:name) }
      assert_equal expected, manager.names
      assert_equal [Encoding::UTF_8], manager.names.map(&:encoding).uniq
    end
  end

  def test_join_waits_for_the_end
    owner, name = start_with_block(address: "jobs")
    connected = SharedMemoryManager.connect("jobs")
    assert_raises(Errno::ETIMEDOUT) { connected.join(timeout: 0.01) }
    assert_raises(Errno::ETIMEDOUT) { owner.join(timeout: 0) }
    [-1, Float::NAN].each { |timeout| assert_raises(ArgumentError) { connected.join(timeout: timeout) } }
    assert_raises(Timeout::Error) { Timeout.timeout(0.05) { connected.join } }
    while_waiting(-> { connected.join(timeout: DEADLINE) }) { owner.shutdown }
    refute SharedMemory.exist?(name)
    connected.close
  end

  def test_ctrl_c_ends_a_join_and_the_manager
    with_owner("jobs") do
      io = IO.popen([RbConfig.ruby, "-r", "polyshm", "-e", <<~RUBY])
        trap(:INT) { raise Interrupt }
        Polyshm::SharedMemoryManager.connect("jobs") do |manager|
          puts
          $stdout.flush
          manager.join
        rescue Interrupt
          print "interrupted"
        end
      RUBY
      io.gets
      wait_until("it waits") { File.read("/proc/#{io.pid}/stat").include?(") S ") }
      Process.kill(:INT, io.pid)
      assert_equal "interrupted", Timeout.timeout(DEADLINE) { io.read }
    ensure
      io.close
    end
  end

  def test_inspect_tells_the_state
    manager, = start_with_block(address: "a b")
    assert_equal '#<Polyshm::SharedMemoryManager "a b" owner>', manager.inspect
    SharedMemoryManager.connect("a b") { |other| assert_equal '#<Polyshm::SharedMemoryManager "a b">', other.to_s }
    manager.close
    assert_equal '#<Polyshm::SharedMemoryManager "a b" closed>', manager.inspect
  end

  def test_subclasses_and_frozen_handles
    special = Class.new(SharedMemoryManager)
    special.start(address: "jobs") do |manager|
      assert_instance_of special, manager.freeze
      special.connect("jobs") { |other| assert_instance_of special, other }
      assert_instance_of SharedMemory, manager.shared_memory(1).tap(&:close)
    end
  end

  # What is refused

  def test_authkeys
    ["key", "\xFF\0\x01".b, "x" * 255].each do |key|
      SharedMemoryManager.start(address: "jobs", authkey: key) do
        SharedMemoryManager.connect("jobs", authkey: key, &:names)
        ["", nil, "other", "#{key}x"[0, 255].succ].each do |wrong|
          error = assert_raises(Errno::EACCES) { SharedMemoryManager.connect("jobs", authkey: wrong) }
          assert_includes error.message, "authkey"
        end
      end
    end
    SharedMemoryManager.start(address: "jobs") do
      assert_raises(Errno::EACCES) { SharedMemoryManager.connect("jobs", authkey: "key") }
    end
    assert_raises(ArgumentError) { SharedMemoryManager.start(authkey: "x" * 256) }
    [1, :key, []].each { |key| assert_raises(TypeError) { SharedMemoryManager.start(authkey: key) } }
  end

  def test_addresses
    SharedMemoryManager.start(address: "jobs") do
      assert_raises(Errno::EEXIST) { SharedMemoryManager.start(address: "jobs") }
    end
    SharedMemoryManager.start(address: "jobs", &:names)
    assert_includes assert_raises(Errno::ENOENT) { SharedMemoryManager.connect("jobs") }.message, "jobs"
    ["", ".", "..", "helper", "a/b", "x" * 251, "\xFF"].each do |address|
      assert_raises(Errno::EINVAL, address) { SharedMemoryManager.start(address: address) }
      assert_raises(Errno::EINVAL, address) { SharedMemoryManager.connect(address) }
    end
    assert_raises(ArgumentError) { SharedMemoryManager.connect("a\0b") }
    assert_raises(ArgumentError) { SharedMemoryManager.connect(nil) }
    assert_raises(TypeError) { SharedMemoryManager.start(address: 1) }
  end

  def test_what_is_no_manager_s_is_a_polyshm_error
    SharedMemoryManager.start(&:names)
    File.write("#{@folder}/polyshm/other", "x" * 4096)
    assert_raises(Polyshm::Error) { SharedMemoryManager.connect("other") }
  ensure
    File.unlink("#{@folder}/polyshm/other")
  end

  def test_what_create_refuses_is_refused_and_makes_nothing
    SharedMemoryManager.start do |manager|
      with_segment(track: false) { |shm| assert_raises(Errno::EEXIST) { manager.shared_memory(1, name: shm.name) } }
      assert_raises(Errno::EINVAL) { manager.shared_memory(1, name: "a/b") }
      assert_raises(ArgumentError) { manager.shared_memory(0) }
      assert_raises(TypeError) { manager.shared_memory("1") }
      assert_raises(ArgumentError) { manager.shared_memory(1, track: true) }
      assert_raises(TypeError) { manager.shareable_list(5) }
      assert_raises(TypeError) { manager.shareable_list([:symbol]) }
      assert_raises(TypeError) { manager.adopt(nil.to_a) }
      assert_empty manager.names
    end
  end

  def test_misuse_raises
    manager, = start_with_block
    assert_raises(NoMethodError) { SharedMemoryManager.new }
    assert_raises(TypeError) { Class.instance_method(:allocate).bind_call(SharedMemoryManager) }
    assert_raises(TypeError) { manager.dup }
    assert_raises(TypeError) { manager.clone }
    assert_raises(TypeError) { Marshal.dump(manager) }
    SharedMemoryManager.instance_methods(false).each do |name|
      assert_raises(TypeError) { SharedMemoryManager.instance_method(name).bind(SharedMemory) }
    end
    [manager, SharedMemoryManager].each { |object| assert_empty object.public_methods.grep(/raw|swig|hand_over/i) }
    manager.close
  end

  def test_half_made_objects_that_objectspace_finds_do_no_harm
    assert_survives(<<~'RUBY')
      include Polyshm
      20.times { SharedMemoryManager.connect("none") rescue nil }
      methods = SharedMemoryManager.public_instance_methods(false) - %i[dup clone]
      ObjectSpace.each_object(SharedMemoryManager) do |half|
        methods.each { |name| [[], ["x"], [0]].each { |arguments| half.public_send(name, *arguments) rescue 0 } }
      end
    RUBY
  end

  def test_threads_that_use_and_close_one_manager
    manager, = start_with_block
    threads = Array.new(4) do
      Thread.new { loop { manager.shared_memory(1, &:name) } rescue $!.class }
    end
    wait_until("all have begun") { manager.names.size > 20 }
    manager.close
    assert_equal [Errno::ENOENT], threads.map(&:value).uniq
  end

  # Who ends

  def test_a_forked_child_is_connected_and_shuts_nothing_down
    manager, name = start_with_block
    child_s = fresh_name
    in_child do
      manager.shared_memory(8, name: child_s).close
      refused = begin
        manager.shutdown
      rescue Polyshm::Error
        true
      end
      refused && !manager.owner? && manager.names == [name, child_s]
    end
    Process.wait(fork { exit })
    in_child { manager.close || true }
    assert_equal [name, child_s], manager.names
    manager.shutdown
    refute SharedMemory.exist?(child_s)
  end

  def test_a_forked_child_that_leaves_the_block_of_start_shuts_nothing_down
    pid = nil
    SharedMemoryManager.start do |manager|
      pid = fork
      next unless pid

      assert_predicate wait_for_exit(pid), :success?
      assert_equal [manager.shared_memory(8, &:name)], manager.names
    end
    exit!(0) unless pid
  end

  def test_the_end_of_the_owner_takes_everything_however_it_ends
    %i[KILL TERM].each do |signal|
      with_owner("jobs") do |pid|
        manager = SharedMemoryManager.connect("jobs")
        shm = manager.shared_memory(8, name: fresh_name)
        assert_survives(<<~RUBY, other = fresh_name)
          Polyshm::SharedMemoryManager.connect("jobs") { |jobs| jobs.shareable_list([1], name: ARGV[0]) }
        RUBY
        assert_equal [shm.name, other], manager.names
        end_process(pid, signal)
        manager.join(timeout: DEADLINE)
        refute SharedMemory.exist?(shm.name) || SharedMemory.exist?(other)
        shm.write(0, "attached")
        assert_raises(Errno::ENOENT) { manager.shared_memory(8) }
        assert_raises(Errno::ENOENT) { SharedMemoryManager.connect("jobs") }
        [shm, manager].each(&:close)
      end
    end
  end

  def test_a_ruby_that_owns_takes_everything_with_it
    name = fresh_name
    start = 'manager = Polyshm::SharedMemoryManager.start(address: "jobs"); manager.shared_memory(8, name: ARGV[0])'
    ["exit", "exit!", "abort", "Process.kill(:KILL, $$); sleep", "exec('true')"].each do |ending|
      run_ruby("#{start}; #{ending}", name)
      wait_for_end_of(name)
    end
  end

  def test_killing_the_helper_loses_nothing
    with_owner("jobs") do |pid|
      manager = SharedMemoryManager.connect("jobs")
      before = manager.shared_memory(8, name: fresh_name, &:name)
      kill_helper
      after = manager.shared_memory(8, name: fresh_name, &:name)
      wait_until("another helper is at work") { alive?(helper) }
      end_process(pid, :KILL)
      wait_for_end_of(before, after)
      manager.close
    end
  end

  def test_the_next_manager_cleans_up_where_owner_and_helper_were_killed
    name = fresh_name
    with_owner("jobs") do |pid|
      SharedMemoryManager.connect("jobs") { |manager| manager.shared_memory(8, name: name).close }
      kill_helper
      end_process(pid, :KILL)
      assert SharedMemory.exist?(name)
    end
    SharedMemoryManager.start(address: "jobs") { wait_for_end_of(name) }
  end
end
