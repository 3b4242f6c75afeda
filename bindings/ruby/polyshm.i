/* The Ruby binding: module Polyshm, in the extension polyshm/native.
 *
 * SWIG makes the classes and all that is called now and then. What reads and writes items and bytes is in
 * list_methods.c, memory_methods.c and io_buffer.c, and added to the same classes. lib/ gives both the shape that a
 * Ruby program expects; methods called raw_… are its private way in. */
%module polyshm

%{
#include "ruby/native.h"
#include "ruby/storable.h"
%}

/* Before any method is defined, to count for all: the library may be called from any thread. */
%init %{
    rb_ext_ractor_safe(true);
%}

%include "ruby/handles.i"
%include "ruby/plain.i"
%include "ruby/strings.i"
%include "ruby/waiting.i"

%rename("raw_%s") polyshm_segment::create;
%rename("raw_%s") polyshm_segment::attach;
%rename("raw_%s") polyshm_segment::create_or_attach;
%rename("raw_%s") polyshm_list::create;
%rename("raw_%s") polyshm_list::attach;
%rename("raw_%s") polyshm_list::segment;
%rename("raw_%s") polyshm_segment::exists;
%rename("raw_%s") polyshm_segment::attached;
%rename("readonly?") polyshm_segment::is_readonly;
%rename("closed?") polyshm_segment::is_closed;
%rename("closed?") polyshm_list::is_closed;
%rename("readonly?") polyshm_list::is_readonly;
%rename("synchronized?") polyshm_list::is_synchronized;
%rename("raw_%s") polyshm_list::lock;
%rename("raw_%s") polyshm_list::wait;
%rename("raw_%s") polyshm_list::wait_item;
%rename("raw_%s") polyshm_manager::start;
%rename("raw_%s") polyshm_manager::connect;
%rename("raw_%s") polyshm_manager::create_segment;
%rename("raw_%s") polyshm_manager::create_list;
%rename("raw_%s") polyshm_manager::join;
%rename("owner?") polyshm_manager::is_owner;
%rename("closed?") polyshm_manager::is_closed;

/* Written by hand. */
%ignore polyshm_segment::read;
%ignore polyshm_segment::write;
%ignore polyshm_list::length;
%ignore polyshm_list::type;
%ignore polyshm_list::capacity;
%ignore polyshm_list::get;
%ignore polyshm_list::set;
%ignore polyshm_list::read;
%ignore polyshm_list::write;
%ignore polyshm_list::add;
%ignore polyshm_list::snapshot;

/* Is 0, always (handles.i). */
%ignore polyshm_list::set_timeout;

%rename("$ignore", regextarget=1, %$isenumitem) "^POLYSHM_TYPE_";

/* Enumerable's, for which true is not 1. */
%ignore polyshm_list::count;
%ignore polyshm_list::index;

%include "swig/polyshm.i"

%init %{
    native_init(mPolyshm, SwigClassSharedMemory.klass, SwigClassShareableList.klass);
%}
