# frozen_string_literal: true

module Polyshm
  # An owner of blocks. What is created through a manager goes, all at once, when the manager is shut down, or when the
  # process that started it has ended, however it ended. Who is attached then stays attached.
  #
  #   Polyshm::SharedMemoryManager.start do |manager|
  #     list = manager.shareable_list([0] * 8)
  #     pids = Array.new(4) { |i| fork { Polyshm::ShareableList.attach(list.shm.name) { |mine| mine[i] = i } } }
  #     pids.each { |pid| Process.wait(pid) }
  #     list.to_a                             # => [0, 1, 2, 3, 0, 0, 0, 0]
  #   end                                     # the list's block is gone
  #
  # Any process of the same user, in Ruby, Python, Lua or C, can {connect} to it by its {#address} and create through
  # it. A child of +fork+ goes on as one that is connected: what it does with the manager, and its end, shuts nothing
  # down.
  #
  # What a manager owns stands in a file of the folder +$XDG_RUNTIME_DIR/polyshm+, or +/tmp/polyshm-UID+ where that
  # variable is not set, each block before it gets its name. A helper process waits for owners to end; if it is killed,
  # the next call that needs it starts another.
  #
  # A handle that is garbage-collected is closed, which shuts down a manager that was started through it. Handles cannot
  # be copied by +dup+ or +clone+, nor given to Marshal (TypeError): give away the address.
  class SharedMemoryManager
    extend Handle
    include Handle

    class << self
      undef_method :new, :allocate
      private :raw_start, :raw_connect

      # Starts a manager, which this process owns.
      #
      # @param address [String, nil] 1 to 250 bytes without "/", not ".", ".." or "helper"; nil for a fresh one
      # @param authkey [String, nil] up to 255 bytes that who connects must give. It guards against mistakes: other
      #   users cannot connect anyhow, and those of this user can read it
      # @yieldparam manager [SharedMemoryManager] shut down when the block ends, however it ends
      # @return [SharedMemoryManager, Object] the manager, or what the block returns
      # @raise [Errno::EEXIST] if a manager is at that address, and its owner lives
      # @raise [Errno::EINVAL] if the address is not valid
      # @raise [Errno::EACCES] if the folder that managers meet in is another user's, or open to others
      # @raise [Errno::ETIMEDOUT] if a manager that has ended left blocks there, and they do not go
      # @raise [ArgumentError] if the authkey is too long
      def start(address: nil, authkey: nil, &block)
        hand_over(raw_start(address, authkey), &block)
      end

      # Connects to the manager at an address.
      #
      # @param address [String]
      # @param authkey [String, nil] the one that it was started with
      # @yieldparam manager [SharedMemoryManager] closed when the block ends; the manager goes on
      # @return [SharedMemoryManager, Object] the handle, or what the block returns
      # @raise [Errno::ENOENT] if no manager is there, or it has shut down, or its owner has ended
      # @raise [Errno::EACCES] if the authkey is another, or another user's manager is there
      # @raise [Errno::EINVAL] if the address is not valid
      # @raise [Polyshm::Error] if what is there is no manager's, or one of another version
      def connect(address, authkey: nil, &block)
        hand_over(raw_connect(address, authkey), &block)
      end
    end

    private :raw_create_segment, :raw_create_list, :raw_join

    # Creates a block that the manager owns, and attaches to it. Besides what is told below, it raises what
    # {SharedMemory.create} does.
    #
    # @param size [Integer] bytes, at least 1
    # @param name [String, nil] as for {SharedMemory.create}
    # @param mode [Integer] permissions, whatever the umask
    # @param sparse [Boolean] as for {SharedMemory.create}
    # @yieldparam shm [SharedMemory] closed when the block ends
    # @return [SharedMemory, Object] the handle, or what the block returns
    # @raise [Errno::ENOENT] if the manager has shut down, or its owner has ended, or the handle is closed
    def shared_memory(size, name: nil, mode: 0o600, sparse: false, &block)
      hand_over_created(raw_create_segment(name, size, mode, creation_flags(sparse, false)), &block)
    end

    # Creates a list that the manager owns, and attaches to it. Besides what is told below, it raises what
    # {ShareableList.create} does.
    #
    # @param sequence [Enumerable] the values
    # @param name [String, nil] as for {SharedMemory.create}
    # @param spare [Integer] as for {ShareableList.create}
    # @param mode [Integer] permissions, whatever the umask
    # @param sparse [Boolean] as for {SharedMemory.create}
    # @yieldparam list [ShareableList] closed when the block ends
    # @return [ShareableList, Object] the handle, or what the block returns
    # @raise [Errno::ENOENT] if the manager has shut down, or its owner has ended, or the handle is closed
    def shareable_list(sequence = [], name: nil, spare: 0, mode: 0o600, sparse: false, &block)
      list = raw_create_list(name, array_of(sequence), spare, mode, creation_flags(sparse, false))
      hand_over_created(list, list.shm, &block)
    end

    # @!method adopt(name)
    #   Has the manager own an existing block, too. Once is enough.
    #   @param name [String]
    #   @return [nil]
    #   @raise [Errno::ENOENT] if there is no such block, or the manager has shut down, or its owner has ended, or the
    #     handle is closed
    #   @raise [Errno::EINVAL] if the name is not valid

    # @!method release(name)
    #   Has the manager own a block no longer: it stays when the manager goes.
    #   @param name [String]
    #   @return [nil]
    #   @raise [Errno::ENOENT] if there is no such block, or the manager was shut down, or the handle is closed
    #   @raise [KeyError] if the manager does not own it

    # @!method names
    #   @return [Array<String>] the names of the blocks that the manager owns and that exist
    #   @raise [Errno::ENOENT] if the manager was shut down, or the handle is closed

    # @!method shutdown
    #   Unlinks all blocks that the manager owns, and ends it. Twice is fine.
    #   @return [nil]
    #   @raise [Error] if this process did not start it

    # Waits until the manager has ended, and its blocks are unlinked.
    #
    # @param timeout [Numeric, nil] seconds; nil waits for ever
    # @return [nil]
    # @raise [Errno::ETIMEDOUT] if it has not ended in that time
    # @raise [ArgumentError] if the timeout is negative or not a number
    def join(timeout: nil)
      raw_join(timeout)
    end

    # @!method address
    #   What others {connect} to. Works on a closed handle.
    #   @return [String]

    # @!method owner?
    #   @return [Boolean] whether this process started the manager, through this handle, and it has not shut down

    # @!method close
    #   Disconnects. The owner's handle shuts the manager down. Closing again is fine.
    #   @return [nil]

    # @!method closed?
    #   @return [Boolean] whether the handle was closed, or the manager was shut down through it

    # @return [String] the address and the state
    def inspect
      state = [("owner" if owner?), ("closed" if closed?)].compact
      "#<#{[self.class, address.inspect, *state].join(' ')}>"
    end
    alias to_s inspect
  end
end
