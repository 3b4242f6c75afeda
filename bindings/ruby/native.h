/* What the parts of the extension polyshm/native share. */
#ifndef POLYSHM_RUBY_NATIVE_H
#define POLYSHM_RUBY_NATIVE_H

#include <polyshm.h>
#include <ruby.h>
#include <stdbool.h>

#include "swig/names.h"

/* The module and the classes that SWIG's wrapper makes. */
extern VALUE native_module;
extern VALUE native_segment_class;
extern VALUE native_list_class;

/* Adds to them what is written by hand. */
void native_init(VALUE module, VALUE segment_class, VALUE list_class);
void native_init_list(void);
void native_init_lock(void);
void native_init_memory(void);
void native_init_io_buffer(void);
void native_init_memory_view(void);

/* raise.c: raises the exception for a negative status, with the words of this thread's last failure. */
NORETURN(void raise_status(int32_t status));

static inline void check_status(int32_t status)
{
    if (RB_UNLIKELY(status < 0))
        raise_status(status);
}

/* input.c: integers that go in, exact or refused: RangeError outside of the type, where Ruby's own NUM2ULL makes
 * 2^64 - 1 of -1. number_is_int64 only says whether an Integer is one. */
uint64_t number_to_uint64(VALUE object);
uint32_t number_to_uint32(VALUE object);
bool number_is_int64(VALUE integer);

/* input.c: a time. nil is none, as everywhere in Ruby: it stands for ever. */
double number_to_seconds(VALUE object);

/* input.c: a String in UTF-8, or in ASCII-8BIT as it is; EncodingError when it cannot be had so. Whether what says it
 * is UTF-8 is valid, the library checks. May let other threads run. */
VALUE text_to_utf8(VALUE string);

/* input.c: a block's name, as a String that no other thread has: it cannot change while a call waits with its bytes. */
VALUE text_of_name(VALUE object);

/* list_methods.c: the index from the front. One too far below 0 stays as it is, for the library to refuse. */
int64_t list_index(const polyshm_list *list, int64_t index);

/* lock_methods.c: how long a write waits for the lock. A handle's own timeout is 0, so that a write never waits while it
 * holds the interpreter's lock; when it finds the list's lock taken (POLYSHM_ETIMEDOUT), it goes on in waiting.h. */
double list_timeout(VALUE self);

/* names.c: names as an Array of Strings. Frees them, also when it raises. */
VALUE names_take(names *many);

/* list_methods.c: a text that the library made as a String. Frees the text, also when it raises. */
VALUE text_take(char *text);

/* handle.c: the objects around the library's handles. They are typed data of our own in SWIG's classes: one comparison
 * tells that an object is what a method needs, and no instance variable, which a script can set, decides on the
 * meaning of a pointer. The classes have no allocator: there is no object without a handle but one whose making failed.
 *
 * handle_new makes the object before there is a handle. The call that gives one stores it right into the object, which
 * the collector therefore has from the first moment, whatever raises. `self` is the receiver of the method: if it is a
 * class, the object is one of that class, which may be a subclass. */
extern const rb_data_type_t segment_type;
extern const rb_data_type_t list_type;
extern const rb_data_type_t manager_type;

VALUE handle_new(VALUE self, const rb_data_type_t *type);

static inline polyshm_segment *segment_of(VALUE object)
{
    return rb_check_typeddata(object, &segment_type);
}

static inline polyshm_list *list_of(VALUE object)
{
    return rb_check_typeddata(object, &list_type);
}

/* A frozen handle takes no writes, as if it were attached read-only. */
static inline polyshm_list *list_to_change(VALUE object)
{
    rb_check_frozen(object);
    return list_of(object);
}

static inline bool segment_gives_readonly(VALUE object)
{
    return RB_OBJ_FROZEN(object) || polyshm_segment_is_readonly(segment_of(object));
}

static inline polyshm_manager *manager_of(VALUE object)
{
    return rb_check_typeddata(object, &manager_type);
}

#endif
