/* HeldLock: the lock of a list, in a with statement.
 *
 * Ctrl-C raises KeyboardInterrupt between any two steps of Python code, but not within one of C. So taking the lock is
 * one step here, and giving it back is one. If an exception comes after the first and before the with statement has
 * begun (or, up to CPython 3.9, when it is about to call __exit__), the interpreter drops this object while that
 * exception is on its way. Then the object gives the lock back. Dropped without one, as by a plain `items.lock()`, it
 * leaves the lock to `items.unlock()`. */
#include "binding.h"

#include <structmember.h>
#include <unistd.h>

typedef struct {
    PyObject_HEAD PyObject *object; /* keeps the list */
    polyshm_list *list;
    pid_t process; /* that took the lock: a child of fork leaves the with statement, too */
    char owner_died, entered;
    char holds; /* what __exit__ gives back */
} held;

static PyTypeObject held_type;

PyObject *held_new(PyObject *self, polyshm_list *list, double timeout)
{
    held *new = PyObject_GC_New(held, &held_type);
    if (!new)
        return NULL;
    Py_INCREF(self);
    new->object = self;
    new->list = list;
    new->process = getpid();
    new->owner_died = new->entered = new->holds = 0;
    PyObject_GC_Track(new);
    int32_t status = waiting_lock(list, timeout);
    new->owner_died = status == POLYSHM_OWNER_DIED;
    new->holds = status >= 0;
    if (status >= 0)
        return (PyObject *)new;
    Py_DECREF(new);
    return NULL;
}

static PyObject *held_enter(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    held *this = (held *)self;
    if (__atomic_exchange_n(&this->entered, 1, __ATOMIC_RELAXED))
        return PyErr_Format(PyExc_RuntimeError, "this lock has served a with statement: call lock() again");
    Py_INCREF(self);
    return self;
}

static PyObject *held_exit(PyObject *self, PyObject *Py_UNUSED(exception))
{
    held *this = (held *)self;
    __atomic_store_n(&this->holds, 0, __ATOMIC_RELAXED);
    int32_t status = polyshm_list_unlock(this->list);
    if (status == POLYSHM_ECLOSED) /* closing gave the lock back */
        Py_RETURN_NONE;
    if (status == POLYSHM_ENOTOWNER && this->process != getpid())
        Py_RETURN_NONE;
    if (status < 0)
        return error_raise(status);
    Py_RETURN_NONE;
}

static int held_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((held *)self)->object);
    return 0;
}

static void held_dealloc(PyObject *self)
{
    held *this = (held *)self;
    PyObject_GC_UnTrack(self);
    if (this->holds && PyErr_Occurred())
        polyshm_list_unlock(this->list);
    Py_DECREF(this->object);
    PyObject_GC_Del(self);
}

static PyMethodDef held_methods[] = {
    {"__enter__", held_enter, METH_NOARGS, "Gives the object itself; the lock is taken already."},
    {"__exit__", held_exit, METH_VARARGS, "Gives the lock back."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef held_members[] = {
    {"owner_died", T_BOOL, offsetof(held, owner_died), READONLY, "Whether the last holder died with the lock."},
    {NULL, 0, 0, 0, NULL},
};

static const char held_doc[] =
    "The lock of a list, from ShareableList.lock: a with statement gives it back in the end.\n\n"
    "owner_died  whether its last holder died with it: each item is whole, but perhaps not all that it meant to write\n"
    "            is there";

static PyTypeObject held_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "polyshm._polyshm.HeldLock",
    .tp_basicsize = sizeof(held),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = held_doc,
    .tp_dealloc = held_dealloc,
    .tp_traverse = held_traverse,
    .tp_methods = held_methods,
    .tp_members = held_members,
};

int held_init(PyObject *module)
{
    return PyType_Ready(&held_type) < 0 ? -1 : PyObject_SetAttrString(module, "HeldLock", (PyObject *)&held_type);
}
