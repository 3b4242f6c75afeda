/* What ShareableList does under its lock: several writes, a step of reading and writing, a look at everything. */
#include "ruby/storable.h"
#include "ruby/waiting.h"

#include <math.h>

/* How long a write waits for the lock, in seconds: of a list whose user has not said. */
static const double DEFAULT_TIMEOUT = 10;

static ID timeout_id;

double list_timeout(VALUE self)
{
    VALUE timeout = rb_ivar_get(self, timeout_id);
    return NIL_P(timeout) ? DEFAULT_TIMEOUT : NUM2DBL(timeout);
}

static VALUE list_timeout_get(VALUE self)
{
    const double timeout = list_timeout(self);
    return isinf(timeout) ? Qnil : DBL2NUM(timeout);
}

static VALUE list_timeout_set(VALUE self, VALUE seconds)
{
    const double timeout = number_to_seconds(seconds);
    if (!(timeout >= 0))
        rb_raise(rb_eArgError, "the timeout must be 0 seconds or more, or nil, not %" PRIsVALUE, seconds);
    rb_ivar_set(self, timeout_id, DBL2NUM(timeout));
    return seconds;
}

/* raw_synchronize(timeout) { |owner_died| … }: nothing can interrupt between taking the lock and the block. What leaves the
 * block (an exception, break, throw, Thread#kill) counts, also where the lock is gone: closing gave it back, the block
 * did, or this is a child that was forked inside. */
static VALUE list_synchronize(VALUE self, VALUE timeout)
{
    rb_need_block();
    const int32_t taken = waiting_list_lock(list_to_change(self), number_to_seconds(timeout));
    check_status(taken);

    int leaving = 0;
    VALUE result = rb_protect(rb_yield, taken == POLYSHM_OWNER_DIED ? Qtrue : Qfalse, &leaving);
    polyshm_list *list = list_of(self);
    const int32_t given = polyshm_list_is_closed(list) ? POLYSHM_OK : polyshm_list_unlock(list);
    if (leaving)
        rb_jump_tag(leaving);
    check_status(given);
    return result;
}

/* add(index, delta = 1) */
static VALUE list_add(int argc, VALUE *argv, VALUE self)
{
    rb_check_arity(argc, 1, 2);
    polyshm_list *list = list_to_change(self);
    const int64_t index = list_index(list, NUM2LL(argv[0]));
    if (argc == 2 && !RB_INTEGER_TYPE_P(argv[1]))
        rb_raise(rb_eTypeError, "an Integer can be added, not an object of class %" PRIsVALUE, rb_obj_class(argv[1]));
    const int64_t delta = argc == 2 ? NUM2LL(argv[1]) : 1;

    int64_t sum = 0;
    int32_t status = polyshm_list_add(list, index, delta, &sum);
    if (status == POLYSHM_ETIMEDOUT)
        status = waiting_list_add(list, list_timeout(self), index, delta, &sum);
    check_status(status);
    return LL2NUM(sum);
}

typedef struct {
    VALUE self;
    polyshm_list *list;
    items many;
    uint64_t version;
} snapshot;

static VALUE snapshot_take(VALUE data)
{
    snapshot *shot = (snapshot *)data;
    const double timeout = list_timeout(shot->self);
    int32_t status = waiting_list_snapshot(shot->list, timeout, &shot->many, &shot->version);
    if (status == POLYSHM_ETIMEDOUT && !list_is_readonly(shot->list))
        status = waiting_list_snapshot_locked(shot->list, timeout, &shot->many, &shot->version);
    check_status(status);

    VALUE array = rb_ary_new_capa((long)shot->many.count);
    for (uint64_t i = 0; i < shot->many.count; i++)
        rb_ary_push(array, value_to_ruby(&shot->many.values[i]));
    return rb_assoc_new(array, ULL2NUM(shot->version));
}

static VALUE snapshot_release(VALUE data)
{
    items_free(&((snapshot *)data)->many);
    return Qnil;
}

static VALUE list_snapshot(VALUE self)
{
    snapshot shot = {.self = self, .list = list_of(self)};
    return rb_ensure(snapshot_take, (VALUE)&shot, snapshot_release, (VALUE)&shot);
}

void native_init_lock(void)
{
    VALUE klass = native_list_class;
    timeout_id = rb_intern("polyshm_timeout"); /* no @: Ruby code cannot see it */
    rb_define_method(klass, "timeout", list_timeout_get, 0);
    rb_define_method(klass, "timeout=", list_timeout_set, 1);
    rb_define_method(klass, "raw_synchronize", list_synchronize, 1);
    rb_define_method(klass, "add", list_add, -1);
    rb_define_method(klass, "snapshot", list_snapshot, 0);
}
