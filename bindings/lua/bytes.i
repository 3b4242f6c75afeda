/* Names, texts and bytes. */

/* A NUL would cut the name short. */
%typemap(in) const char *name %{
    if (!lua_isnil(L, $input) && lua_type(L, $input) != LUA_TSTRING) {
        luaL_error(L, "'$1_name' must be a string, got %s", luaL_typename(L, $input));
    }
    $1 = (char *)lua_tostring(L, $input);
    if ($1 && strlen($1) != lua_rawlen(L, $input)) {
        failure_raise_words(L, POLYSHM_ENAME, "the $1_name has a NUL");
    }
%}

%typemap(in) (const void *authkey, uint64_t authkey_size) (size_t size) %{
    if (!lua_isnil(L, $input) && lua_type(L, $input) != LUA_TSTRING) {
        luaL_error(L, "'authkey' must be a string, got %s", luaL_typename(L, $input));
    }
    size = 0;
    $1 = (void *)lua_tolstring(L, $input, &size);
    $2 = size;
%}

%typemap(in, numinputs=0) const char **OUTPUT (const char *given) "given = NULL; $1 = (char **)&given;"
%typemap(argout) const char **OUTPUT "lua_pushstring(L, *$1); SWIG_arg++;"

/* The holder frees them if pushing one fails. */
%typemap(in, numinputs=0) names *NAMES (names many, items *holder) "many = (names){NULL, 0}; $1 = &many; holder = NULL;"
%typemap(check) names *NAMES "holder$argnum = items_new(L);"
%typemap(argout) names *NAMES %{
    holder$argnum->buffer = $1->buffer;
    names_push(L, $1);
    *$1 = (names){NULL, 0};
    items_free(holder$argnum);
    SWIG_arg++;
%}
%typemap(freearg) names *NAMES "names_free($1);"

%typemap(in) (const void *data, uint64_t size) (size_t size) %{
    if (lua_type(L, $input) != LUA_TSTRING) {
        luaL_error(L, "'data' must be a string, got %s", luaL_typename(L, $input));
    }
    $1 = (void *)lua_tolstring(L, $input, &size);
    $2 = size;
%}

/* No memory is taken for more bytes than the block has: the library refuses to read those. */
%typemap(in) (void *data, uint64_t size) (uint64_t most) %{
    most = 0;
    polyshm_segment_size(segment_check(L, 1), &most);
    $2 = (uint64_t)number_check(L, $input, "size", 0, INT64_MAX);
    $1 = lua_newuserdata(L, (size_t)($2 < most ? $2 : most));
%}
%typemap(argout) (void *data, uint64_t size) "lua_pushlstring(L, $1, (size_t)$2); SWIG_arg++;"
