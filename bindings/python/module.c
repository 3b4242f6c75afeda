/* The module's way into an interpreter.
 *
 * SWIG's types are static, one of each in a process, and two interpreters cannot share them. So the module is for the
 * main interpreter alone, and others are told so: those with a lock of their own by CPython, which reads the slots
 * before anything runs (3.12 and later), all others here. */
#include "binding.h"

static PyObject *module_create(PyObject *spec, PyModuleDef *Py_UNUSED(definition))
{
    static PyObject *module; /* loaded twice, as after `del sys.modules[...]`, it stays the same */
    if (PyThreadState_Get()->interp != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "polyshm does not support subinterpreters: import it in the main one");
        return NULL;
    }
    if (!module && !(module = module_new()))
        return NULL;
    PyObject *name = PyObject_GetAttrString(spec, "name");
    int failed = !name || PyObject_SetAttrString(module, "__name__", name) < 0;
    Py_XDECREF(name);
    if (failed)
        return NULL;
    Py_INCREF(module);
    return module;
}

PyMODINIT_FUNC PyInit__polyshm(void)
{
    static PyModuleDef_Slot slots[] = {
        {Py_mod_create, (void *)module_create},
#ifdef Py_mod_multiple_interpreters
        {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
        {0, NULL},
    };
    static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_polyshm", .m_slots = slots};
    return PyModuleDef_Init(&definition);
}
