/* What comes in, apart from values: checked here so that nothing is cut short or wraps around on its way to C. */
#include "binding.h"

#include <math.h>
#include <string.h>

int argument_name(PyObject *object, const char *what, const char **name)
{
    Py_ssize_t size;
    if (object == Py_None) {
        *name = NULL;
        return 0;
    }
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "'%s' must be a str, not %.200s", what, Py_TYPE(object)->tp_name);
        return -1;
    }
    const char *text = PyUnicode_AsUTF8AndSize(object, &size);
    if (!text)
        return -1;
    if (strlen(text) != (size_t)size) {
        PyErr_Format(PyExc_ValueError, "embedded null character in '%s'", what);
        return -1;
    }
    *name = text + strspn(text, "/"); /* which shm_open, and so the standard library, skips */
    return 0;
}

int argument_unsigned(PyObject *object, const char *what, uint64_t maximum, uint64_t *number)
{
    PyObject *integer = PyNumber_Index(object);
    if (!integer)
        return -1;
    int overflow;
    long long given = PyLong_AsLongLongAndOverflow(integer, &overflow);
    Py_DECREF(integer);
    if (overflow < 0 || (!overflow && given < 0)) {
        PyErr_Format(PyExc_ValueError, "'%s' must not be negative", what);
        return -1;
    }
    if (overflow || (uint64_t)given > maximum) {
        PyErr_Format(PyExc_OverflowError, "'%s' is larger than %llu", what, (unsigned long long)maximum);
        return -1;
    }
    *number = (uint64_t)given;
    return 0;
}

int argument_integer(PyObject *object, const char *what, int64_t *number)
{
    PyObject *integer = PyNumber_Index(object);
    if (!integer)
        return -1;
    int overflow;
    *number = PyLong_AsLongLongAndOverflow(integer, &overflow);
    Py_DECREF(integer);
    if (overflow)
        PyErr_Format(IntegerRangeError, "'%s' is outside -2**63 to 2**63 - 1", what);
    return overflow || (*number == -1 && PyErr_Occurred()) ? -1 : 0;
}

int argument_seconds(PyObject *object, double *seconds)
{
    if (object != Py_None && !PyNumber_Check(object)) {
        PyErr_Format(PyExc_TypeError, "'timeout' must be a number of seconds, or None, not %.200s",
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    *seconds = object == Py_None ? INFINITY : PyFloat_AsDouble(object);
    return *seconds == -1 && PyErr_Occurred() ? -1 : 0;
}

static int index_from_object(PyObject *object, Py_ssize_t *index)
{
    if (integer_is_short(object, index))
        return 0;
    if (!PyIndex_Check(object)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s", Py_TYPE(object)->tp_name);
        return -1;
    }
    *index = PyNumber_AsSsize_t(object, PyExc_IndexError);
    return *index == -1 && PyErr_Occurred() ? -1 : 0;
}

int argument_index(const polyshm_list *list, PyObject *object, int64_t *index)
{
    Py_ssize_t given;
    if (index_from_object(object, &given) < 0)
        return -1;
    *index = given;
    if (given >= 0)
        return 0;

    uint64_t length;
    int32_t status = polyshm_list_length(list, &length);
    if (status < 0) {
        error_raise(status);
        return -1;
    }
    if (given + (Py_ssize_t)length >= 0) /* else the library refuses it, in the words that the user has for it */
        *index += (int64_t)length;
    return 0;
}
