/* List values, to Ruby and from it.
 *
 * nil, true, false, Integer, Float and String are all there is. A String in ASCII-8BIT is bytes; any other is text,
 * transcoded to UTF-8 where need be.
 *
 * Ruby raises by longjmp, so nothing that only C knows may be held where Ruby code could run. A sequence is therefore
 * taken in two passes: the first makes a storable object of each item, and may raise or let other threads run; the
 * second copies them into one piece of memory, and does neither. That memory is a hidden String's, so that the
 * collector has it when a later call raises. */
#ifndef POLYSHM_RUBY_STORABLE_H
#define POLYSHM_RUBY_STORABLE_H

#include "ruby/native.h"

/* The object in a form that value_of takes; TypeError, RangeError or EncodingError, whose words name the index. */
VALUE storable_of(VALUE object, int64_t index);

/* The value of a storable object. A String's bytes are its own: keep it alive. Never raises. */
polyshm_value value_of(VALUE storable);

VALUE value_to_ruby(const polyshm_value *value);

/* Many values, with all their texts and bytes, in the memory of a hidden String. */
typedef struct {
    VALUE memory;
    const polyshm_value *values;
    uint64_t count;
} sequence;

/* Takes the values of an Array. The first is item `first`, for the words of an error. */
sequence sequence_of(VALUE array, int64_t first);

/* Gives the memory back at once. */
void sequence_free(sequence *many);

#endif
