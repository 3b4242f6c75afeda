# frozen_string_literal: true

require "polyshm/native"

# Shared memory by name, between processes written in different languages.
#
# {SharedMemory} is a block of plain bytes, {ShareableList} a list of typed values in one. Any process that knows a
# block's name can attach to it, be it in Ruby, Python, Lua or C. A block stays until its name is unlinked and the last
# process has closed it; closing alone removes nothing. What nobody unlinks goes when the process that created it has
# ended and no process is attached any more (+track: false+ has it stay), or with the {SharedMemoryManager} that owns
# it.
#
# Whatever fails raises, and says why in words:
#
# * what the operating system refuses is an +Errno+ class: Errno::ENOENT (no such block), Errno::EEXIST (the name is
#   taken), Errno::EACCES, Errno::ENOSPC (/dev/shm is full), Errno::ETIMEDOUT, Errno::EINVAL (no valid name), …;
# * a closed handle, and writing through a read-only one, is an IOError;
# * unlocking what this thread has not locked is a ThreadError;
# * an offset, number or text that does not fit is a RangeError, an index outside of a list an IndexError, a value of
#   another class a TypeError, text that is not UTF-8 an EncodingError, any other argument an ArgumentError;
# * a block that is no list, or a damaged one, an address that is no manager's, and shutting down a manager that another
#   process started, is a {Polyshm::Error};
# * releasing a block that a manager does not own is a KeyError.
#
# A peer that shortens a block's file while others have it mapped makes their next access end in SIGBUS, which kills a
# process; +same_user: true+ refuses the blocks of other users. A handle costs a file descriptor until it is closed; one
# that is garbage-collected is closed. After +fork+, both processes may go on with what they have.
#
# A handle belongs to the Ractor that made it: it is not shareable, frozen or not, and neither copied nor moved to
# another (Ractor::Error, TypeError). Give away the name, by which each Ractor attaches for itself.
#
# A frozen handle is as one that was attached read-only: what would write through it, or take a list's lock, raises a
# FrozenError, and its views are read-only. It can still be closed, and unlinked.
#
# <code>require "polyshm"</code> loads all of it; the files under +polyshm/+ are not for loading by themselves.
module Polyshm
  # The version of the library that was loaded, "MAJOR.MINOR.PATCH".
  VERSION = version.freeze

  # @!method self.version
  #   The version of the library, "MAJOR.MINOR.PATCH".
  #   @return [String]

  # @!method self.abi_version
  #   The version of the library's binary interface.
  #   @return [Integer]

  # @!method self.status_name(status)
  #   The name that C programs have for a status, such as "POLYSHM_ENOENT" for -5.
  #   @param status [Integer]
  #   @return [String] "POLYSHM_UNKNOWN" for a number that is no status

  # @!method self.block_names
  #   @return [Array<String>] the names of all blocks in /dev/shm, whoever made them, with whatever program
  #   @raise [SystemCallError] if the folder cannot be read

  # A failure that no exception of Ruby's own stands for: the block is no list, or in a layout that this version does
  # not read; an item is damaged; a block has no bytes; a list has no lock.
  class Error < StandardError; end
end

require "polyshm/handle"
require "polyshm/view"
require "polyshm/shared_memory"
require "polyshm/shareable_list"
require "polyshm/shared_memory_manager"
