/* The type slots of ShareableList: len(list), list[i] and list[i] = value come straight here from the interpreter,
 * also for classes derived from it. A range is read or written at once. */
#include "binding.h"

Py_ssize_t list_length(PyObject *self)
{
    uint64_t length;
    const polyshm_list *list = handle_of(self);
    if (!list)
        return -1;
    int32_t status = polyshm_list_length(list, &length);
    if (status < 0) {
        error_raise(status);
        return -1;
    }
    return (Py_ssize_t)length;
}

PyObject *list_get(const polyshm_list *list, int64_t index)
{
    item one;
    int32_t status = item_get(list, index, &one);
    if (status < 0)
        return error_raise_item(status);
    PyObject *object = value_to_object(&one.value);
    item_free(&one);
    return object;
}

static int list_set(PyObject *self, polyshm_list *list, int64_t index, PyObject *object)
{
    polyshm_value value;
    if (value_from_object(object, (Py_ssize_t)index, &value) < 0)
        return -1;
    int32_t status = polyshm_list_set(list, index, &value);
    if (status == POLYSHM_ETIMEDOUT) {
        if (waiting_enter(self, list) < 0)
            return -1;
        status = polyshm_list_set(list, index, &value);
        polyshm_list_unlock(list);
    }
    if (status < 0)
        error_raise(status);
    return status < 0 ? -1 : 0;
}

/* The list behind a slot that assigns value, or, if that is NULL, should delete. */
static polyshm_list *list_to_assign(PyObject *self, PyObject *value)
{
    if (value)
        return handle_of(self);
    PyErr_SetString(PyExc_TypeError, "a ShareableList does not support item deletion");
    return NULL;
}

PyObject *list_item(PyObject *self, Py_ssize_t index)
{
    const polyshm_list *list = handle_of(self);
    return list ? list_get(list, index) : NULL;
}

int list_assign_item(PyObject *self, Py_ssize_t index, PyObject *value)
{
    polyshm_list *list = list_to_assign(self, value);
    return list ? list_set(self, list, index, value) : -1;
}

typedef struct {
    Py_ssize_t start, step, count;
} span;

static int range_of(const polyshm_list *list, PyObject *slice, span *result)
{
    Py_ssize_t stop;
    uint64_t length;
    if (PySlice_Unpack(slice, &result->start, &stop, &result->step) < 0)
        return -1;
    int32_t status = polyshm_list_length(list, &length);
    if (status < 0) {
        error_raise(status);
        return -1;
    }
    result->count = PySlice_AdjustIndices((Py_ssize_t)length, &result->start, &stop, result->step);
    return 0;
}

static PyObject *read_adjacent(const polyshm_list *list, span range)
{
    items many;
    PyObject *result = NULL;
    int32_t status = items_read(list, range.start, (uint64_t)range.count, &many);
    if (status < 0)
        error_raise_item(status);
    else
        result = values_to_list(many.values, many.count);
    items_free(&many);
    return result;
}

static PyObject *read_stepwise(const polyshm_list *list, span range)
{
    PyObject *result = PyList_New(range.count);
    for (Py_ssize_t i = 0; result && i < range.count; i++) {
        PyObject *object = list_get(list, range.start + i * range.step);
        if (object)
            PyList_SET_ITEM(result, i, object);
        else
            Py_CLEAR(result);
    }
    return result;
}

static int write_values(PyObject *self, polyshm_list *list, span range, const value_array *array)
{
    if (array->count != (uint64_t)range.count) {
        PyErr_Format(PyExc_ValueError, "cannot change the length: %llu values for a range of %zd items",
                     (unsigned long long)array->count, range.count);
        return -1;
    }
    int32_t status = polyshm_list_write(list, range.start, array->values, array->count);
    if (status == POLYSHM_ETIMEDOUT) {
        if (waiting_enter(self, list) < 0)
            return -1;
        status = polyshm_list_write(list, range.start, array->values, array->count);
        polyshm_list_unlock(list);
    }
    if (status < 0)
        error_raise(status);
    return status < 0 ? -1 : 0;
}

static int write_range(PyObject *self, polyshm_list *list, span range, PyObject *iterable)
{
    value_array array;
    int failed = value_array_init(&array, iterable, range.start) < 0 || write_values(self, list, range, &array) < 0;
    value_array_fini(&array);
    return failed ? -1 : 0;
}

PyObject *list_subscript(PyObject *self, PyObject *key)
{
    Py_ssize_t at;
    int64_t index;
    span range;
    const polyshm_list *list = handle_of(self);
    if (!list)
        return NULL;
    if (integer_is_short(key, &at) && at >= 0) /* nearly every key; a short way for it */
        return list_get(list, at);
    if (!PySlice_Check(key))
        return argument_index(list, key, &index) < 0 ? NULL : list_get(list, index);
    if (range_of(list, key, &range) < 0)
        return NULL;
    return range.step == 1 ? read_adjacent(list, range) : read_stepwise(list, range);
}

int list_assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    int64_t index;
    span range;
    polyshm_list *list = list_to_assign(self, value);
    if (!list)
        return -1;
    if (!PySlice_Check(key))
        return argument_index(list, key, &index) < 0 ? -1 : list_set(self, list, index, value);
    if (range_of(list, key, &range) < 0)
        return -1;
    if (range.step == 1)
        return write_range(self, list, range, value);
    PyErr_SetString(PyExc_ValueError, "only adjacent items can be assigned at once: the slice must have no step");
    return -1;
}
