/* Integers, times, answers, and the status that every call returns. */

%typemap(in) uint32_t "$1 = number_to_uint32($input);"
%typemap(in) uint64_t "$1 = number_to_uint64($input);"
%typemap(in) int64_t "$1 = NUM2LL($input);"
%typemap(in) int64_t index "$1 = list_index(arg1, NUM2LL($input));" /* arg1 is the list */
%typemap(in) double "$1 = number_to_seconds($input);"
%typemap(out) uint32_t "$result = UINT2NUM($1);"
%typemap(out) const char * "$result = rb_utf8_str_new_cstr($1);"

%typemap(out) int32_t "check_status($1);"

%typemap(in, numinputs=0) uint64_t *OUTPUT (uint64_t out = 0), const char **OUTPUT (char *out = NULL),
                          int32_t *FLAG (int32_t out = 0), char **TEXT (char *out = NULL) "$1 = &out;"
%typemap(argout) uint64_t *OUTPUT "$result = ULL2NUM(*$1);"
%typemap(argout) const char **OUTPUT "$result = rb_utf8_str_new_cstr(*$1);"
%typemap(argout) int32_t *FLAG "$result = *$1 ? Qtrue : Qfalse;"
%typemap(argout) char **TEXT "$result = text_take(*$1);"
