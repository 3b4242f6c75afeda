/* Names, and sequences of values. */

%typemap(in) const char *name (VALUE text = Qnil) {
    if (!NIL_P($input)) {
        text = text_of_name($input);
        $1 = StringValueCStr(text);
    }
}
%typemap(freearg) const char *name "RB_GC_GUARD(text$argnum);"

%typemap(in) (const polyshm_value *values, uint64_t count) (sequence many) {
    Check_Type($input, T_ARRAY);
    many = sequence_of($input, 0);
    $1 = (polyshm_value *)many.values;
    $2 = many.count;
}
%typemap(freearg) (const polyshm_value *values, uint64_t count) "sequence_free(&many$argnum);"
