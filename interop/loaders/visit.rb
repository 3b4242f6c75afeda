# A visit, in Ruby: `ruby visit.rb LIST ADDRESS`. See visit.py.
require "polyshm_fiddle"

def line(list, index)
  value, type = list[index], list.type(index)
  "#{type} #{type == :bytes ? value.unpack1('H*') : value.nil? ? '-' : value}"
end

PolyshmFiddle::List.attach(ARGV[0]) do |shared|
  shared.length.times { |index| puts line(shared, index) }
  puts "bytes #{shared.segment.buffer[0, 8].unpack1('H*')}"

  shared.synchronize do
    shared[0] = "visited"
    puts "sum #{shared.add(shared.length - 1, 5)}"
  end

  seen = shared.version
  puts "waiting"
  $stdout.flush
  shared.wait(seen, 60.0)
  puts "changed #{line(shared, 1)}"

  PolyshmFiddle::Manager.connect(ARGV[1]) do |manager|
    left = manager.create_list(nil, shared.to_a)
    puts "left #{manager.names == [left.segment.name] ? 'True' : 'False'} #{left.segment.name}"
    $stdout.flush
  end
end

begin
  PolyshmFiddle::List.attach("#{ARGV[0]}_not")
rescue Errno::ENOENT => e
  puts "error #{e.message}"
end
