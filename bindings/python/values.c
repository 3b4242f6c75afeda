/* Python objects and polyshm_value, both ways.
 *
 * A subclass of int, float, str or bytes counts by its value: an IntEnum member is stored as its number. */
#include "binding.h"

/* The item's position in front of the words of an error, if it has one. */
typedef struct {
    char text[32];
} place;

static place place_of(Py_ssize_t position)
{
    place here = {""};
    if (position >= 0)
        PyOS_snprintf(here.text, sizeof here.text, "item %zd: ", position);
    return here;
}

static int integer_from_object(PyObject *object, Py_ssize_t position, int64_t *integer)
{
    int overflow;
    *integer = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow)
        PyErr_Format(IntegerRangeError, "%sthe integer is outside -2**63 to 2**63 - 1", place_of(position).text);
    return overflow || (*integer == -1 && PyErr_Occurred()) ? -1 : 0;
}

static int text_from_object(PyObject *object, polyshm_value *value)
{
    Py_ssize_t size;
    value->data = PyUnicode_AsUTF8AndSize(object, &size);
    value->size = (uint64_t)size;
    return value->data ? 0 : -1;
}

int value_from_object(PyObject *object, Py_ssize_t position, polyshm_value *value)
{
    Py_ssize_t number;
    if (integer_is_short(object, &number)) {
        *value = (polyshm_value){.type = POLYSHM_TYPE_INT64, .integer = number};
        return 0;
    }
    *value = (polyshm_value){.type = POLYSHM_TYPE_NONE};
    if (PyBool_Check(object)) {
        value->type = POLYSHM_TYPE_BOOL;
        value->integer = object == Py_True;
    } else if (PyLong_Check(object)) {
        value->type = POLYSHM_TYPE_INT64;
        return integer_from_object(object, position, &value->integer);
    } else if (PyFloat_Check(object)) {
        value->type = POLYSHM_TYPE_FLOAT64;
        value->real = PyFloat_AS_DOUBLE(object);
    } else if (PyUnicode_Check(object)) {
        value->type = POLYSHM_TYPE_STR;
        return text_from_object(object, value);
    } else if (PyBytes_Check(object)) {
        value->type = POLYSHM_TYPE_BYTES;
        value->data = PyBytes_AS_STRING(object);
        value->size = (uint64_t)PyBytes_GET_SIZE(object);
    } else if (object != Py_None) {
        PyErr_Format(ItemTypeError, "%sa list holds None, bool, int, float, str and bytes, not %.200s",
                     place_of(position).text, Py_TYPE(object)->tp_name);
        return -1;
    }
    return 0;
}

PyObject *value_to_object(const polyshm_value *value)
{
    switch (value->type) {
    case POLYSHM_TYPE_NONE:
        Py_RETURN_NONE;
    case POLYSHM_TYPE_BOOL:
        return PyBool_FromLong(value->integer != 0);
    case POLYSHM_TYPE_INT64:
        return PyLong_FromLongLong(value->integer);
    case POLYSHM_TYPE_FLOAT64:
        return PyFloat_FromDouble(value->real);
    case POLYSHM_TYPE_STR:
        return PyUnicode_DecodeUTF8(value->data, (Py_ssize_t)value->size, NULL);
    case POLYSHM_TYPE_BYTES:
        return PyBytes_FromStringAndSize(value->data, (Py_ssize_t)value->size);
    default:
        return PyErr_Format(PyExc_SystemError, "a value of the unknown type %d", (int)value->type);
    }
}

PyObject *values_to_list(const polyshm_value *values, uint64_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (Py_ssize_t i = 0; list && i < (Py_ssize_t)count; i++) {
        PyObject *object = value_to_object(&values[i]);
        if (object)
            PyList_SET_ITEM(list, i, object);
        else
            Py_CLEAR(list);
    }
    return list;
}

/* Runs no code of the user's, which could change the list that the objects are in. */
static int values_from_objects(value_array *array, PyObject **objects, Py_ssize_t position)
{
    array->values = PyMem_New(polyshm_value, (size_t)array->count);
    array->owners = PyMem_New(PyObject *, (size_t)array->count);
    if (!array->values || !array->owners) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < (Py_ssize_t)array->count; i++) {
        polyshm_value *value = &array->values[i];
        if (value_from_object(objects[i], position + i, value) < 0)
            return -1;
        if (value->data) {
            Py_INCREF(objects[i]);
            array->owners[array->owned++] = objects[i];
        }
    }
    return 0;
}

int value_array_init(value_array *array, PyObject *iterable, Py_ssize_t position)
{
    *array = (value_array){0};
    PyObject *sequence = iterable;
    if (PyList_CheckExact(iterable)) /* as it nearly always is; a copy would take longer than the values */
        Py_INCREF(iterable);
    else if (!(sequence = PySequence_Tuple(iterable)))
        return -1;
    array->count = (uint64_t)PySequence_Fast_GET_SIZE(sequence);
    int result = values_from_objects(array, PySequence_Fast_ITEMS(sequence), position);
    Py_DECREF(sequence);
    return result;
}

void value_array_fini(value_array *array)
{
    while (array->owned > 0)
        Py_DECREF(array->owners[--array->owned]);
    PyMem_Free(array->owners);
    PyMem_Free(array->values);
}

PyObject *names_to_list(const names *many)
{
    PyObject *list = PyList_New(0);
    for (const char *name = names_next(many, NULL); list && name; name = names_next(many, name)) {
        PyObject *text = PyUnicode_FromString(name);
        if (!text || PyList_Append(list, text) < 0)
            Py_CLEAR(list);
        Py_XDECREF(text);
    }
    return list;
}
