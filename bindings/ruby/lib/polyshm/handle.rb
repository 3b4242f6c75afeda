# frozen_string_literal: true

module Polyshm
  # Called by send, since YARD does not know what the extension defines.
  send(:private_constant, :SEGMENT_READONLY, :SEGMENT_SPARSE, :SEGMENT_SAME_USER, :SEGMENT_TRACK)

  # What has to do with making handles.
  # @private
  module Handle
    private

    # Gives the handle, or the block's value when there is a block, which gets the handle for as long as it runs.
    def hand_over(handle)
      return handle unless block_given?

      begin
        yield handle
      ensure
        handle.close
      end
    end

    # The same for the handle on a block that was created; shm is the segment of a list.
    def hand_over_created(handle, shm = handle, &block)
      shm.instance_variable_set(:@created, true)
      hand_over(handle, &block)
    end

    def array_of(sequence)
      raise TypeError, "#{sequence.class} is no Enumerable" unless sequence.is_a?(Enumerable)

      sequence.to_a
    end

    def creation_flags(sparse, track)
      (sparse ? SEGMENT_SPARSE : 0) | (track ? SEGMENT_TRACK : 0)
    end

    def attachment_flags(readonly, same_user)
      (readonly ? SEGMENT_READONLY : 0) | (same_user ? SEGMENT_SAME_USER : 0)
    end
  end
  private_constant :Handle
end
