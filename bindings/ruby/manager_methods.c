/* What SharedMemoryManager has beyond SWIG's wrapper, and the names of all blocks. */
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

/* Polyshm.block_names. Others may make blocks meanwhile: then once more, with room for twice as many. */
static VALUE block_names(VALUE self)
{
    (void)self;
    VALUE memory = rb_str_tmp_new(0);
    names many = {NULL, 0};
    uint64_t capacity = 0;
    int32_t status;
    while ((status = polyshm_block_names(many.buffer, capacity, &many.size)) == POLYSHM_ENOBUFS) {
        capacity = 2 * many.size;
        rb_str_resize(memory, (long)capacity);
        many.buffer = RSTRING_PTR(memory);
    }
    check_status(status);
    VALUE array = names_convert((VALUE)&many);
    RB_GC_GUARD(memory);
    return array;
}

void native_init_manager(void)
{
    rb_define_singleton_method(native_module, "block_names", block_names, 0);
    rb_define_method(native_manager_class, "closed?", manager_is_closed, 0);
}
