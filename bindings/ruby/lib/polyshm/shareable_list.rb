# frozen_string_literal: true

module Polyshm
  # A list of values in shared memory, in the layout of CPython's ShareableList. Its length never changes; its items do.
  #
  #   Polyshm::ShareableList.create([1, 2.5, "text", nil], name: "state") do |list|
  #     list[0] += 1
  #     list.to_a                             # => [2, 2.5, "text", nil]
  #     list.shm.unlink
  #   end
  #
  # An item is nil, true, false, an Integer of 64 bits, a Float or a String. A String in ASCII-8BIT is stored as bytes,
  # and comes back in ASCII-8BIT; any other is text, stored in UTF-8 (transcoded where need be), and comes back in UTF-8.
  # An item can change its type. A text or bytes must fit into the item's slot: as many bytes as the first value had,
  # rounded up to a multiple of 8 with at least one to spare, and more when the list was created with +spare+.
  #
  # Methods that Enumerable gives compare by Ruby's ==, for which 1 is 1.0 but not true. Each item is read when it is
  # asked for; {#to_a} reads each once, {#snapshot} all as they are at one moment. Two lists are equal, and one key of a
  # Hash, if they are the same object: what is in a list may change at any time. To compare contents, compare Arrays.
  #
  # Any number of processes and threads may read and write one list at once. A reader sees an item as it was before or
  # after a write, also when the writer dies in the middle of it, and never waits; a writer waits for the list's lock as
  # long as {#timeout} says (Errno::ETIMEDOUT). {#synchronize} makes one step of several writes, {#add} and
  # {#compare_exchange} one of reading and writing; {#wait} sleeps until something changes. All that waits lets other
  # threads run, and ends by Ctrl-C, Thread#kill, Thread#raise and Timeout.
  #
  # A list that a stock CPython made has no lock and no versions ({#synchronized?} is false). There, and where a stock
  # CPython writes, a reader may meet a text or bytes of neither value; numbers are always whole.
  #
  # Handles can be given to Marshal, which keeps the name alone: loading attaches. They cannot be copied by +dup+ or
  # +clone+ (TypeError).
  class ShareableList
    extend Handle
    include Enumerable

    # How many items, and how many characters of each, inspect shows.
    SHOWN_ITEMS = 16
    SHOWN_CHARACTERS = 64
    private_constant :SHOWN_ITEMS, :SHOWN_CHARACTERS

    class << self
      undef_method :new, :allocate
      private :raw_create, :raw_attach

      # Creates a list that holds these values, and attaches to it. Besides what is told below, it raises what
      # {SharedMemory.create} does. Then no block stays.
      #
      # @param sequence [Enumerable] the values
      # @param name [String, nil] as for {SharedMemory.create}
      # @param spare [Integer] bytes, 0 to 9,999,991: the room that the slots of Strings and nil get beyond their value,
      #   so that they can hold longer ones later
      # @param mode [Integer] permissions, whatever the umask
      # @param sparse [Boolean] as for {SharedMemory.create}
      # @param track [Boolean] as for {SharedMemory.create}
      # @yieldparam list [ShareableList] closed when the block ends
      # @return [ShareableList, Object] the handle, or what the block returns
      # @raise [TypeError] if the sequence is none, or an item is of a class that a list cannot hold
      # @raise [RangeError] if an Integer has more than 64 bits, or a String is too long
      # @raise [EncodingError] if a text is not valid, or cannot be had in UTF-8
      # @raise [ArgumentError] if spare or mode is not what it may be
      def create(sequence = [], name: nil, spare: 0, mode: 0o600, sparse: false, track: true, &block)
        list = raw_create(name, array_of(sequence), spare, mode, creation_flags(sparse, track))
        hand_over_created(list, list.shm, &block)
      end

      # Attaches to the list in a block that exists. Waits and fails as {SharedMemory.attach} does.
      #
      # @param name [String]
      # @param readonly [Boolean] map for reading only, which needs no permission to write
      # @param timeout [Numeric, nil] seconds to wait for the block to appear; nil waits for ever
      # @param same_user [Boolean] refuse a block that another user owns
      # @yieldparam list [ShareableList] closed when the block ends
      # @return [ShareableList, Object] the handle, or what the block returns
      # @raise [Polyshm::Error] if the block is no list, or one of CPython 3.8, which has another layout
      def attach(name, readonly: false, timeout: 0, same_user: false, &block)
        list = raw_attach(name, attachment_flags(readonly, same_user), timeout)
        list.shm # while it is not frozen
        hand_over(list, &block)
      end

      # What Marshal calls: attaches to the list that was dumped. Fails as {attach} does.
      # @private
      def _load(state)
        name, readonly = Marshal.load(state)
        attach(name, readonly: readonly)
      end
    end

    private :raw_segment, :raw_lock, :raw_synchronize, :raw_wait, :raw_wait_item

    # @!method [](index)
    #   Reads one item, or several as an Array has it. Several are read at once.
    #   @overload [](index)
    #     @param index [Integer] from 0, or from the end if negative
    #     @return [nil, Boolean, Integer, Float, String] the item; nil if there is none
    #   @overload [](start, length)
    #     @param start [Integer] from 0, or from the end if negative
    #     @param length [Integer]
    #     @return [Array, nil] the items, cut off at the end of the list; nil if they begin outside of it
    #   @overload [](range)
    #     @param range [Range<Integer>]
    #     @return [Array, nil] the items, cut off at the end of the list; nil if they begin outside of it
    #   @raise [IOError] if the handle is closed
    #   @raise [Polyshm::Error, EncodingError] if an item is damaged

    # @!method []=(index, value)
    #   Writes one item, or several at once. On failure every item keeps its value.
    #   @overload []=(index, value)
    #     @param index [Integer] from 0, or from the end if negative
    #     @param value [nil, Boolean, Integer, Float, String]
    #   @overload []=(start, length, values)
    #     @param start [Integer] from 0, or from the end if negative
    #     @param length [Integer] is cut off at the end of the list, as it is on reading
    #     @param values [Array] as many values as items
    #   @overload []=(range, values)
    #     @param range [Range<Integer>] is cut off at the end of the list, as it is on reading
    #     @param values [Array] as many values as items
    #   @raise [IndexError] if there is no such item, or the items begin outside of the list
    #   @raise [ArgumentError] if there are more or less values than items
    #   @raise [RangeError] if a String is longer than the item's slot, or an Integer has more than 64 bits
    #   @raise [TypeError] if a value is of any other class
    #   @raise [EncodingError] if a text is not valid, or cannot be had in UTF-8
    #   @raise [IOError] if the handle is closed or read-only

    # @!method fetch(index)
    #   @overload fetch(index)
    #     @raise [IndexError] if there is no such item
    #   @overload fetch(index, default)
    #     @param default [Object] the result if there is no such item
    #   @overload fetch(index)
    #     @yield [index] if there is no such item; gives the result
    #   @param index [Integer] from 0, or from the end if negative
    #   @return [Object] the item

    # @!method each
    #   Reads the items one after the other.
    #   @yieldparam value [nil, Boolean, Integer, Float, String]
    #   @return [self, Enumerator] an Enumerator that knows its size when there is no block

    # @!method to_a
    #   @return [Array] all items, read at once

    # @!method length
    #   @return [Integer] the number of items

    # @!method type(index)
    #   @param index [Integer] from 0, or from the end if negative
    #   @return [Symbol] the type of an item: +:none+, +:bool+, +:int64+, +:float64+, +:str+ or +:bytes+
    #   @raise [IndexError] if there is no such item

    # @!method format
    #   @return [String] the items' formats one behind the other, in the notation of Python's struct module

    # @!method readonly?
    #   Whether the list was attached read-only. Works on a closed handle.
    #   @return [Boolean]

    # @!method closed?
    #   @return [Boolean]

    # @!method close
    #   Detaches now, and with it {#shm}. The block and its name stay. Closing again is fine.
    #   @return [nil]

    # @!method unlink
    #   Removes the block's name, as {SharedMemory#unlink} does.
    #   @return [nil]

    # @!method synchronized?
    #   @return [Boolean] whether the list has a lock and versions, as all have that polyshm made. Where it has none, the
    #     methods that need them raise {Polyshm::Error}.

    # @!method timeout
    #   @return [Float, nil] how long a write or {#snapshot} through this object waits for others, in seconds: 10 unless
    #     set; nil waits for ever

    # @!method timeout=(seconds)
    #   @param seconds [Numeric, nil]
    #   @raise [ArgumentError] if seconds is negative or not a number

    # @!method unlock
    #   Gives the lock back.
    #   @return [nil]
    #   @raise [ThreadError] if this thread does not have it through this object
    #   @raise [Polyshm::Error] if the list is not synchronized
    #   @raise [IOError] if the handle is closed

    # @!method add(index, delta = 1)
    #   Adds to an Integer, in one step for everybody.
    #   @param index [Integer] from 0, or from the end if negative
    #   @param delta [Integer]
    #   @return [Integer] the sum
    #   @raise [TypeError] if the item or delta is no Integer
    #   @raise [RangeError] if the sum, or delta, has more than 64 bits
    #   @raise [IndexError] if there is no such item
    #   @raise [Errno::ETIMEDOUT] if the lock was not to be had within {#timeout}
    #   @raise [Polyshm::Error] if the list is not synchronized, or the item is damaged
    #   @raise [IOError] if the handle is closed or read-only

    # @!method compare_exchange(index, expected, desired)
    #   Writes desired if the item is expected, in one step for everybody. They are compared by type and bits: 1 is
    #   neither 1.0 nor true, and a NaN is itself.
    #   @param index [Integer] from 0, or from the end if negative
    #   @param expected [nil, Boolean, Integer, Float]
    #   @param desired [nil, Boolean, Integer, Float]
    #   @return [Boolean] whether it was written
    #   @raise [TypeError] if expected or desired is of any other class
    #   @raise [RangeError] if one of them has more than 64 bits
    #   @raise [IndexError, Errno::ETIMEDOUT, Polyshm::Error, IOError] as for {#add}

    # @!method snapshot
    #   Reads all items as they are at one version of the list: what others write under one lock is there as a whole, or
    #   not at all. Needs no right to write.
    #   @return [Array(Array, Integer)] the items, and the version
    #   @raise [Errno::ETIMEDOUT] if others write for all the time that {#timeout} allows
    #   @raise [Polyshm::Error] if the list is not synchronized, or an item is damaged
    #   @raise [IOError] if the handle is closed

    # @!method version
    #   @return [Integer] a number that each write moves, or, where a lock was taken, the end of that
    #   @raise [Polyshm::Error] if the list is not synchronized
    #   @raise [IOError] if the handle is closed

    # @!method item_version(index)
    #   @param index [Integer] from 0, or from the end if negative
    #   @return [Integer] a number that each write to the item moves
    #   @raise [IndexError] if there is no such item
    #   @raise [Polyshm::Error, IOError] as for {#version}

    # Takes the list's lock. Until {#unlock} no other process and no other thread writes to the list, and what this thread
    # writes through this object shows as one step in {#snapshot} and {#wait}. Readers of single items are not held up.
    # The thread that has the lock, in whichever of its Fibers, may take it again, and gives it back as often. A child
    # of fork does not have what its parent has. A thread that ends with the lock leaves it taken until the handle is
    # closed; {#synchronize} cannot forget to give it back.
    #
    # The lock belongs to the native thread. So a list is not for writing where Ruby moves threads from one to another:
    # from 3.3 on in Ractors other than the main one, and with RUBY_MN_THREADS=1.
    #
    # A process that dies loses the lock. Then every item has a whole value; whether they belong together is for the
    # caller to judge. The next one who takes the lock is told, be it by {#lock} or {#synchronize}, also if others wrote
    # single items meanwhile. A stopped process is not dead.
    #
    # @param timeout [Numeric, nil] seconds to wait for it; nil waits for ever
    # @return [Boolean] whether its last holder died with it
    # @raise [Errno::ETIMEDOUT] if others have it for all that time
    # @raise [Errno::EMFILE] if 1,024 attachments write to the list already
    # @raise [ArgumentError] if the timeout is negative or not a number
    # @raise [Polyshm::Error] if the list is not synchronized
    # @raise [IOError] if the handle is closed or read-only
    def lock(timeout: 10)
      raw_lock(timeout)
    end

    # Runs the block under the {#lock}.
    #
    #   list.synchronize do
    #     list[0] += 1
    #     list[1] = "done"
    #   end
    #
    # @param timeout [Numeric, nil] as for {#lock}
    # @yieldparam owner_died [Boolean] whether the lock's last holder died with it
    # @return [Object] what the block returns
    # @raise [Errno::ETIMEDOUT, Errno::EMFILE, ArgumentError, Polyshm::Error, IOError] as for {#lock}
    # @raise [ThreadError] if the block has come to its end without the lock: it gave that back, or runs in a child that
    #   was forked inside. An exception that leaves the block counts instead.
    def synchronize(timeout: 10, &block)
      raw_synchronize(timeout, &block)
    end

    # Sleeps until a version is not the one that was seen any more.
    #
    #   seen = list.version
    #   seen = list.wait(seen) until list[0] == "ready"
    #
    # @param seen [Integer] what {#version}, {#item_version} or wait gave
    # @param timeout [Numeric, nil] seconds; nil waits for ever
    # @param item [Integer, nil] the index of an item to wait for, from the end if negative; nil waits for any
    # @return [Integer] the new version
    # @raise [Errno::ETIMEDOUT] if nothing changed in that time. What a stock CPython writes does not count.
    # @raise [IndexError] if there is no such item
    # @raise [RangeError] if seen is no version, which is 0 to 2**64 - 1
    # @raise [ArgumentError] if the timeout is negative or not a number
    # @raise [Polyshm::Error] if the list is not synchronized
    # @raise [IOError] if the handle is closed
    def wait(seen, timeout: nil, item: nil)
      item.nil? ? raw_wait(seen, timeout) : raw_wait_item(item, seen, timeout)
    end

    alias size length
    alias entries to_a

    # The items for pattern matching, all read at once: <code>list in [Integer, "ready", *]</code>.
    alias deconstruct to_a

    # @!method index(value)
    #   Enumerable#find_index: the index of the first item that == the value, or for which the block is true.
    #   @param value [Object] what to look for, if there is no block
    #   @return [Integer, nil] nil if there is none
    # Called by send: YARD does not show the alias of a method that it does not know.
    send(:alias_method, :index, :find_index)

    # The segment that the list is in. Closing one closes the other.
    # @return [SharedMemory] the same object each time; works on a closed handle
    def shm
      @shm ||= raw_segment
    end

    # @return [Boolean] whether the list has no items
    def empty?
      length.zero?
    end

    # @param count [Integer, nil]
    # @return [Object, Array] the last item, nil if there is none; or an Array of the last count items
    # @raise [ArgumentError] if count is negative
    def last(count = nil)
      return self[-1] if count.nil?
      raise ArgumentError, "negative count (#{count})" if count.negative?

      self[[length - count, 0].max..]
    end

    # @param selectors [Array<Integer, Range<Integer>>] as for Array#values_at
    # @return [Array] the items at these indexes, all read at once
    def values_at(*selectors)
      to_a.values_at(*selectors)
    end

    # As Array#dig. Since no item has items of its own, more than one index is of use for nil alone.
    #
    # @param index [Integer] from 0, or from the end if negative
    # @param more [Array] what to dig for in the item
    # @return [nil, Boolean, Integer, Float, String] the item; nil if there is none
    # @raise [TypeError] if there are more indexes, and the item is not nil
    def dig(index, *more)
      [self[index]].dig(0, *more)
    end

    # @return [String] the name and the items, cut short where they are many or long
    def inspect
      content = closed? ? "closed" : "[#{shown_items.join(', ')}]"
      "#<#{self.class} #{shm.name.inspect} #{content}>"
    end
    alias to_s inspect

    # What +pp+ prints: as {#inspect}, over several lines where one is too short.
    #
    # @param printer [PP]
    # @return [void]
    def pretty_print(printer)
      return printer.text(inspect) if closed?

      printer.group(1, "#<#{self.class} #{shm.name.inspect} [", "]>") do
        printer.breakable("")
        printer.seplist(shown_items) { |text| printer.text(text) }
      end
    end

    # What Marshal calls.
    # @private
    def _dump(level)
      shm._dump(level)
    end

    private

    def shown_items
      items = Array.new([length, SHOWN_ITEMS].min) { |index| shown_item(index) }
      items << "... #{length} items" if length > SHOWN_ITEMS
      items
    end

    def shown_item(index)
      text = self[index].inspect
      text.length > SHOWN_CHARACTERS ? "#{text[0, SHOWN_CHARACTERS]}..." : text
    rescue Error, EncodingError
      "(damaged)"
    end
  end
end
