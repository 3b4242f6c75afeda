/* What comes out. */

%{
/* The result with one more object in it: that object, or a tuple of two. Takes over both references. */
static PyObject *result_add(PyObject *result, PyObject *object)
{
    if (!result || !object || result == Py_None) {
        Py_XDECREF(result);
        return object;
    }
    PyObject *both = PyTuple_Pack(2, result, object);
    Py_DECREF(result);
    Py_DECREF(object);
    return both;
}
%}

/* The one place that raises. */
%typemap(out, noblock=1) int32_t {
    if ($1 < 0) {
        error_raise($1);
        SWIG_fail;
    }
    $result = SWIG_Py_Void();
}

/* These take memory themselves, and the library has no words for it when there is none. */
%typemap(out, noblock=1) int32_t polyshm_list::snapshot, int32_t polyshm_list::format,
                                  int32_t polyshm_manager::names, int32_t polyshm_block_names {
    if ($1 < 0) {
        error_raise_item($1);
        SWIG_fail;
    }
    $result = SWIG_Py_Void();
}

%typemap(in, numinputs=0) items *ITEMS (items many = {0}) "$1 = &many;"
%typemap(argout) items *ITEMS "$result = result_add($result, values_to_list($1->values, $1->count));"
%typemap(freearg) items *ITEMS "items_free(&many$argnum);"

%typemap(in, numinputs=0) names *NAMES (names many = {0}) "$1 = &many;"
%typemap(argout) names *NAMES "$result = result_add($result, names_to_list($1));"
%typemap(freearg) names *NAMES "names_free(&many$argnum);"

%typemap(in, numinputs=0) uint64_t *OUTPUT ($*1_ltype number = 0), int64_t *OUTPUT ($*1_ltype number = 0),
                          int32_t *OUTPUT ($*1_ltype number = 0), int32_t *FLAG ($*1_ltype number = 0)
    "$1 = &number;"
%typemap(argout) uint64_t *OUTPUT "$result = result_add($result, PyLong_FromUnsignedLongLong(*$1));"
%typemap(argout) int64_t *OUTPUT, int32_t *OUTPUT "$result = result_add($result, PyLong_FromLongLong(*$1));"
%typemap(argout) int32_t *FLAG "$result = result_add($result, PyBool_FromLong(*$1));"

%typemap(in, numinputs=0) const char **OUTPUT (const char *text = NULL) "$1 = ($1_ltype)&text;"
%typemap(argout) const char **OUTPUT "$result = result_add($result, PyUnicode_FromString(*$1));"

%typemap(in, numinputs=0) char **TEXT (char *text = NULL) "$1 = &text;"
%typemap(argout) char **TEXT "$result = result_add($result, PyUnicode_FromString(*$1));"
%typemap(freearg) char **TEXT "free(text$argnum);"

/* arg1 is the segment. A size beyond its end is refused by the call itself; no memory is taken for that. */
%typemap(in, noblock=1) (void *data, uint64_t size) (PyObject *bytes = NULL, uint64_t limit = 0) {
    if (argument_unsigned($input, "size", PY_SSIZE_T_MAX, &$2) < 0)
        SWIG_fail;
    polyshm_segment_size(arg1, &limit);
    if (!(bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)($2 < limit ? $2 : limit))))
        SWIG_fail;
    $1 = PyBytes_AS_STRING(bytes);
}
%typemap(argout) (void *data, uint64_t size) {
    Py_INCREF(bytes$argnum);
    $result = result_add($result, bytes$argnum);
}
%typemap(freearg) (void *data, uint64_t size) "Py_XDECREF(bytes$argnum);"
