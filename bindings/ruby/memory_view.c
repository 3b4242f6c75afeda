/* Ruby's MemoryView of a SharedMemory, through which C extensions and Fiddle share the bytes without a copy. */
#include "ruby/native.h"

#include <ruby/memory_view.h>

static bool export_available(VALUE self)
{
    return !polyshm_segment_is_closed(segment_of(self));
}

static bool export_get(VALUE self, rb_memory_view_t *view, int flags)
{
    polyshm_segment *segment = segment_of(self);
    const bool readonly = segment_gives_readonly(self);
    void *address = NULL;
    uint64_t size = 0;
    if ((readonly && (flags & RUBY_MEMORY_VIEW_WRITABLE)) || polyshm_segment_pin(segment) < 0)
        return false;
    polyshm_segment_address(segment, &address);
    polyshm_segment_size(segment, &size);
    rb_memory_view_init_as_byte_array(view, self, address, (ssize_t)size, readonly);
    view->private_data = segment;
    return true;
}

static bool export_release(VALUE self, rb_memory_view_t *view)
{
    (void)self;
    return polyshm_segment_unpin(view->private_data) == POLYSHM_OK;
}

void native_init_memory_view(void)
{
    static const rb_memory_view_entry_t entry = {export_get, export_release, export_available};
    rb_memory_view_register(native_segment_class, &entry);
}
