/* Polyshm::View: IO::Buffers that show shared memory without a copy.
 *
 * A view's pin keeps the bytes mapped for as long as the view lives, whatever becomes of the handle. The pin is a
 * hidden instance variable of the IO::Buffer; View, which extends it, hands it on to slices and to what transfer gives.
 * So each view stands by itself, and may be freed or collected in any order.
 *
 * View also mends what Ruby 3.1 gets wrong, since wrong means a crash here: a slice of a read-only buffer can be
 * written to, and negative offsets and lengths, which wrap around, pass for small ones in places. */
#include "ruby/native.h"

#include <inttypes.h>
#include <ruby/io/buffer.h>

static VALUE view_module, pin_class;
static ID pin_id;

static void pin_release(void *segment)
{
    polyshm_segment_unpin(segment);
}

static const rb_data_type_t pin_type = {
    .wrap_struct_name = "Polyshm pin",
    .function = {.dfree = pin_release},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static VALUE pin_new(polyshm_segment *segment)
{
    VALUE pin = TypedData_Wrap_Struct(pin_class, &pin_type, NULL);
    check_status(polyshm_segment_pin(segment));
    RTYPEDDATA_DATA(pin) = segment;
    return pin;
}

static VALUE view_pinned(VALUE view, VALUE pin)
{
    rb_extend_object(view, view_module);
    rb_ivar_set(view, pin_id, pin);
    return view;
}

static VALUE view_new(VALUE pin, void *base, size_t size, bool readonly)
{
    const int flags = RB_IO_BUFFER_EXTERNAL | (readonly ? RB_IO_BUFFER_READONLY : 0);
    return view_pinned(rb_io_buffer_new(base, size, (enum rb_io_buffer_flags)flags), pin);
}

static VALUE segment_buf(VALUE self)
{
    polyshm_segment *segment = segment_of(self);
    void *address = NULL;
    uint64_t size = 0;
    VALUE pin = pin_new(segment);
    check_status(polyshm_segment_address(segment, &address));
    check_status(polyshm_segment_size(segment, &size));
    return view_new(pin, address, (size_t)size, segment_gives_readonly(self));
}

/* Calls IO::Buffer's method, but refuses offsets and lengths below 0 or over 2^63 - 1. They are the arguments from
 * first to last. */
static VALUE view_guarded(int argc, const VALUE *argv, int first, int last)
{
    VALUE arguments[4];
    rb_check_arity(argc, 0, 4);
    for (int i = 0; i < argc; i++) {
        arguments[i] = argv[i];
        if (i < first || i > last || NIL_P(argv[i]))
            continue;
        arguments[i] = rb_to_int(argv[i]); /* once, so that what is checked is what is used */
        if (NUM2LL(arguments[i]) < 0)
            rb_raise(rb_eArgError, "offset or length %" PRIsVALUE " is negative", arguments[i]);
    }
    return rb_call_super(argc, arguments);
}

/* Reads the arguments (offset = 0, length = the rest), which must lie within size bytes. */
static void view_range(int argc, const VALUE *argv, size_t size, size_t *offset, size_t *length)
{
    const int64_t start = argc > 0 && !NIL_P(argv[0]) ? NUM2LL(argv[0]) : 0;
    if (start < 0 || (size_t)start > size)
        rb_raise(rb_eArgError, "offset %" PRId64 " is outside of the buffer's %" PRIuSIZE " bytes", start, size);
    const int64_t rest = (int64_t)size - start;
    const int64_t count = argc > 1 && !NIL_P(argv[1]) ? NUM2LL(argv[1]) : rest;
    if (count < 0 || count > rest)
        rb_raise(rb_eArgError,
                 "length %" PRId64 " from offset %" PRId64 " is outside of the buffer's %" PRIuSIZE " bytes", count,
                 start, size);
    *offset = (size_t)start;
    *length = (size_t)count;
}

/* A view that was freed and then resized has memory of Ruby's own, which our pin does not keep. */
enum { OWNER = RB_IO_BUFFER_EXTERNAL | RB_IO_BUFFER_INTERNAL | RB_IO_BUFFER_MAPPED };

/* slice(offset = 0, length = the rest) */
static VALUE view_slice(int argc, VALUE *argv, VALUE self)
{
    void *base;
    size_t size, offset, length;
    const int flags = rb_io_buffer_get_bytes(self, &base, &size);
    rb_check_arity(argc, 0, 2);
    view_range(argc, argv, size, &offset, &length);

    VALUE pin = rb_ivar_get(self, pin_id);
    if (NIL_P(pin) || (flags & OWNER) != RB_IO_BUFFER_EXTERNAL) {
        VALUE arguments[] = {SIZET2NUM(offset), SIZET2NUM(length)};
        return rb_call_super(2, arguments);
    }
    return view_new(pin, (char *)base + offset, length, flags & RB_IO_BUFFER_READONLY);
}

/* clear(value = 0, offset = 0, length = the rest) */
static VALUE view_clear(int argc, VALUE *argv, VALUE self)
{
    void *base;
    size_t size, offset, length;
    rb_check_arity(argc, 0, 3);
    VALUE value = argc > 0 ? rb_to_int(argv[0]) : INT2FIX(0);
    rb_io_buffer_get_bytes(self, &base, &size);
    view_range(argc - 1, argv + 1, size, &offset, &length);
    VALUE arguments[] = {value, SIZET2NUM(offset), SIZET2NUM(length)};
    return rb_call_super(3, arguments);
}

static VALUE view_transfer(VALUE self)
{
    return view_pinned(rb_io_buffer_transfer(self), rb_ivar_get(self, pin_id));
}

/* IO::Buffer's methods with the places of their offsets and lengths, those of later Rubies included. */
#define VIEW_METHODS(X)                                                                                                \
    X(get_value, 1, 1)                                                                                                 \
    X(get_values, 1, 1)                                                                                                \
    X(set_value, 1, 1)                                                                                                 \
    X(set_values, 1, 1)                                                                                                \
    X(each, 1, 2)                                                                                                      \
    X(each_byte, 0, 1)                                                                                                 \
    X(values, 1, 2)                                                                                                    \
    X(get_string, 0, 1)                                                                                                \
    X(set_string, 1, 3)                                                                                                \
    X(copy, 1, 3)                                                                                                      \
    X(hexdump, 0, 2)                                                                                                   \
    X(read, 1, 2)                                                                                                      \
    X(write, 1, 2)                                                                                                     \
    X(pread, 1, 3)                                                                                                     \
    X(pwrite, 1, 3)

#define X(name, first, last)                                                                                           \
    static VALUE view_##name(int argc, VALUE *argv, VALUE self)                                                        \
    {                                                                                                                  \
        (void)self;                                                                                                    \
        return view_guarded(argc, argv, first, last);                                                                  \
    }
VIEW_METHODS(X)
#undef X

void native_init_io_buffer(void)
{
    pin_id = rb_intern("polyshm_pin"); /* no @: Ruby code cannot see it */
    pin_class = rb_class_new(rb_cObject);
    rb_undef_alloc_func(pin_class);
    rb_gc_register_mark_object(pin_class);

    view_module = rb_define_module_under(native_module, "View");
    rb_define_method(view_module, "slice", view_slice, -1);
    rb_define_method(view_module, "clear", view_clear, -1);
    rb_define_method(view_module, "transfer", view_transfer, 0);
#define X(name, first, last)                                                                                           \
    if (rb_method_boundp(rb_cIOBuffer, rb_intern(#name), 1))                                                           \
        rb_define_method(view_module, #name, view_##name, -1);
    VIEW_METHODS(X)
#undef X
    rb_define_method(native_segment_class, "buf", segment_buf, 0);
}
