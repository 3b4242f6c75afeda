/* What SharedMemoryManager has beyond SWIG's wrapper. */
#include "ruby/native.h"

#include <ruby/encoding.h>

static VALUE names_convert(VALUE data)
{
    const names *many = (const names *)data;
    VALUE array = rb_ary_new();
    for (const char *name = NULL; (name = names_next(many, name));)
        rb_ary_push(array, rb_utf8_str_new_cstr(name));
    return array;
}

static VALUE names_release(VALUE many)
{
    names_free((names *)many);
    return Qnil;
}

VALUE names_take(names *many)
{
    return rb_ensure(names_convert, (VALUE)many, names_release, (VALUE)many);
}

static VALUE manager_is_closed(VALUE self)
{
    return manager_object_of(self)->closed ? Qtrue : Qfalse;
}

void native_init_manager(void)
{
    rb_define_method(native_manager_class, "closed?", manager_is_closed, 0);
}
