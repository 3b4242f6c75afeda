/* Names, values, and sequences of values. */

%typemap(in) const char *name (VALUE text = Qnil) {
    if (!NIL_P($input)) {
        text = text_of_name($input);
        $1 = StringValueCStr(text);
    }
}
%typemap(freearg) const char *name "RB_GC_GUARD(text$argnum);"

/* arg2 is the index of the item that the value is for. */
%typemap(in) const polyshm_value *value (VALUE storable = Qnil, polyshm_value value) {
    storable = storable_of($input, arg2);
    value = value_of(storable);
    $1 = &value;
}
%typemap(freearg) const polyshm_value *value "RB_GC_GUARD(storable$argnum);"

%typemap(in) (const polyshm_value *values, uint64_t count) (sequence many) {
    Check_Type($input, T_ARRAY);
    many = sequence_of($input, 0);
    $1 = (polyshm_value *)many.values;
    $2 = many.count;
}
%typemap(freearg) (const polyshm_value *values, uint64_t count) "sequence_free(&many$argnum);"
