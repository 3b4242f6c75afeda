/* Names of blocks as Ruby's objects. */
#include "ruby/native.h"

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
