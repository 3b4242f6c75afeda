# The agent in Ruby: does what the lines on its input say (agents.py). `agent.rb fiddle`: lists through the loader.

require ARGV[0] == "fiddle" ? "polyshm_fiddle" : "polyshm"

UNIT = 12 # bytes of what repeats
LONG = 4096 # bytes of what is not written so yet

def content(text)
  unit, count = text.split("*")
  [unit.to_s].pack("H*") * Integer(count || 1)
end

def digits(value)
  unit, count = value.byteslice(0, UNIT), value.bytesize / UNIT
  return value.unpack1("H*") unless value.bytesize > LONG && unit.b * count == value.b

  "#{unit.unpack1('H*')}*#{count}"
end

def decoded(word)
  type, text = word.split(":", 2)
  case type
  when "none" then nil
  when "bool" then text == "1"
  when "int64" then Integer(text)
  when "float64" then [text].pack("H*").unpack1("G")
  when "str" then content(text).force_encoding(Encoding::UTF_8)
  when "bytes" then content(text)
  end
end

def encoded(value)
  case value
  when nil then "none:-"
  when true then "bool:1"
  when false then "bool:0"
  when Integer then "int64:#{value}"
  when Float then "float64:#{[value].pack('G').unpack1('H*')}"
  when String then "#{value.encoding == Encoding::UTF_8 ? 'str' : 'bytes'}:#{digits(value)}"
  end
end

# A method a command. Each takes the command's words, and gives those of the answer, if there are any.
class Agent
  COMMANDS = %w[create_list attach_list get set get_range set_range snapshot version item_version add exchange lock
                unlock all create_block attach_block see put read write close unlink].freeze

  def initialize
    @lists = {}
    @blocks = {}
  end

  def create_list(name, *words)
    keep(name, Polyshm::ShareableList.create(words.map { |word| decoded(word) }, name: name))
  end

  def attach_list(name) = keep(name, Polyshm::ShareableList.attach(name))

  def get(name, index) = encoded(@lists[name].fetch(Integer(index)))

  def set(name, index, word)
    @lists[name][Integer(index)] = decoded(word)
    nil
  end

  def get_range(name, index, count) = @lists[name][Integer(index), Integer(count)].map { |value| encoded(value) }

  def set_range(name, index, *words)
    @lists[name][Integer(index), words.length] = words.map { |word| decoded(word) }
    nil
  end

  def snapshot(name) = @lists[name].snapshot.first.map { |value| encoded(value) }

  def version(name) = @lists[name].version

  def item_version(name, index) = @lists[name].item_version(Integer(index))

  def add(name, index, delta) = @lists[name].add(Integer(index), Integer(delta))

  def exchange(name, index, expected, desired)
    @lists[name].compare_exchange(Integer(index), decoded(expected), decoded(desired)) ? 1 : 0
  end

  def lock(name)
    @lists[name].lock
    nil
  end

  def unlock(name)
    @lists[name].unlock
    nil
  end

  def all(name) = @lists[name].map { |value| encoded(value) }

  def create_block(name, size)
    @blocks[name] = Polyshm::SharedMemory.create(name, size: Integer(size))
    nil
  end

  def attach_block(name) = (@blocks[name] = Polyshm::SharedMemory.attach(name)).size

  def see(name, offset, size) = @blocks[name].buf.get_string(Integer(offset), Integer(size)).unpack1("H*")

  def put(name, offset, text)
    @blocks[name].buf.set_string([text].pack("H*"), Integer(offset))
    nil
  end

  def read(name, offset, size) = @blocks[name].read(Integer(offset), Integer(size)).unpack1("H*")

  def write(name, offset, text)
    @blocks[name].write(Integer(offset), [text].pack("H*"))
    nil
  end

  def close(name)
    @lists.delete(name)
    @blocks.delete(name).close
    nil
  end

  def unlink(name)
    @blocks[name].unlink
    nil
  end

  private

  def keep(name, list)
    @lists[name] = list
    @blocks[name] = list.shm
    nil
  end
end

# Lists through the loader, whose classes are C's nouns.
class Loader < Agent
  def create_list(name, *words) = keep(name, PolyshmFiddle::List.create(name, words.map { |word| decoded(word) }))
  def attach_list(name) = keep(name, PolyshmFiddle::List.attach(name))
  def get(name, index) = encoded(@lists[name][Integer(index)])

  private

  def keep(name, list)
    @lists[name] = list
    @blocks[name] = list.segment
    nil
  end
end

$stdout.sync = true
agent = ARGV.delete("fiddle") ? Loader.new : Agent.new
$stdin.each_line(chomp: true) do |line|
  command, *words = line.split(" ")
  raise ArgumentError, "no command #{command}" unless Agent::COMMANDS.include?(command)

  puts ["ok", *agent.public_send(command, *words)].join(" ")
rescue StandardError => e
  puts "error #{e.class}: #{e.message.tr("\n", ' ')}"
end
