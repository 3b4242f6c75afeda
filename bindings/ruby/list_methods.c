/* ShareableList's access to its items. Written by hand, because one item costs less than SWIG's way to a method. */
#include "ruby/storable.h"
#include "ruby/waiting.h"

#include <inttypes.h>

static VALUE item_convert(VALUE one)
{
    return value_to_ruby(&((item *)one)->value);
}

static VALUE item_release(VALUE one)
{
    item_free((item *)one);
    return Qnil;
}

static VALUE items_convert(VALUE data)
{
    const items *many = (const items *)data;
    VALUE array = rb_ary_new_capa((long)many->count);
    for (uint64_t i = 0; i < many->count; i++)
        rb_ary_push(array, value_to_ruby(&many->values[i]));
    return array;
}

static VALUE items_release(VALUE many)
{
    items_free((items *)many);
    return Qnil;
}

static VALUE text_convert(VALUE text)
{
    return rb_utf8_str_new_cstr((const char *)text);
}

static VALUE text_release(VALUE text)
{
    free((char *)text);
    return Qnil;
}

VALUE text_take(char *text)
{
    return rb_ensure(text_convert, (VALUE)text, text_release, (VALUE)text);
}

static uint64_t list_count(const polyshm_list *list)
{
    uint64_t length = 0;
    check_status(polyshm_list_length(list, &length));
    return length;
}

int64_t list_index(const polyshm_list *list, int64_t index)
{
    if (index >= 0)
        return index;
    const int64_t from_front = index + (int64_t)list_count(list);
    return from_front < 0 ? index : from_front;
}

static VALUE list_get(const polyshm_list *list, int64_t index)
{
    item one;
    const int32_t status = item_get(list, list_index(list, index), &one);
    if (status == POLYSHM_EINDEX)
        return Qnil;
    check_status(status);
    if (RB_LIKELY(!one.large))
        return value_to_ruby(&one.value);
    return rb_ensure(item_convert, (VALUE)&one, item_release, (VALUE)&one);
}

static VALUE list_read(const polyshm_list *list, int64_t start, uint64_t count)
{
    items many;
    const int32_t status = items_read(list, start, count, &many);
    if (status < 0) {
        items_free(&many);
        raise_status(status);
    }
    return rb_ensure(items_convert, (VALUE)&many, items_release, (VALUE)&many);
}

/* Writes the item when the lock can be had. */
static int32_t list_set_later(VALUE self, polyshm_list *list, int64_t place, VALUE storable)
{
    if (RB_TYPE_P(storable, T_STRING))
        storable = rb_str_new_frozen(storable); /* has the same bytes even when another thread changes them */
    const polyshm_value value = value_of(storable);
    const int32_t status = waiting_list_write(list, list_timeout(self), place, &value, 1);
    RB_GC_GUARD(storable);
    return status;
}

static VALUE list_set(VALUE self, polyshm_list *list, int64_t index, VALUE object)
{
    const int64_t place = list_index(list, index);
    VALUE storable = storable_of(object, place);
    const polyshm_value value = value_of(storable);
    int32_t status = polyshm_list_set(list, place, &value);
    if (RB_UNLIKELY(status == POLYSHM_ETIMEDOUT))
        status = list_set_later(self, list, place, storable);
    check_status(status);
    RB_GC_GUARD(storable);
    return object;
}

static VALUE list_write(VALUE self, polyshm_list *list, int64_t start, uint64_t count, VALUE object)
{
    VALUE array = rb_check_array_type(object);
    if (NIL_P(array))
        array = rb_ary_new_from_args(1, object);
    sequence many = sequence_of(array, start);
    if (many.count != count)
        rb_raise(rb_eArgError, "%" PRIu64 " items cannot take %" PRIu64 " values: a list never changes its length",
                 count, many.count);
    int32_t status = polyshm_list_write(list, start, many.values, many.count);
    if (status == POLYSHM_ETIMEDOUT)
        status = waiting_list_write(list, list_timeout(self), start, many.values, many.count);
    sequence_free(&many);
    check_status(status);
    return object;
}

/* Which items list[start, length] or list[range] stands for, as Array has it: cut off at the list's end. Qtrue, or Qnil
 * when they begin outside of the list, or Qfalse when the arguments are no range but one index. */
static VALUE list_range(const polyshm_list *list, int argc, const VALUE *argv, long *start, long *count)
{
    const long length = (long)list_count(list);
    if (argc == 1)
        return rb_range_beg_len(argv[0], start, count, length, 0);

    *start = NUM2LONG(argv[0]);
    *count = NUM2LONG(argv[1]);
    if (*start < 0)
        *start += length;
    if (*start < 0 || *start > length || *count < 0)
        return Qnil;
    if (*count > length - *start)
        *count = length - *start;
    return Qtrue;
}

/* list[index], list[start, length], list[range] */
static VALUE list_aref(int argc, VALUE *argv, VALUE self)
{
    const polyshm_list *list = list_of(self);
    long start, count;
    if (RB_LIKELY(argc == 1 && RB_FIXNUM_P(argv[0])))
        return list_get(list, FIX2LONG(argv[0]));

    rb_check_arity(argc, 1, 2);
    switch (list_range(list, argc, argv, &start, &count)) {
    case Qfalse:
        return list_get(list, NUM2LONG(argv[0]));
    case Qnil:
        return Qnil;
    default:
        return list_read(list, start, (uint64_t)count);
    }
}

/* fetch(index), fetch(index, default), fetch(index) { |index| … } */
static VALUE list_fetch(int argc, VALUE *argv, VALUE self)
{
    const polyshm_list *list = list_of(self);
    rb_check_arity(argc, 1, 2);
    const int64_t index = list_index(list, NUM2LL(argv[0]));
    if (index >= 0 && (uint64_t)index < list_count(list))
        return list_get(list, index);
    if (rb_block_given_p())
        return rb_yield(argv[0]);
    if (argc == 1)
        raise_status(polyshm_list_type(list, index, &(int32_t){0}));
    return argv[1];
}

/* list[index] = value, list[start, length] = values, list[range] = values */
static VALUE list_aset(int argc, VALUE *argv, VALUE self)
{
    polyshm_list *list = list_to_change(self);
    long start, count;
    if (RB_LIKELY(argc == 2 && RB_FIXNUM_P(argv[0])))
        return list_set(self, list, FIX2LONG(argv[0]), argv[1]);

    rb_check_arity(argc, 2, 3);
    switch (list_range(list, argc - 1, argv, &start, &count)) {
    case Qfalse:
        return list_set(self, list, NUM2LONG(argv[0]), argv[1]);
    case Qnil:
        rb_raise(rb_eIndexError, "the range begins outside of the list's %" PRIu64 " items", list_count(list));
    default:
        return list_write(self, list, start, (uint64_t)count, argv[argc - 1]);
    }
}

static VALUE list_length(VALUE self)
{
    return ULL2NUM(list_count(list_of(self)));
}

static VALUE list_enumerator_size(VALUE self, VALUE arguments, VALUE enumerator)
{
    (void)arguments, (void)enumerator;
    return list_length(self);
}

static VALUE list_each(VALUE self)
{
    RETURN_SIZED_ENUMERATOR(self, 0, 0, list_enumerator_size);
    const polyshm_list *list = list_of(self);
    const uint64_t length = list_count(list);
    for (uint64_t i = 0; i < length; i++)
        rb_yield(list_get(list, (int64_t)i));
    return self;
}

static VALUE list_to_a(VALUE self)
{
    const polyshm_list *list = list_of(self);
    return list_read(list, 0, list_count(list));
}

static VALUE list_type_of(VALUE self, VALUE index)
{
    static const char *const type_names[] = {"none", "bool", "int64", "float64", "str", "bytes"};
    const polyshm_list *list = list_of(self);
    int32_t type = 0;
    check_status(polyshm_list_type(list, list_index(list, NUM2LL(index)), &type));
    return ID2SYM(rb_intern(type_names[type]));
}

void native_init_list(void)
{
    VALUE klass = native_list_class;
    rb_define_method(klass, "[]", list_aref, -1);
    rb_define_method(klass, "[]=", list_aset, -1);
    rb_define_method(klass, "fetch", list_fetch, -1);
    rb_define_method(klass, "length", list_length, 0);
    rb_define_method(klass, "each", list_each, 0);
    rb_define_method(klass, "to_a", list_to_a, 0);
    rb_define_method(klass, "type", list_type_of, 1);
}
