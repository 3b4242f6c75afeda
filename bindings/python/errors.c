/* From status to exception. polyshm/errors.def says which class each becomes; OSError then picks its own subclass by
 * the errno, such as FileNotFoundError. Of a wrong authkey CPython has an exception that C does not know. */
#include "binding.h"

#include <errno.h>

PyObject *IntegerRangeError;

static const char integer_range_doc[] =
    "An integer that does not fit an item: it is outside -2**63 to 2**63 - 1.\n\n"
    "Derived from OverflowError, and from struct.error, which the standard library's ShareableList raises.";

/* IntegerRangeError(struct.error, OverflowError) */
static PyObject *make_integer_range_error(void)
{
    PyObject *class = NULL, *error = NULL, *module = PyImport_ImportModule("struct");
    if (module)
        error = PyObject_GetAttrString(module, "error");
    PyObject *bases = error ? PyTuple_Pack(2, error, PyExc_OverflowError) : NULL;
    if (bases)
        class = PyErr_NewExceptionWithDoc("polyshm.IntegerRangeError", integer_range_doc, bases, NULL);
    Py_XDECREF(bases);
    Py_XDECREF(error);
    Py_XDECREF(module);
    return class;
}

int errors_init(PyObject *module)
{
    if (!IntegerRangeError && !(IntegerRangeError = make_integer_range_error()))
        return -1;
    return PyObject_SetAttrString(module, "IntegerRangeError", IntegerRangeError);
}

/* A process that never meets it does without the package, which takes longer to load than polyshm. */
static PyObject *raise_authentication_error(void)
{
    PyObject *module = PyImport_ImportModule("multiprocessing");
    PyObject *class = module ? PyObject_GetAttrString(module, "AuthenticationError") : NULL;
    if (class)
        PyErr_SetString(class, polyshm_error_message());
    Py_XDECREF(class);
    Py_XDECREF(module);
    return NULL;
}

PyObject *error_raise(int32_t status)
{
    if (status == POLYSHM_EAUTHKEY)
        return raise_authentication_error();

    PyObject *class = PyExc_RuntimeError;
    int number = 0;
    switch (status) {
#define X(name, text, errno_, python, ruby)                                                                            \
    case POLYSHM_##name:                                                                                               \
        class = PyExc_##python;                                                                                        \
        number = errno_;                                                                                               \
        break;
#include <polyshm/errors.def>
#undef X
    default:
        break;
    }

    const char *message = polyshm_error_message();
    PyObject *error =
        number ? PyObject_CallFunction(class, "is", number, message) : PyObject_CallFunction(class, "s", message);
    if (error)
        PyErr_SetObject((PyObject *)Py_TYPE(error), error); /* OSError made one of a subclass */
    Py_XDECREF(error);
    return NULL;
}

PyObject *error_raise_item(int32_t status)
{
    return status == POLYSHM_ENOMEM ? PyErr_NoMemory() : error_raise(status);
}
