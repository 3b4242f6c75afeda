/* polyshm._polyshm: the shared description as a Python extension. The classes that people use are made of its three
 * types, in polyshm/segment.py, polyshm/list.py and polyshm/manager.py; so all methods here begin with an underscore. */
%module(package="polyshm") _polyshm

%include <stdint.i>

%{
#undef SWIG_init
#define SWIG_init module_new /* what imports call is in module.c */
%}

%rename("_%s", %$isfunction, %$ismember) "";

%include "python/handles.i"
%include "python/arguments.i"
%include "python/results.i"
%include "python/waits.i"

/* Type slots; SWIG writes them into the type as they are. */
%feature("python:sq_length") polyshm_list "list_length";
%feature("python:mp_length") polyshm_list "list_length";
%feature("python:sq_item") polyshm_list "list_item";
%feature("python:sq_ass_item") polyshm_list "list_assign_item";
%feature("python:mp_subscript") polyshm_list "list_subscript";
%feature("python:mp_ass_subscript") polyshm_list "list_assign_subscript";
%feature("python:tp_iter") polyshm_list "list_iterate";

/* The slots do these. */
%ignore polyshm_list::length;
%ignore polyshm_list::capacity;
%ignore polyshm_list::get;
%ignore polyshm_list::set;
%ignore polyshm_list::read;
%ignore polyshm_list::write;

/* A HeldLock does this (held.c). */
%ignore polyshm_list::lock;

/* Is 0, always (handles.i). */
%ignore polyshm_list::set_timeout;

/* -1 says that no item equals the value; list.py says so with the value's own words. */
%exception polyshm_list::index {
    $action
    if (result == POLYSHM_ENOTFOUND) {
        *arg3 = -1;
        result = POLYSHM_OK;
    }
}

%include "swig/polyshm.i"

%extend polyshm_segment {
    PyObject *view() { return view_new($self); }
}

%extend polyshm_list {
    PyObject *hold(PyObject *SELF, double timeout) { return held_new(SELF, $self, timeout); }
}

%init %{
    if (types_tidy() < 0 || errors_init(m) < 0 || held_init(m) < 0 || iterator_init() < 0 || view_init() < 0)
        return NULL;
%}
