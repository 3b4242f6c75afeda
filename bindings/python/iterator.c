/* iter(list): reads each item when it is asked for, so that a loop sees what is written meanwhile. Threads that share
 * an iterator share its items. */
#include "binding.h"

typedef struct {
    PyObject_HEAD PyObject *object; /* keeps the list */
    const polyshm_list *list;
    int64_t index, length;
} iterator;

static PyTypeObject iterator_type;

PyObject *list_iterate(PyObject *self)
{
    Py_ssize_t length = list_length(self);
    iterator *new = length < 0 ? NULL : PyObject_GC_New(iterator, &iterator_type);
    if (!new)
        return NULL;
    Py_INCREF(self);
    new->object = self;
    new->list = handle_of(self);
    new->index = 0;
    new->length = length;
    PyObject_GC_Track(new);
    return (PyObject *)new;
}

static PyObject *iterator_next(PyObject *self)
{
    iterator *this = (iterator *)self;
    int64_t index = __atomic_fetch_add(&this->index, 1, __ATOMIC_RELAXED);
    return index < this->length ? list_get(this->list, index) : NULL;
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    const iterator *this = (iterator *)self;
    int64_t index = __atomic_load_n(&this->index, __ATOMIC_RELAXED);
    return PyLong_FromLongLong(index < this->length ? this->length - index : 0);
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((iterator *)self)->object);
    return 0;
}

static void iterator_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_DECREF(((iterator *)self)->object);
    PyObject_GC_Del(self);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, "How many items are still to come."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject iterator_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "polyshm._polyshm.ShareableListIterator",
    .tp_basicsize = sizeof(iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Goes over the items of a ShareableList.",
    .tp_dealloc = iterator_dealloc,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};

int iterator_init(void)
{
    return PyType_Ready(&iterator_type);
}
