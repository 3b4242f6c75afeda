/* What goes in. */

%{
/* seconds(object): a float, or None for ever. */
static PyObject *checked_seconds(PyObject *Py_UNUSED(module), PyObject *args)
{
    double seconds;
    PyObject *object;
    if (!PyArg_UnpackTuple(args, "seconds", 1, 1, &object) || argument_seconds(object, &seconds) < 0)
        return NULL;
    if (object == Py_None)
        Py_RETURN_NONE;
    if (seconds >= 0)
        return PyFloat_FromDouble(seconds);
    return PyErr_Format(PyExc_ValueError, "the timeout must be 0 seconds or more, or None, not %R", object);
}
%}

%native(seconds) PyObject *checked_seconds(PyObject *module, PyObject *args);

%typemap(in, noblock=1) const char *name {
    if (argument_name($input, "$1_name", (const char **)&$1) < 0)
        SWIG_fail;
}
%typemap(freearg) const char *name ""

%typemap(in, noblock=1) uint32_t (uint64_t number) {
    if (argument_unsigned($input, "$1_name", UINT32_MAX, &number) < 0)
        SWIG_fail;
    $1 = (uint32_t)number;
}

/* Sizes and offsets: Python's own end there, too. */
%typemap(in, noblock=1) uint64_t {
    if (argument_unsigned($input, "$1_name", PY_SSIZE_T_MAX, &$1) < 0)
        SWIG_fail;
}

%typemap(in, noblock=1) double timeout {
    if (argument_seconds($input, &$1) < 0)
        SWIG_fail;
}

/* arg1 is the list: only its methods have an index. */
%typemap(in, noblock=1) int64_t index {
    if (argument_index(arg1, $input, &$1) < 0)
        SWIG_fail;
}

%typemap(in, noblock=1) int64_t delta, int64_t status {
    if (argument_integer($input, "$1_name", &$1) < 0)
        SWIG_fail;
}

%typemap(in, noblock=1) (const void *data, uint64_t size) (Py_buffer bytes = {0}) {
    if (PyObject_GetBuffer($input, &bytes, PyBUF_SIMPLE) < 0)
        SWIG_fail;
    $1 = bytes.buf;
    $2 = (uint64_t)bytes.len;
}
%typemap(freearg) (const void *data, uint64_t size) "PyBuffer_Release(&bytes$argnum);"
%apply (const void *data, uint64_t size) { (const void *authkey, uint64_t authkey_size) };

%typemap(in, noblock=1) const polyshm_value *value (polyshm_value value) {
    if (value_from_object($input, -1, &value) < 0)
        SWIG_fail;
    $1 = &value;
}

%typemap(in, noblock=1) (const polyshm_value *values, uint64_t count) (value_array array = {0}) {
    if (value_array_init(&array, $input, 0) < 0)
        SWIG_fail;
    $1 = array.values;
    $2 = array.count;
}
%typemap(freearg) (const polyshm_value *values, uint64_t count) "value_array_fini(&array$argnum);"
