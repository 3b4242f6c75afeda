# The other end of ping-pong (../c/pingpong.cc): sends back by item 1 what comes by item 0, until that is -1.
#
#   partner.rb NAME asleep|spinning
require "polyshm"

name, how = ARGV
Polyshm::ShareableList.attach(name) do |list|
  list[1] = seen = version = 0 # it is there
  loop do
    version = list.wait(version, item: 0) if how == "asleep"
    number = list[0]
    next if number == seen
    break if number == -1

    list[1] = seen = number
  end
end
