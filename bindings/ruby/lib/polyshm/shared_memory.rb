# frozen_string_literal: true

module Polyshm
  # A block of shared memory: plain bytes under a name.
  #
  #   Polyshm::SharedMemory.create("frames", size: 1 << 20) do |shm|
  #     shm.write(0, [1, 2, 3].pack("l<*"))
  #     shm.buf.get_value(:u32, 4)            # => 2
  #     shm.unlink
  #   end
  #
  # Handles can be given to Marshal, which keeps the name alone: loading attaches to the block, in whichever process.
  # They cannot be copied by +dup+ or +clone+ (TypeError). C extensions and Fiddle::MemoryView share the bytes through
  # Ruby's MemoryView.
  class SharedMemory
    extend Handle

    class << self
      undef_method :new, :allocate
      private :raw_create, :raw_attach, :raw_create_or_attach, :raw_exists, :raw_attached

      # Creates a block, zero-filled, and attaches to it.
      #
      # @param name [String, nil] 1 to 250 bytes without "/", not "." or ".."; nil for a fresh one
      # @param size [Integer] bytes, at least 1
      # @param mode [Integer] permissions, whatever the umask
      # @param sparse [Boolean] do not reserve memory. A write may then end the process (SIGBUS) when memory runs out;
      #   otherwise a full /dev/shm is an error here
      # @param track [Boolean] have the block removed when this process has ended, however it ended, and no process is
      #   attached any more. A child of +fork+ tracks what it creates itself. With false the block stays until it is
      #   unlinked
      # @yieldparam shm [SharedMemory] closed when the block ends
      # @return [SharedMemory, Object] the handle, or what the block returns
      # @raise [Errno::EEXIST] if the name is taken
      # @raise [Errno::EINVAL] if the name is not valid
      # @raise [Errno::ENOSPC] if /dev/shm has not that much room
      # @raise [Errno::EACCES] if the folder for tracking (see {SharedMemoryManager}) is not this user's own
      # @raise [ArgumentError, RangeError] if size or mode is not what it may be
      def create(name = nil, size:, mode: 0o600, sparse: false, track: true, &block)
        hand_over_created(raw_create(name, size, mode, creation_flags(sparse, track)), &block)
      end

      # Attaches to a block that exists. Waiting lets other threads run, and ends early by Thread#kill, Thread#raise,
      # Timeout or a signal that raises.
      #
      # @param name [String]
      # @param readonly [Boolean] map for reading only, which needs no permission to write
      # @param timeout [Numeric, nil] seconds to wait for the block to appear; nil waits for ever
      # @param same_user [Boolean] refuse a block that another user owns
      # @yieldparam shm [SharedMemory] closed when the block ends
      # @return [SharedMemory, Object] the handle, or what the block returns
      # @raise [Errno::ENOENT] if there is no such block, and the timeout is 0
      # @raise [Errno::ETIMEDOUT] if there was no such block during the timeout
      # @raise [Errno::EACCES] if the system refuses access, or another user owns the block
      # @raise [Errno::EINVAL] if the name is not valid, or stands for a link, folder or device
      # @raise [Polyshm::Error] if the block has no bytes
      def attach(name, readonly: false, timeout: 0, same_user: false, &block)
        hand_over(raw_attach(name, attachment_flags(readonly, same_user), timeout), &block)
      end

      # Attaches to the block of this name or, where there is none, creates it, in one step: of many processes that
      # start at once, one creates and all the others attach. {#created?} tells which. Besides what is told below, it
      # raises what {create} and {attach} do.
      #
      # @param name [String]
      # @param size [Integer] bytes, at least 1; a block that is there must have as many
      # @param mode [Integer] permissions, if the block is created
      # @param sparse [Boolean] as for {create}
      # @param track [Boolean] as for {create}, if the block is created: attaching never has it removed
      # @param same_user [Boolean] as for {attach}
      # @yieldparam shm [SharedMemory] closed when the block ends
      # @return [SharedMemory, Object] the handle, or what the block returns
      # @raise [RangeError] if the block is there, but smaller than size
      def create_or_attach(name, size:, mode: 0o600, sparse: false, track: true, same_user: false, &block)
        flags = creation_flags(sparse, track) | attachment_flags(false, same_user)
        hand_over(raw_create_or_attach(name, size, mode, flags), &block)
      end

      # Whether a block of this name exists. It may be another a moment later.
      #
      # @param name [String]
      # @return [Boolean]
      # @raise [Errno::EINVAL] if the name is not valid
      def exist?(name)
        raw_exists(name)
      end

      # Whether any process, this one included, is attached to the block. A stock CPython leaves no trace of that.
      #
      # @param name [String]
      # @return [Boolean]
      # @raise [Errno::ENOENT] if there is no such block
      # @raise [Errno::EINVAL] if the name is not valid
      def attached?(name)
        raw_attached(name)
      end

      # What Marshal calls: attaches to the block that was dumped. Fails as {attach} does.
      # @private
      def _load(state)
        name, readonly = Marshal.load(state)
        attach(name, readonly: readonly)
      end
    end

    # @!method name
    #   The block's name. Works on a closed handle.
    #   @return [String]

    # @!method size
    #   The block's size when it was attached. Works on a closed handle.
    #   @return [Integer] bytes

    # @!method buf
    #   The bytes themselves, without a copy: an IO::Buffer, read-only if the handle is, or is frozen. It stays valid for as
    #   long as it is referenced, also when the handle is closed; the memory is unmapped when both are gone. See {View}.
    #   @return [IO::Buffer] a new one at each call
    #   @raise [IOError] if the handle is closed

    # @!method read(offset = 0, size = self.size - offset)
    #   Copies bytes out of the block.
    #   @param offset [Integer] bytes from the start
    #   @param size [Integer] bytes
    #   @return [String] in ASCII-8BIT
    #   @raise [RangeError] if any of them lies outside of the block
    #   @raise [IOError] if the handle is closed

    # @!method write(offset, bytes)
    #   Copies the bytes of a String, in whatever encoding, into the block.
    #   @param offset [Integer] bytes from the start
    #   @param bytes [String]
    #   @return [Integer] how many bytes that were
    #   @raise [RangeError] if any of them would lie outside of the block; then nothing is written
    #   @raise [IOError] if the handle is closed or read-only

    # @!method readonly?
    #   Whether the handle was attached read-only. Works on a closed handle.
    #   @return [Boolean]

    # @!method closed?
    #   @return [Boolean]

    # @!method close
    #   Detaches now. The block and its name stay, and so do the views that {#buf} gave. Closing again is fine.
    #   @return [nil]

    # @!method unlink
    #   Removes the block's name, if it still stands for this very block. Attachments live on; the memory goes with the
    #   last one. Works on a closed handle.
    #   @return [nil]
    #   @raise [Errno::ENOENT] if the name is gone, or stands for another block by now, which stays
    #   @raise [Errno::EACCES] if the system refuses

    # Whether the block was created when this handle was made, and not only attached to.
    # @return [Boolean]
    def created?
      @created ? true : false
    end

    # @return [String] the name, the size and the state
    def inspect
      state = [("read-only" if readonly?), ("closed" if closed?)].compact
      "#<#{[self.class, name.inspect, "#{size} bytes", *state].join(' ')}>"
    end
    alias to_s inspect

    # What Marshal calls.
    # @private
    def _dump(_level)
      Marshal.dump([name, readonly?])
    end
  end
end
