# What an installed package must do, of the version that is given: a list, which the command reads, a tracked block,
# which needs the helper, and a manager.

require "polyshm"

def check(what)
  abort "Ruby: #{what.inspect}" unless yield(what)
end

check(Polyshm.version) { |version| version == ARGV[0] }

Polyshm::ShareableList.create([1, "text", nil], name: "t_package") do |made|
  Polyshm::ShareableList.attach("t_package") { |same| check(same.to_a) { |values| values == [1, "text", nil] } }
  check(IO.popen(%w[polyshm get t_package 1], &:read)) { |shown| shown == "text\n" }
  made.unlink
end

Polyshm::SharedMemory.create("t_package", size: 100, track: true, &:unlink)

Polyshm::SharedMemoryManager.start do |manager|
  manager.shareable_list([1])
  check(manager.names) { |names| names.size == 1 }
end

puts "Ruby #{Polyshm.version}"
