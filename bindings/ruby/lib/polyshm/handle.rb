# frozen_string_literal: true

module Polyshm
  private_constant :SEGMENT_READONLY, :SEGMENT_SPARSE, :SEGMENT_SAME_USER

  # What the constructors of both classes have in common.
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

    def creation_flags(sparse)
      sparse ? SEGMENT_SPARSE : 0
    end

    def attachment_flags(readonly, same_user)
      (readonly ? SEGMENT_READONLY : 0) | (same_user ? SEGMENT_SAME_USER : 0)
    end
  end
  private_constant :Handle
end
