/* The one description of polyshm that every language's binding is generated from.
 *
 * Each bindings/LANG/polyshm.i sets %module, defines its typemaps, and then includes this. The vocabulary is fixed;
 * a language maps these, by exactly these names, and nothing else:
 *
 *   int32_t                                           a status: negative raises, the one place that does; positive is
 *                                                     success, and what it warns of is a result of its own
 *   const char *name                                  a block's name, or none (NULL), under any name (manager.i)
 *   const void *data, uint64_t size                   bytes that go in
 *   const void *authkey, uint64_t authkey_size        bytes that go in, or none
 *   void *data, uint64_t size                         a size goes in, that many bytes come out
 *   const polyshm_value *value                        one value that goes in, under any name (list.i applies it)
 *   const polyshm_value *values, uint64_t count       a sequence of values that goes in
 *   item *ITEM, items *ITEMS                          one value, or a sequence, that comes out (items.h)
 *   char **TEXT                                       a text that comes out and is to be freed
 *   names *NAMES                                      a sequence of names that comes out (names.h)
 *   polyshm_segment **segment, polyshm_list **list, polyshm_manager **manager
 *                                                     a handle that comes out, owned by the receiver
 *   uint64_t *OUTPUT, int64_t *OUTPUT, int32_t *OUTPUT, const char **OUTPUT   a plain result
 *   int32_t *FLAG                                     a result that is true or false
 *
 * Integers that go in are uint32_t, int64_t, uint64_t; times are double, in seconds. Functions whose names begin with
 * `is_` return bool and never raise. Every method without a body and without an action is the C
 * function of the same name: polyshm_segment::close is polyshm_segment_close. */

%{
#include "swig/items.h"
#include "swig/names.h"
%}

%include "swig/base.i"
%include "swig/segment.i"
%include "swig/list.i"
%include "swig/manager.i"
