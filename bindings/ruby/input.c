/* Integers and Strings that go in. */
#include "ruby/native.h"

#include <math.h>
#include <ruby/encoding.h>

uint64_t number_to_uint64(VALUE object)
{
    VALUE integer = rb_to_int(object);
    uint64_t number = 0;
    const int sign = rb_integer_pack(integer, &number, 1, sizeof number, 0, INTEGER_PACK_NATIVE_BYTE_ORDER);
    if (sign != 0 && sign != 1)
        rb_raise(rb_eRangeError, "%" PRIsVALUE " is not between 0 and 2**64 - 1", integer);
    return number;
}

uint32_t number_to_uint32(VALUE object)
{
    const uint64_t number = number_to_uint64(object);
    if (number > UINT32_MAX)
        rb_raise(rb_eRangeError, "%" PRIsVALUE " is not between 0 and 2**32 - 1", object);
    return (uint32_t)number;
}

bool number_is_int64(VALUE integer)
{
    int64_t number = 0;
    const int flags = INTEGER_PACK_2COMP | INTEGER_PACK_NATIVE_BYTE_ORDER;
    const int sign = rb_integer_pack(integer, &number, 1, sizeof number, 0, flags);
    return sign == 0 || (sign == 1 && number >= 0) || (sign == -1 && number < 0);
}

double number_to_seconds(VALUE object)
{
    return NIL_P(object) ? INFINITY : NUM2DBL(object);
}

VALUE text_to_utf8(VALUE string)
{
    rb_encoding *encoding = rb_enc_get(string);
    if (encoding == rb_utf8_encoding() || encoding == rb_ascii8bit_encoding())
        return string;
    if (encoding == rb_usascii_encoding() && rb_enc_str_asciionly_p(string))
        return string;
    return rb_str_encode(string, rb_enc_from_encoding(rb_utf8_encoding()), 0, Qnil);
}

VALUE text_of_name(VALUE object)
{
    return rb_str_dup(text_to_utf8(StringValue(object)));
}
