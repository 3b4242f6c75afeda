/* Handles: the receiver of a method, and what a constructor gives. */

%typemap(in) struct polyshm_segment * "$1 = segment_of($input);"
%typemap(in) struct polyshm_list * "$1 = list_of($input);"
%typemap(in) struct polyshm_manager * "$1 = manager_of($input);"

%typemap(in, numinputs=0) polyshm_segment **segment (VALUE object = Qnil) {
    object = handle_new(self, &segment_type);
    $1 = (polyshm_segment **)&RTYPEDDATA_DATA(object);
}
%typemap(in, numinputs=0) polyshm_list **list (VALUE object = Qnil) {
    object = handle_new(self, &list_type);
    $1 = (polyshm_list **)&RTYPEDDATA_DATA(object);
}
%typemap(in, numinputs=0) polyshm_manager **manager (VALUE object = Qnil) {
    object = handle_new(self, &manager_type);
    $1 = (polyshm_manager **)&RTYPEDDATA_DATA(object);
}
%typemap(argout) polyshm_segment **segment, polyshm_manager **manager "$result = object$argnum;"
%typemap(argout) polyshm_list **list {
    polyshm_list_set_timeout(*$1, 0); /* waiting.h does the waiting */
    $result = object$argnum;
}

/* The object remembers the answer, for created? */
%typemap(in, numinputs=0) (polyshm_segment **segment, int32_t *FLAG) (VALUE object = Qnil, int32_t created = 0) {
    object = handle_new(self, &segment_type);
    $1 = (polyshm_segment **)&RTYPEDDATA_DATA(object);
    $2 = &created;
}
%typemap(argout) (polyshm_segment **segment, int32_t *FLAG) {
    rb_iv_set(object$argnum, "@created", created$argnum ? Qtrue : Qfalse);
    $result = object$argnum;
}
