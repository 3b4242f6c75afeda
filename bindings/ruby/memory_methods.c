/* SharedMemory's read and write: bytes in and out by copy, checked against the block's size. */
#include "ruby/native.h"

/* read(offset = 0, size = the rest) */
static VALUE segment_read(int argc, VALUE *argv, VALUE self)
{
    const polyshm_segment *segment = segment_of(self);
    rb_check_arity(argc, 0, 2);
    uint64_t total = 0;
    check_status(polyshm_segment_size(segment, &total));
    const uint64_t offset = argc > 0 && !NIL_P(argv[0]) ? number_to_uint64(argv[0]) : 0;
    const uint64_t rest = offset < total ? total - offset : 0;
    const uint64_t size = argc > 1 && !NIL_P(argv[1]) ? number_to_uint64(argv[1]) : rest;

    /* What cannot be read is not allocated: it is left to the library to refuse, in its own words. */
    VALUE bytes = rb_str_new(NULL, size <= rest ? (long)size : 0);
    check_status(polyshm_segment_read(segment, offset, RSTRING_PTR(bytes), size));
    return bytes;
}

/* write(offset, bytes) */
static VALUE segment_write(VALUE self, VALUE offset, VALUE bytes)
{
    rb_check_frozen(self);
    polyshm_segment *segment = segment_of(self);
    const uint64_t start = number_to_uint64(offset);
    StringValue(bytes);
    check_status(polyshm_segment_write(segment, start, RSTRING_PTR(bytes), (uint64_t)RSTRING_LEN(bytes)));
    return LONG2NUM(RSTRING_LEN(bytes));
}

void native_init_memory(void)
{
    rb_define_method(native_segment_class, "read", segment_read, -1);
    rb_define_method(native_segment_class, "write", segment_write, 2);
}
