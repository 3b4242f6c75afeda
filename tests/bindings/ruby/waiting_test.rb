# frozen_string_literal: true

require_relative "polyshm_case"

class WaitingTest < PolyshmCase
  def test_attach_gets_the_block_as_soon_as_it_appears
    [SharedMemory, ShareableList].each do |kind|
      name = fresh_name
      waiter = Thread.new { kind.attach(name, timeout: nil) }
      wait_for_sleep(waiter)
      list = ShareableList.create([1], name: name)
      assert waiter.join(DEADLINE)
      assert_instance_of kind, waiter.value
      waiter.value.close
      dispose(list)
    end
  end

  def test_attach_waits_for_a_list_in_another_process
    name = fresh_name
    child = fork do
      ShareableList.attach(name, timeout: DEADLINE) { |list| list[0] = Process.pid }
      exit!(0)
    end
    with_own_list(name) do |list|
      assert_predicate wait_for_exit(child), :success?
      assert_equal child, list[0]
    end
  end

  def with_own_list(name)
    list = ShareableList.create([0], name: name)
    yield list
  ensure
    dispose(list)
  end

  def test_other_threads_run_while_one_waits
    count = 0
    waiter = Thread.new { SharedMemory.attach(fresh_name, timeout: nil) }
    wait_for_sleep(waiter)
    wait_until("counting") { (count += 1) > 1000 }
    assert_predicate waiter, :alive?
  ensure
    waiter.kill.join
  end

  def test_thread_kill_ends_the_wait
    waiter = Thread.new { SharedMemory.attach(fresh_name, timeout: nil) }
    wait_for_sleep(waiter)
    waiter.kill
    assert waiter.join(DEADLINE), "still waits"
    assert_equal false, waiter.status
  end

  def test_thread_raise_ends_the_wait
    waiter = Thread.new { ShareableList.attach(fresh_name, timeout: nil) }
    waiter.report_on_exception = false
    wait_for_sleep(waiter)
    waiter.raise(ZeroDivisionError)
    assert_raises(ZeroDivisionError) { waiter.join(DEADLINE) || flunk("still waits") }
  end

  def test_timeout_ends_the_wait
    assert_raises(Timeout::Error) { Timeout.timeout(0.05) { SharedMemory.attach(fresh_name, timeout: nil) } }
    assert_raises(Timeout::Error) { Timeout.timeout(0.05) { SharedMemory.attach(fresh_name, timeout: 1000) } }
  end

  def test_wakeup_alone_does_not_end_the_wait
    name = fresh_name
    waiter = Thread.new { SharedMemory.attach(name, timeout: nil) }
    10.times do
      wait_for_sleep(waiter)
      waiter.wakeup
    end
    SharedMemory.create(name, size: 1) do |shm|
      assert waiter.join(DEADLINE)
      waiter.value.close
      shm.unlink
    end
  end

  def test_the_timeout_counts_from_the_call_whatever_interrupts
    name = fresh_name
    waiter = Thread.new do
      SharedMemory.attach(name, timeout: 0.3)
    rescue SystemCallError => error
      error
    end
    started = now
    wait_until("the end of the wait") { waiter.wakeup && false || !waiter.alive? } rescue ThreadError
    assert_instance_of Errno::ETIMEDOUT, waiter.value
    assert_operator now - started, :>=, 0.25
  end

  def test_an_interrupt_that_a_thread_puts_off_does_not_end_the_wait
    name = fresh_name
    waiter = Thread.new do
      Thread.current.report_on_exception = false
      Thread.handle_interrupt(ZeroDivisionError => :never) { SharedMemory.attach(name, timeout: nil).close }
    end
    wait_for_sleep(waiter)
    waiter.raise(ZeroDivisionError)
    wait_for_sleep(waiter)
    SharedMemory.create(name, size: 1) do |shm|
      assert_raises(ZeroDivisionError) { waiter.join(DEADLINE) || flunk("still waits") }
      shm.unlink
    end
  end

  def test_a_process_ends_while_a_thread_of_its_own_waits
    assert_survives(<<~RUBY, fresh_name)
      waiter = Thread.new { Polyshm::SharedMemory.attach(ARGV[0], timeout: nil) }
      Thread.pass until waiter.status == "sleep"
    RUBY
  end

  def test_ctrl_c_interrupts_the_wait
    with_waiting_child("attach(ARGV[0], timeout: nil)") do |child|
      Process.kill(:INT, child.pid)
      assert_includes child.read, "Interrupt"
    end
    assert_equal Signal.list["INT"], $?.termsig
  end

  def test_a_trap_runs_and_the_wait_goes_on
    script = 'trap(:USR1) { puts "trapped"; $stdout.flush }; attach(ARGV[0], timeout: nil) { puts "attached" }'
    name = fresh_name
    with_waiting_child(script, name) do |child|
      3.times do
        Process.kill(:USR1, child.pid)
        assert_equal "trapped\n", child.gets
      end
      SharedMemory.create(name, size: 1) do |shm|
        assert_equal "attached\n", child.gets
        shm.unlink
      end
    end
    assert_predicate $?, :success?
  end

  def test_a_trap_that_raises_ends_the_wait
    script = <<~RUBY
      trap(:USR1) { raise "from the trap" }
      begin
        attach(ARGV[0], timeout: nil)
      rescue RuntimeError => error
        puts error.message
      end
    RUBY
    with_waiting_child(script) do |child|
      Process.kill(:USR1, child.pid)
      assert_equal "from the trap\n", child.gets
    end
    assert_predicate $?, :success?
  end

  # Starts a child that runs the script within class SharedMemory, and calls the block once it waits.
  def with_waiting_child(script, name = fresh_name, &block)
    with_ready_ruby("#{READY_ASLEEP}\nPolyshm::SharedMemory.instance_eval { #{script} }", name, &block)
  end

  def test_one_handle_serves_many_threads
    with_list([0] * 8) do |list|
      Array.new(8) { |index| Thread.new { 500.times { |round| list[index] = round + list[index] * 0 } } }.each(&:join)
      assert_equal [499] * 8, list.to_a
    end
  end

  def test_closing_under_another_thread_is_an_io_error_there
    100.times do
      with_list([1]) do |list|
        reader = Thread.new do
          loop { list.to_a }
        rescue IOError
          :closed
        end
        list.close
        assert_equal :closed, reader.value
      end
    end
  end

  def test_threads_that_create_or_attach_at_once_agree
    name = fresh_name
    handles = Array.new(16) { Thread.new { SharedMemory.create_or_attach(name, size: 8) } }.map(&:value)
    assert_equal 1, handles.count(&:created?)
    handles.first.unlink
    handles.each(&:close)
  end
end
