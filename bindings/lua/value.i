/* Values of list items, one or many (value.c, sequence.c). */

%typemap(in) const polyshm_value *value (polyshm_value value) %{
    value_check(L, $input, 0, &value);
    $1 = &value;
%}

%typemap(in) (const polyshm_value *values, uint64_t count) (uint64_t count) %{
    $1 = sequence_check(L, $input, "values", &count);
    $2 = count;
%}

%typemap(in, numinputs=0) items *ITEMS "$1 = NULL;"
%typemap(check) items *ITEMS "$1 = items_new(L);"
%typemap(argout) items *ITEMS %{
    sequence_push(L, $1);
    items_free($1);
    SWIG_arg++;
%}

%typemap(in, numinputs=0) char **TEXT (items *holder) "holder = NULL;"
%typemap(check) char **TEXT %{
    holder$argnum = items_new(L);
    $1 = &holder$argnum->buffer;
%}
%typemap(argout) char **TEXT %{
    lua_pushstring(L, *$1);
    items_free(holder$argnum);
    SWIG_arg++;
%}
