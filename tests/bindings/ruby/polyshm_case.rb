# frozen_string_literal: true

require "minitest/autorun"
require "polyshm"
require "rbconfig"
require "timeout"

Warning[:experimental] = false

# What the tests share. A test takes its names from fresh_name, and fails when a block of such a name is left.
class PolyshmCase < Minitest::Test
  include Polyshm

  PREFIX = "t_ruby_#{Process.pid}_"
  DEADLINE = 60

  # Class of the values that list items can have, with their edges.
  EDGES = [
    nil, true, false, 0, 1, -1, 2**31, 2**62, -2**62 - 1, 2**63 - 1, -2**63, 0.0, -0.0, 1.5, 5e-324, Float::MAX,
    Float::INFINITY, -Float::INFINITY, "", "a", "1234567", "12345678", "é" * 7, "€" * 8, "😀", "a\0b", "a\0", "\0",
    "".b, "bytes".b, "\xFF\xFE".b, "a\0".b, "\0\0\0".b, "x" * 1_000_000, "\0".b + "y".b * 100_000
  ].freeze

  def setup
    @count = 0
  end

  def teardown
    left = Dir.children("/dev/shm").grep(/\A#{PREFIX}/)
    left.each { |name| File.unlink("/dev/shm/#{name}") }
    assert_empty left, "blocks that the test left"
  end

  def fresh_name
    "#{PREFIX}#{@count += 1}"
  end

  # Gives a new segment to the block; unlinks and closes it afterwards.
  def with_segment(size: 64, **options)
    shm = SharedMemory.create(fresh_name, size: size, **options)
    yield shm
  ensure
    dispose(shm)
  end

  # Gives a new list to the block; unlinks and closes it afterwards.
  def with_list(values = [], **options)
    list = ShareableList.create(values, name: fresh_name, **options)
    yield list
  ensure
    dispose(list)
  end

  def dispose(handle)
    handle&.unlink
  rescue Errno::ENOENT
    # the test has unlinked it
  ensure
    handle&.close
  end

  # Gives a block another handle on a list: to the lock the two are strangers, as in two processes.
  def with_peer(list, **options, &block)
    ShareableList.attach(list.shm.name, **options, &block)
  end

  # Ruby 3.1 gives a child its VM's lock as it is at that instant: another thread, one that just ends, may have it, for which
  # the child then waits for ever (https://github.com/ruby/ruby/pull/12982). So this forks when all others sleep.
  def fork(&block)
    wait_until("the other threads sleep") { others_asleep? }
    super
  end

  def others_asleep?
    (Dir.children("/proc/self/task") - [Process.pid.to_s]).all? do |thread|
      File.read("/proc/self/task/#{thread}/stat").include?(") S ")
    rescue Errno::ENOENT, Errno::ESRCH
      true # it has ended
    end
  end

  # Gives a block a child that has the list's lock, and has run the lambda under it. The child unlocks when the write end
  # of the pipe is closed.
  def with_holder(list, step = ->(_) {})
    ready, ready_writer = IO.pipe
    release, release_writer = IO.pipe
    pid = fork do
      release_writer.close
      with_peer(list) do |mine|
        mine.synchronize do
          step.call(mine)
          ready_writer.write("x")
          release.read
        end
      end
      exit!(0)
    end
    [ready_writer, release].each(&:close)
    assert_equal "x", Timeout.timeout(DEADLINE) { ready.read(1) }
    yield release_writer, pid
  ensure
    [ready, ready_writer, release, release_writer].each { |io| io&.close }
    wait_for_exit(pid) if pid
  end

  # Gives a block a thread that runs the lambda and now waits; afterwards gives what the lambda gave.
  def while_waiting(action)
    thread = Thread.new(&action)
    thread.report_on_exception = false
    wait_for_sleep(thread)
    yield thread
    assert thread.join(DEADLINE), "still waits"
    thread.value
  ensure
    thread.kill.join
  end

  # Waits until the block is true, and lets other threads and processes run meanwhile.
  def wait_until(what)
    deadline = now + DEADLINE
    until yield
      flunk "in vain: #{what}" if now > deadline
      Thread.pass
    end
  end

  def wait_for_sleep(thread)
    wait_until("thread waits") { thread.status == "sleep" }
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  # Runs the block in a forked child, and asserts that it gave true.
  def in_child
    pid = fork do
      exit!(yield ? 0 : 1)
    rescue Exception => error # rubocop:disable Lint/RescueException
      warn error.full_message
      exit!(2)
    end
    assert_predicate wait_for_exit(pid), :success?
  end

  def wait_for_exit(pid)
    Timeout.timeout(DEADLINE) { Process.wait2(pid).last }
  rescue Timeout::Error
    kill_child(pid)
    flunk "the child did not end"
  end

  def kill_child(pid)
    Process.kill(:KILL, pid)
    Process.wait(pid)
  end

  # Runs a script in a Ruby of its own. Gives its status and all its output.
  def run_ruby(script, *arguments, seconds: DEADLINE)
    output = IO.popen([RbConfig.ruby, "-W:no-experimental", "-r", "polyshm", "-e", script, *arguments,
                       { err: %i[child out] }]) do |io|
      Timeout.timeout(seconds) { io.read }
    rescue Timeout::Error
      Process.kill(:KILL, io.pid)
      flunk "the child did not end"
    end
    [$?, output]
  end

  # Lines of a script that print "ready": now, and once the main thread sleeps.
  READY = <<~RUBY
    puts "ready"
    $stdout.flush
  RUBY
  READY_ASLEEP = <<~RUBY
    main = Thread.current
    Thread.new do
      Thread.pass until main.status == "sleep"
      #{READY}
    end
  RUBY

  # Gives a block a Ruby that runs a script and is ready. One that does not end in time is killed.
  def with_ready_ruby(script, *arguments)
    IO.popen([RbConfig.ruby, "-W:no-experimental", "-r", "polyshm", "-e", script, *arguments,
              { err: %i[child out] }]) do |child|
      Timeout.timeout(DEADLINE) do
        assert_equal "ready\n", child.gets
        yield child
      end
    rescue Timeout::Error
      Process.kill(:KILL, child.pid)
      raise
    end
  end

  # Asserts that a script ends well in a Ruby of its own: one that crashes does not.
  def assert_survives(script, *arguments, **options)
    status, output = run_ruby(script, *arguments, **options)
    assert_predicate status, :success?, output
    output
  end
end
