/* What the C files behind _polyshm share.
 *
 * SWIG makes the three types and their methods (polyshm.i); the files here do what its typemaps and type slots call:
 *
 *   module.c     what an import calls
 *   errors.c     a status becomes an exception
 *   arguments.c  names, whole numbers and times that come in
 *   values.c     Python objects and polyshm_value, both ways
 *   slots.c      len(list), list[i], list[i] = value, without a wrapper in between
 *   iterator.c   iter(list)
 *   waiting.c    what is waited for without the interpreter's lock
 *   held.c       the lock of a list in a with statement
 *   view.c       the exporter under a memoryview
 *
 * A function that gives an object, or an int that is 0 or -1, fails as Python's own do: with NULL or -1, and an
 * exception set. */
#ifndef POLYSHM_PYTHON_BINDING_H
#define POLYSHM_PYTHON_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if PY_VERSION_HEX < 0x030B0000
#include <longintrepr.h> /* which Python.h has brought since */
#endif

#include <polyshm.h>

#include "swig/items.h"
#include "swig/names.h"

#include <stdbool.h>

__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__polyshm(void); /* 3.8 does not say so itself */

/* Makes the module: SWIG's own initialization (polyshm.i). */
PyObject *module_new(void);

/* The handle in an object that SWIG made; NULL, with a ValueError, if __init__ did not put one there. */
void *handle_of(PyObject *object);

/* Makes the classes that C raises, and puts them into the module. */
int errors_init(PyObject *module);

/* Raises the exception for a status, in the words of the library's last failure in this thread. Gives NULL. */
PyObject *error_raise(int32_t status);

/* As error_raise, for a status of bindings/swig/items.h, whose own lack of memory the library knows nothing of. */
PyObject *error_raise_item(int32_t status);

/* An integer outside 64 bits: a struct.error and an OverflowError in one. */
extern PyObject *IntegerRangeError;

/* A value of a type that no item can have: a TypeError and a KeyError in one. */
extern PyObject *ItemTypeError;

/* Gives the number in an int of at most one digit, as nearly all are: CPython's own functions take several times as
 * long. Not for what is derived from int, such as a bool. */
static inline bool integer_is_short(PyObject *object, Py_ssize_t *number)
{
    if (!PyLong_CheckExact(object))
        return false;
    const PyLongObject *integer = (const PyLongObject *)object;
#if PY_VERSION_HEX >= 0x030C0000
    if (!PyUnstable_Long_IsCompact(integer))
        return false;
    *number = PyUnstable_Long_CompactValue(integer);
#else
    Py_ssize_t digits = Py_SIZE(integer); /* below 0 for a negative number */
    if (digits < -1 || digits > 1)
        return false;
    *number = digits * (Py_ssize_t)integer->ob_digit[0];
#endif
    return true;
}

/* A str without NUL, less the slashes in front, or None, which gives NULL. The bytes belong to the object; what is
 * the parameter's name. */
int argument_name(PyObject *object, const char *what, const char **name);

/* An integer from 0 to maximum, which is 2^63 - 1 at most. */
int argument_unsigned(PyObject *object, const char *what, uint64_t maximum, uint64_t *number);

/* An integer of 64 bits. */
int argument_integer(PyObject *object, const char *what, int64_t *number);

/* Seconds; None stands for ever. */
int argument_seconds(PyObject *object, double *seconds);

/* An index, which counts from the end if it is negative. */
int argument_index(const polyshm_list *list, PyObject *object, int64_t *index);

/* The bytes that the value points to belong to the object. position is the item's, for the words of an error, or -1. */
int value_from_object(PyObject *object, Py_ssize_t position, polyshm_value *value);

PyObject *value_to_object(const polyshm_value *value);

/* New lists of them. */
PyObject *values_to_list(const polyshm_value *values, uint64_t count);
PyObject *names_to_list(const names *many);

/* The values of an iterable, and references to those of its objects that they point into. */
typedef struct {
    polyshm_value *values;
    uint64_t count;
    PyObject **owners;
    size_t owned;
} value_array;

/* position is that of the item that the first value is for. */
int value_array_init(value_array *array, PyObject *iterable, Py_ssize_t position);
void value_array_fini(value_array *array);

/* Type slots of ShareableList. */
Py_ssize_t list_length(PyObject *self);
PyObject *list_item(PyObject *self, Py_ssize_t index);
int list_assign_item(PyObject *self, Py_ssize_t index, PyObject *value);
PyObject *list_subscript(PyObject *self, PyObject *key);
int list_assign_subscript(PyObject *self, PyObject *key, PyObject *value);
PyObject *list_iterate(PyObject *self);

/* Reads one item. */
PyObject *list_get(const polyshm_list *list, int64_t index);

/* A call that may take its time: how long it waits the next time, and when that is to end. */
typedef struct {
    double *timeout; /* the call's argument; NULL if it has none */
    double deadline;
} waiting;

/* Before the first call, with the time that the user gave. */
waiting waiting_begin(double *timeout);

/* Whether to call again, after a call that gave this status. If not, a signal handler may have raised. */
int waiting_goes_on(const waiting *wait, int32_t status);

/* Takes the list's lock within so many seconds. 0 or POLYSHM_OWNER_DIED; or negative, and something is raised. */
int32_t waiting_lock(polyshm_list *list, double timeout);

/* A handle's own timeout is 0, so that a write never waits while it holds the interpreter's lock. When it finds the
 * list's lock taken (POLYSHM_ETIMEDOUT), this waits for that as long as self.timeout says. 0: the lock is taken; call
 * again, and unlock. */
int waiting_enter(PyObject *self, polyshm_list *list);

/* items_snapshot, and what has to be waited for. Nothing is raised but what a signal handler, or waiting_enter, did. */
int32_t waiting_snapshot(PyObject *self, polyshm_list *list, items *many, uint64_t *version);

/* A new memoryview of the segment's bytes, which stay mapped until it and all that is derived from it are gone. */
PyObject *view_new(polyshm_segment *segment);

/* Takes the list's lock, and gives the HeldLock that the method lock gives. */
PyObject *held_new(PyObject *self, polyshm_list *list, double timeout);

/* Makes the type, and puts it into the module. */
int held_init(PyObject *module);

int iterator_init(void);
int view_init(void);

#endif
