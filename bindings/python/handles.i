/* Handles in Python objects.
 *
 * An object gets its handle once and keeps it until it dies: what makes a handle takes, as its last argument, the
 * object to put it into. So a method needs no lock to take the pointer, whoever else calls methods meanwhile. Until
 * then the pointer is NULL, which every way in looks for. A manager, which has no handle before it is started, keeps an
 * object of SWIG's own type. */

%{
#include "python/binding.h"

static void *peek(PyObject *object)
{
    return __atomic_load_n(&((SwigPyObject *)object)->ptr, __ATOMIC_ACQUIRE);
}

void *handle_of(PyObject *object)
{
    void *handle = peek(object);
    if (!handle)
        PyErr_Format(PyExc_ValueError, "the %.200s was not initialised", Py_TYPE(object)->tp_name);
    return handle;
}

static void segment_dealloc(PyObject *self)
{
    polyshm_segment_unref(peek(self));
    Py_TYPE(self)->tp_free(self);
}

static void list_dealloc(PyObject *self)
{
    polyshm_list_unref(peek(self));
    Py_TYPE(self)->tp_free(self);
}

static void manager_dealloc(PyObject *self)
{
    polyshm_manager_unref(peek(self));
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject *type_of(const swig_type_info *type)
{
    return ((SwigPyClientData *)type->clientdata)->pytype;
}

static int fail_again(PyObject *object)
{
    PyErr_Format(PyExc_RuntimeError, "the %.200s is initialised already", Py_TYPE(object)->tp_name);
    return -1;
}

/* Whether the object can be given a handle of that type: 0 or -1. */
static int handle_expect(PyObject *object, const swig_type_info *type)
{
    if (PyObject_TypeCheck(object, type_of(type)))
        return peek(object) ? fail_again(object) : 0;
    PyErr_Format(PyExc_TypeError, "%.200s has no place for the handle of a %.200s", Py_TYPE(object)->tp_name,
                 type_of(type)->tp_name);
    return -1;
}

/* Fails if another thread was quicker. */
static int handle_give(PyObject *object, void *handle)
{
    void **place = &((SwigPyObject *)object)->ptr, *none = NULL;
    int given = __atomic_compare_exchange_n(place, &none, handle, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    return given ? 0 : fail_again(object);
}

/* SWIG derives its types from one that lets scripts chain, disown and convert pointers (so that a list has append, and
 * int(list) is an address), and their metaclass forbids setting attributes of a class. All of that goes. */
static int type_tidy(PyTypeObject *type)
{
    ((PyObject *)type)->ob_type = &PyType_Type;
    type->tp_as_number->nb_int = NULL;
    if (PyDict_DelItemString(type->tp_dict, "this") < 0 || PyDict_DelItemString(type->tp_dict, "thisown") < 0)
        return -1;
    PyType_Modified(type);
    return 0;
}

static int types_tidy(void)
{
    PyTypeObject *base = SwigPyObject_type();
    PyDict_Clear(base->tp_dict);
    PyType_Modified(base);
    if (type_tidy(type_of(SWIGTYPE_p_polyshm_segment)) < 0 || type_tidy(type_of(SWIGTYPE_p_polyshm_list)) < 0)
        return -1;
    return type_tidy(type_of(SWIGTYPE_p_polyshm_manager));
}
%}

%feature("python:tp_dealloc") polyshm_segment "segment_dealloc";
%feature("python:tp_dealloc") polyshm_list "list_dealloc";
%feature("python:tp_dealloc") polyshm_manager "manager_dealloc";
%ignore polyshm_segment::~polyshm_segment;
%ignore polyshm_list::~polyshm_list;
%ignore polyshm_manager::~polyshm_manager;

/* The derived class brings a dictionary that the garbage collector knows; SWIG's own it would not look into. */
%feature("python:tp_dictoffset") polyshm_segment "0";
%feature("python:tp_dictoffset") polyshm_list "0";

%typemap(in, noblock=1) struct polyshm_segment *self, struct polyshm_list *self, struct polyshm_manager *self {
    if (!($1 = handle_of($input)))
        SWIG_fail;
}

/* The object that a method belongs to. */
%typemap(in, numinputs=0) PyObject *SELF "$1 = self;"

%typemap(in, noblock=1) polyshm_segment **segment ($*1_type handle = NULL),
                        polyshm_list **list ($*1_type handle = NULL) {
    if (handle_expect($input, $*1_descriptor) < 0)
        SWIG_fail;
    $1 = &handle;
}
%typemap(argout) polyshm_segment **segment {
    if (handle_give($input, *$1) < 0) {
        polyshm_segment_unref(*$1);
        SWIG_fail;
    }
}
%typemap(argout) polyshm_list **list {
    polyshm_list_set_timeout(*$1, 0); /* waiting_enter does the waiting */
    if (handle_give($input, *$1) < 0) {
        polyshm_list_unref(*$1);
        SWIG_fail;
    }
}

%typemap(in, numinputs=0) polyshm_manager **manager ($*1_type handle = NULL) "$1 = &handle;"
%typemap(argout) polyshm_manager **manager
    "$result = result_add($result, SWIG_NewPointerObj(*$1, $*1_descriptor, SWIG_POINTER_OWN));"
