/* Names, texts and bytes. */

/* A NUL would cut the name short. */
%typemap(in) const char *name %{
    if (!lua_isnil(L, $input) && lua_type(L, $input) != LUA_TSTRING) {
        luaL_error(L, "'name' must be a string, got %s", luaL_typename(L, $input));
    }
    $1 = (char *)lua_tostring(L, $input);
    if ($1 && strlen($1) != lua_rawlen(L, $input)) {
        failure_raise_words(L, POLYSHM_ENAME, "the block's name has a NUL");
    }
%}

%typemap(in, numinputs=0) const char **OUTPUT (const char *given) "given = NULL; $1 = (char **)&given;"
%typemap(argout) const char **OUTPUT "lua_pushstring(L, *$1); SWIG_arg++;"

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
