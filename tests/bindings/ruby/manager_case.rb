# frozen_string_literal: true

require_relative "polyshm_case"
require "tmpdir"

# What tests of managers and tracking share: a folder of their own for the books, in which nothing is left at the end,
# and processes that end in every way. This process itself tracks nothing there: its book would stay until it ends.
class ManagerCase < PolyshmCase
  OWNER = File.expand_path("../owner.py", __dir__)
  LIBRARY = File.expand_path("../../../../libpolyshm.so", $LOADED_FEATURES.grep(%r{polyshm/native\.so\z}).first)

  def setup
    super
    @before = ENV["XDG_RUNTIME_DIR"]
    @folder = ENV["XDG_RUNTIME_DIR"] = Dir.mktmpdir("t_ruby_")
  end

  def teardown
    wait_until("no book is left, and the helper ends") { books.empty? && !alive?(helper) }
    super
  ensure
    ENV["XDG_RUNTIME_DIR"] = @before
    FileUtils.rm_rf(@folder)
  end

  def books
    Dir.exist?("#{@folder}/polyshm") ? Dir.children("#{@folder}/polyshm") - ["helper"] : []
  end

  # The helper's process id, 0 if there was none.
  def helper
    Integer(File.open("#{@folder}/polyshm/helper", &:gets))
  rescue SystemCallError, ArgumentError, TypeError
    0
  end

  def alive?(pid)
    !File.read("/proc/#{pid}/stat").match?(/\) [ZX] /)
  rescue SystemCallError
    false
  end

  # A helper writes its process id when it is at work, which is a moment after those who started it go on.
  def kill_helper
    wait_until("a helper is at work") { alive?(helper) }
    pid = helper
    Process.kill(:KILL, pid)
    wait_until("the helper is dead") { !alive?(pid) }
  end

  def wait_for_end_of(*names)
    wait_until("#{names} are gone") { names.none? { |name| SharedMemory.exist?(name) } }
  end

  # Gives a block a process that was started with a command and has written a line; kills it afterwards.
  def with_process(*command)
    io = IO.popen(command)
    assert Timeout.timeout(DEADLINE) { io.gets }, "the process has not started"
    yield io.pid
  ensure
    end_process(io.pid, :KILL) if io && alive?(io.pid)
    io&.close
  end

  # The same for a Ruby that runs a script, and sleeps then.
  def with_ruby(script, *arguments, &block)
    with_process(RbConfig.ruby, "-r", "polyshm", "-e", "#{script}\nputs\n$stdout.flush\nsleep", *arguments, &block)
  end

  # Gives a block the process of an owner in Python, which uses the C library.
  def with_owner(address, &block)
    with_process("python3", OWNER, LIBRARY, address, &block)
  end

  def end_process(pid, signal)
    Process.kill(signal, pid)
    wait_until("the process ends") { !alive?(pid) }
  end
end
