/* Failures become exceptions, of the classes that polyshm/errors.def names. */
#include "ruby/native.h"

#include <errno.h>
#include <ruby/encoding.h>

static const struct {
    int number; /* of the Errno class, or 0 */
    const char *class_name;
} failures[] = {
#define X(NAME, text, number, python, ruby) [-POLYSHM_##NAME] = {number, #ruby},
#include <polyshm/errors.def>
#undef X
};

void raise_status(int32_t status)
{
    size_t code = (size_t)-status;
    if (code >= sizeof failures / sizeof *failures || !failures[code].class_name)
        code = (size_t)-POLYSHM_ESYSTEM; /* of a library newer than this binding */

    VALUE message = rb_utf8_str_new_cstr(polyshm_error_message());
    if (failures[code].number)
        rb_exc_raise(rb_syserr_new_str(failures[code].number, message));
    /* A module's constants come before the world's: "Error" is Polyshm::Error, "IOError" is Ruby's. */
    rb_exc_raise(rb_exc_new_str(rb_const_get(native_module, rb_intern(failures[code].class_name)), message));
}
