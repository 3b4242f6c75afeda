/* Names, values, and sequences of values. */

%typemap(in) const char *name (VALUE text = Qnil) {
    if (!NIL_P($input)) {
        text = text_of_name($input);
        $1 = StringValueCStr(text);
    }
}
%typemap(freearg) const char *name "RB_GC_GUARD(text$argnum);"

/* No other thread can change it while the call waits. */
%typemap(in) (const void *authkey, uint64_t authkey_size) (VALUE key = Qnil) {
    key = NIL_P($input) ? Qnil : rb_str_new_frozen(StringValue($input));
    $1 = NIL_P(key) ? NULL : RSTRING_PTR(key);
    $2 = NIL_P(key) ? 0 : (uint64_t)RSTRING_LEN(key);
}
%typemap(freearg) (const void *authkey, uint64_t authkey_size) "RB_GC_GUARD(key$argnum);"

%typemap(in, numinputs=0) names *NAMES (names many = {NULL, 0}) "$1 = &many;"
%typemap(out) int32_t polyshm_manager::names {
    if ($1 < 0) {
        names_free(arg2);
    }
    check_status($1);
}
%typemap(out) int32_t polyshm_block_names {
    if ($1 < 0) {
        names_free(arg1);
    }
    check_status($1);
}
%typemap(argout) names *NAMES "$result = names_take($1);"

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
