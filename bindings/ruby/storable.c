/* List values, as storable.h says. */
#include "ruby/storable.h"

#include <inttypes.h>
#include <ruby/encoding.h>
#include <string.h>

VALUE storable_of(VALUE object, int64_t index)
{
    switch (rb_type(object)) {
    case T_NIL:
    case T_TRUE:
    case T_FALSE:
    case T_FIXNUM:
    case T_FLOAT:
        return object;
    case T_BIGNUM:
        if (!number_is_int64(object))
            rb_raise(rb_eRangeError, "item %" PRId64 ": %" PRIsVALUE " does not fit into a signed 64-bit integer",
                     index, object);
        return object;
    case T_STRING:
        return text_to_utf8(object);
    default:
        rb_raise(rb_eTypeError, "item %" PRId64 ": a list cannot hold an object of class %" PRIsVALUE, index,
                 rb_obj_class(object));
    }
}

polyshm_value value_of(VALUE storable)
{
    polyshm_value value = {.type = POLYSHM_TYPE_NONE};
    switch (rb_type(storable)) {
    case T_TRUE:
    case T_FALSE:
        value.type = POLYSHM_TYPE_BOOL;
        value.integer = storable == Qtrue;
        break;
    case T_FIXNUM:
    case T_BIGNUM:
        value.type = POLYSHM_TYPE_INT64;
        value.integer = NUM2LL(storable);
        break;
    case T_FLOAT:
        value.type = POLYSHM_TYPE_FLOAT64;
        value.real = RFLOAT_VALUE(storable);
        break;
    case T_STRING:
        value.type = rb_enc_get(storable) == rb_ascii8bit_encoding() ? POLYSHM_TYPE_BYTES : POLYSHM_TYPE_STR;
        value.data = RSTRING_PTR(storable);
        value.size = (uint64_t)RSTRING_LEN(storable);
        break;
    default:
        break;
    }
    return value;
}

VALUE value_to_ruby(const polyshm_value *value)
{
    switch (value->type) {
    case POLYSHM_TYPE_BOOL:
        return value->integer ? Qtrue : Qfalse;
    case POLYSHM_TYPE_INT64:
        return LL2NUM(value->integer);
    case POLYSHM_TYPE_FLOAT64:
        return DBL2NUM(value->real);
    case POLYSHM_TYPE_STR:
        return rb_utf8_str_new(value->data, (long)value->size);
    case POLYSHM_TYPE_BYTES:
        return rb_str_new(value->data, (long)value->size);
    default:
        return Qnil;
    }
}

static sequence sequence_pack(VALUE storables, size_t bytes)
{
    const long count = RARRAY_LEN(storables);
    VALUE memory = rb_str_tmp_new((long)((size_t)count * sizeof(polyshm_value) + bytes));
    polyshm_value *values = (polyshm_value *)(void *)RSTRING_PTR(memory);
    char *next = (char *)(values + count);
    for (long i = 0; i < count; i++) {
        values[i] = value_of(RARRAY_AREF(storables, i));
        if (values[i].size > 0) {
            values[i].data = memcpy(next, values[i].data, values[i].size);
            next += values[i].size;
        }
    }
    return (sequence){memory, values, (uint64_t)count};
}

sequence sequence_of(VALUE array, int64_t first)
{
    VALUE storables = rb_ary_new_capa(RARRAY_LEN(array));
    size_t bytes = 0;
    for (long i = 0; i < RARRAY_LEN(array); i++) {
        VALUE storable = storable_of(RARRAY_AREF(array, i), first + i);
        if (RB_TYPE_P(storable, T_STRING)) {
            storable = rb_str_new_frozen(storable); /* has the same bytes even when another thread changes them */
            bytes += (size_t)RSTRING_LEN(storable);
        }
        rb_ary_push(storables, storable);
    }
    return sequence_pack(storables, bytes);
}

void sequence_free(sequence *many)
{
    rb_str_resize(many->memory, 0);
}
