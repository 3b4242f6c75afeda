/* Numbers: checked, exact, and named in the error. */

%typemap(in) uint32_t "$1 = (uint32_t)number_check(L, $input, \"$1_name\", 0, UINT32_MAX);"
%typemap(in) uint64_t "$1 = (uint64_t)number_check(L, $input, \"$1_name\", 0, INT64_MAX);"
%typemap(in) int64_t "$1 = number_check(L, $input, \"$1_name\", INT32_MIN, INT32_MAX);"
%typemap(in) int64_t delta "$1 = lua_isnil(L, $input) ? 1 : number_check(L, $input, \"$1_name\", INT64_MIN, INT64_MAX);"
%typemap(default) int64_t delta "$1 = 1;"
%typemap(in) int64_t index, int64_t start "$1 = number_check_index(L, $input, \"$1_name\");"

%typemap(in) double %{
    if (lua_type(L, $input) != LUA_TNUMBER) {
        luaL_error(L, "'$1_name' must be a number, got %s", luaL_typename(L, $input));
    }
    $1 = lua_tonumber(L, $input);
%}

%typemap(out) uint32_t "lua_pushinteger(L, (lua_Integer)$1); SWIG_arg++;"

%typemap(in, numinputs=0) uint64_t *OUTPUT (uint64_t given), int64_t *OUTPUT (int64_t given),
         int32_t *OUTPUT (int32_t given), int32_t *FLAG (int32_t given) "given = 0; $1 = &given;"
%typemap(argout) uint64_t *OUTPUT, int64_t *OUTPUT "number_push_int64(L, (int64_t)*$1); SWIG_arg++;"
%typemap(argout) int32_t *OUTPUT "lua_pushinteger(L, *$1); SWIG_arg++;"
%typemap(argout) int32_t *FLAG "lua_pushboolean(L, *$1); SWIG_arg++;"
