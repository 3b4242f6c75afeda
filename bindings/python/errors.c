/* From status to exception. polyshm/errors.def says which class each becomes; OSError then picks its own subclass by
 * the errno, such as FileNotFoundError. Of a wrong authkey CPython has an exception that C does not know. */
#include "binding.h"

#include <errno.h>

PyObject *IntegerRangeError, *ItemTypeError;

static const char integer_range_doc[] =
    "An integer that does not fit an item: it is outside -2**63 to 2**63 - 1.\n\n"
    "Derived from OverflowError, and from struct.error, which the standard library's ShareableList raises.";

static const char item_type_doc[] =
    "A value of a type that no item can have.\n\n"
    "Derived from TypeError, and from KeyError, which the standard library's ShareableList raises.";

static PyObject *struct_error(void)
{
    PyObject *module = PyImport_ImportModule("struct");
    PyObject *error = module ? PyObject_GetAttrString(module, "error") : NULL;
    Py_XDECREF(module);
    return error;
}

/* A class that is both, and shows its words as most exceptions do: a KeyError would show their repr. */
static PyObject *make_class(const char *name, const char *doc, PyObject *one, PyObject *other)
{
    PyObject *bases = PyTuple_Pack(2, one, other);
    PyObject *words = PyObject_GetAttrString(PyExc_BaseException, "__str__");
    PyObject *content = words ? Py_BuildValue("{sO}", "__str__", words) : NULL;
    PyObject *class = bases && content ? PyErr_NewExceptionWithDoc(name, doc, bases, content) : NULL;
    Py_XDECREF(content);
    Py_XDECREF(words);
    Py_XDECREF(bases);
    return class;
}

int errors_init(PyObject *module)
{
    if (!IntegerRangeError) {
        PyObject *error = struct_error();
        if (error)
            IntegerRangeError = make_class("polyshm.IntegerRangeError", integer_range_doc, error, PyExc_OverflowError);
        Py_XDECREF(error);
    }
    if (!ItemTypeError)
        ItemTypeError = make_class("polyshm.ItemTypeError", item_type_doc, PyExc_TypeError, PyExc_KeyError);
    if (!IntegerRangeError || !ItemTypeError ||
        PyObject_SetAttrString(module, "IntegerRangeError", IntegerRangeError) < 0)
        return -1;
    return PyObject_SetAttrString(module, "ItemTypeError", ItemTypeError);
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
