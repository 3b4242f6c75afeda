# frozen_string_literal: true

module Polyshm
  # Extends the IO::Buffers that {SharedMemory#buf} gives.
  #
  # A view shows the shared bytes themselves, and keeps them mapped for as long as it lives: it may outlive the
  # SharedMemory, its closing and the block's name. Slices, and what +transfer+ gives, are views that stand by
  # themselves; +free+ gives up just the view that it is called on. +resize+ raises IO::Buffer::AccessError. +dup+ and
  # +clone+ share nothing: they give a null buffer in Ruby 3.1, and a copy in later ones.
  #
  # In Ruby 3.1, IO::Buffer lets one write to a slice of a read-only buffer, and takes some negative offsets and lengths
  # for valid; either ends in a crash. A view refuses both. Methods of IO::Buffer that are called past it, by
  # UnboundMethod#bind, are Ruby's own, with Ruby's own faults.
  module View
    # @!method slice(offset = 0, length = size - offset)
    #   @param offset [Integer] bytes
    #   @param length [Integer] bytes
    #   @return [IO::Buffer] a view of a part, read-only if this one is
    #   @raise [ArgumentError] if any byte of it lies outside of the view

    # @!method transfer
    #   @return [IO::Buffer] a view of the same bytes; this one is null afterwards
  end
end
