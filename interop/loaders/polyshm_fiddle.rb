# polyshm through Fiddle: one file; all that C declares comes from the library's own description.
#
#     require "polyshm_fiddle"
#     PolyshmFiddle::List.create("jobs", ["ready", 0, nil], spare: 40) { |jobs| jobs[0] = "fünf Aufträge" }
#
# A function polyshm_NOUN_VERB is the method VERB of the class NOUN. It takes what goes in, in C's order or by name:
# lengths come with what they measure, what is left out is 0. It returns what comes out, raises what fails. Below is
# Ruby's own: bytes are a String in ASCII-8BIT, any other is text. POLYSHM_LIBRARY names a library that is not
# installed.
require "fiddle"
require "json"

module PolyshmFiddle
  LIBRARY = Fiddle.dlopen(ENV.fetch("POLYSHM_LIBRARY", "libpolyshm.so.1"))
  MESSAGE = Fiddle::Function.new(LIBRARY["polyshm_error_message"], [], Fiddle::TYPE_VOIDP)
  DESCRIPTION = JSON.parse(Fiddle::Function.new(LIBRARY["polyshm_abi_description"], [], Fiddle::TYPE_VOIDP).call.to_s)
  CONSTANTS = DESCRIPTION["constants"].to_h { |constant| constant.values_at("name", "value") }
  ERRORS = DESCRIPTION["errors"].to_h { |error| [error["number"], error] }
  KINDS = %i[none bool int64 float64 str bytes].to_h { |kind| [CONSTANTS["POLYSHM_TYPE_#{kind.upcase}"], kind] }
  HANDLES, UTF_8 = {}, Encoding::UTF_8
  INT, LONG = Fiddle::TYPE_INT32_T, Fiddle::TYPE_INT64_T
  NUMBERS = { "int32_t" => [INT, "l"], "uint32_t" => [-INT, "L"], "int64_t" => [LONG, "q"], "uint64_t" => [-LONG, "Q"],
              "double" => [Fiddle::TYPE_DOUBLE, "d"], "void" => [Fiddle::TYPE_VOID] }.freeze
  VALUE = DESCRIPTION["structs"].find { |struct| struct["name"] == "polyshm_value" }
  FIELDS = VALUE["fields"].map { |field| field["name"].to_sym }

  def self.type(described)
    text = described["type"] == "const char *" && described["direction"]
    text ? Fiddle::TYPE_CONST_STRING : described["pointers"].zero? ? NUMBERS[described["base"]][0] : Fiddle::TYPE_VOIDP
  end

  def self.code(described, pointers = described["pointers"]) = pointers.zero? ? NUMBERS[described["base"]][1] : "J"
  PACKED = VALUE["fields"].map { |field| "@#{field['offset']}#{code(field)}" }.join

  Error = Class.new(StandardError) # where Ruby has no class of its own
  def self.failure(status)
    error, message = ERRORS[status], MESSAGE.call.to_s.force_encoding(UTF_8)
    (error["errno"] ? Errno.const_get(error["errno"]) : const_get(error["ruby"])).new(message)
  end

  # The bytes of a value in C; what they point to is kept.
  def self.encode(value, kept)
    kind, name, content =
      case value
      when nil then [:none, :integer, 0]
      when true, false then [:bool, :integer, value ? 1 : 0]
      when Float then [:float64, :real, value]
      when -2**63...2**63 then [:int64, :integer, value]
      when String then value.encoding == Encoding::BINARY ? [:bytes, :data, value] : [:str, :data, value.encode(UTF_8)]
      else raise value.is_a?(Integer) ? RangeError : TypeError, "a list cannot hold #{value.inspect}"
      end
    kept << content
    fields = { type: KINDS.key(kind), name => content }
    fields.update(data: Fiddle::Pointer[content].to_i, size: content.bytesize) if name == :data
    FIELDS.map { |field| fields.fetch(field, 0) }.pack(PACKED)
  end

  def self.decode(packed)
    fields = FIELDS.zip(packed.unpack(PACKED)).to_h
    content = fields[:data].zero? ? "" : Fiddle::Pointer.new(fields[:data])[0, fields[:size]]
    { bool: fields[:integer] == 1, int64: fields[:integer], float64: fields[:real], bytes: content.b,
      str: content.force_encoding(UTF_8) }[KINDS[fields[:type]]]
  end

  def self.function(described)
    parameters, returns = described.values_at("parameters", "returns")
    function = Fiddle::Function.new(LIBRARY[described["name"]], parameters.map { |each| type(each) }, type(returns))
    results = parameters.select { |each| each["direction"] == "out" && !each["length"] && !each["length_function"] }
    zeros = (parameters - results).to_h { |each| [each["name"].to_sym, (0 if each["pointers"].zero?)] }
    measured = parameters.filter_map { |each| each.values_at("length", "name").map(&:to_sym) if each["length"] }.to_h
    takes = zeros.keys - measured.keys
    lambda do |*arguments, **named|
      given, kept = zeros.merge(takes.zip(arguments).to_h.compact, named), []
      takes.size >= arguments.size && given.size == zeros.size or raise ArgumentError, "it takes #{takes.join(', ')}"
      measured.each { |length, of| given[length] = given[of].is_a?(String) ? given[of].bytesize : given[of].to_a.size }
      given.transform_values! { |each| each.is_a?(Array) ? each.map { |value| encode(value, kept) }.join : each }
      place = results.map { "\0" * VALUE["size"] }
      status = function.call(*given.values, *place)
      returns["kind"] == "status" && status.negative? and raise failure(status)
      results.empty? ? status : result(results[0], place[0])
    end
  end

  def self.result(described, place)
    return decode(place) if described["base"] == "polyshm_value"

    number = place.unpack1(code(described, described["pointers"] - 1))
    base = described["base"]
    HANDLES[base]&.new(number) || (base == "char" ? Fiddle::Pointer.new(number).to_s.force_encoding(UTF_8) : number)
  end

  # Closed by close, at the end of its block, or when nobody has it any more. C's functions are its methods.
  class Handle
    attr_reader :to_ptr

    def self.inherited(handle)
      HANDLES[noun = "polyshm_#{handle.name[/\w+\z/].downcase}"] = handle
      handle.include(methods = Module.new)
      DESCRIPTION["functions"].each do |described|
        verb = described["name"][/\A#{noun}_(.*)/, 1] or next
        c = PolyshmFiddle.function(described)
        next methods.define_method(verb) { |*given, **named| c.call(self, *given, **named) } if described["closed"]

        handle.define_singleton_method(verb) do |*given, **named, &block|
          c.call(*given, **named).then { |result| block ? result.use(&block) : result }
        end
      end
    end

    def initialize(address)
      @to_ptr = Fiddle::Pointer.new(address, 0, LIBRARY["#{HANDLES.key(self.class)}_unref"])
    end

    def use
      yield self
    ensure
      close
    end
  end

  class Segment < Handle
    # A pointer to the bytes, which stay mapped, also beyond close, as long as anybody has it.
    def buffer = pin && Fiddle::Pointer.new(address, size).tap { |it| ObjectSpace.define_finalizer(it, unpinning) }
    def unpinning = proc { unpin }
  end

  class List < Handle
    include Enumerable

    def get(index) = super(index = from_start(index), "\0" * capacity(index, 1))
    def set(index, value) = super(from_start(index), [value])
    def from_start(index) = index.negative? ? index + length : index
    def type(index) = KINDS[super]
    def each = length.times { |index| yield get(index) }
    alias [] get
    alias []= set

    # Holds the lock while the block runs, which is told whether a holder died with it.
    def synchronize(timeout = 10)
      status = lock(timeout)
      yield status == CONSTANTS["POLYSHM_OWNER_DIED"]
    ensure
      unlock if status
    end
  end

  class Manager < Handle
    def names(buffer = "\0" * 65_536) = buffer[0, super].force_encoding(UTF_8).split("\0")
  end
end
