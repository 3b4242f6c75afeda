/* Statuses, the one place that raises; and handles. */

%typemap(out) int32_t %{
    if ($1 < 0) {
        failure_push(L, $1);
        SWIG_fail;
    }
%}

/* These also fail where bindings/swig/items.h and names.h run out of memory, which the library has no words for. */
%typemap(out) int32_t polyshm_list::read, int32_t polyshm_list::snapshot, int32_t polyshm_list::format,
              int32_t polyshm_manager::names, int32_t polyshm_block_names %{
    if ($1 == POLYSHM_ENOMEM) {
        lua_pushliteral(L, "not enough memory");
        SWIG_fail;
    }
    if ($1 < 0) {
        failure_push(L, $1);
        SWIG_fail;
    }
%}

/* The reference keeps the handle through the call, whatever finalizers run; taken behind all arguments, so that a wrong
 * one cannot leak it (binding.h). */
%typemap(in) struct polyshm_segment *self "segment_check(L, $input);"
%typemap(check) struct polyshm_segment *self %{
    $1 = segment_check(L, 1);
    polyshm_segment_ref($1);
%}
%typemap(freearg) struct polyshm_segment *self "polyshm_segment_unref($1);"

%typemap(in) struct polyshm_list *self "list_check(L, $input);"
%typemap(check) struct polyshm_list *self %{
    $1 = list_check(L, 1);
    polyshm_list_ref($1);
%}
%typemap(freearg) struct polyshm_list *self "polyshm_list_unref($1);"

%typemap(in) struct polyshm_manager *self "manager_check(L, $input);"
%typemap(check) struct polyshm_manager *self %{
    $1 = manager_check(L, 1);
    polyshm_manager_ref($1);
%}
%typemap(freearg) struct polyshm_manager *self "polyshm_manager_unref($1);"

/* The object is made before the call, so that nothing can fail between getting a handle and keeping it; but behind the
 * arguments, which the wrapper counts first. */
%typemap(in, numinputs=0) polyshm_segment **segment (int place), polyshm_list **list (int place),
         polyshm_manager **manager (int place)
    "place = 0;"
%typemap(check) polyshm_segment **segment %{
    $1 = class_new(L, &segment_class, sizeof *$1);
    place$argnum = lua_gettop(L);
%}
%typemap(check) polyshm_list **list %{
    $1 = &list_new(L)->handle;
    place$argnum = lua_gettop(L);
%}
%typemap(check) polyshm_manager **manager %{
    $1 = class_new(L, &manager_class, sizeof *$1);
    place$argnum = lua_gettop(L);
%}
%typemap(argout) polyshm_segment **segment, polyshm_manager **manager %{
    lua_pushvalue(L, place$argnum);
    SWIG_arg++;
%}
/* Whoever calls waits for the lock himself, in a way that lets Lua go on (waiting.c). */
%typemap(argout) polyshm_list **list %{
    polyshm_list_set_timeout(*$1, 0);
    lua_pushvalue(L, place$argnum);
    SWIG_arg++;
%}
