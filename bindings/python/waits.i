/* Calls that can take their time let other threads run, and signals be heard (waiting.c). */

/* TIMEOUT points to the argument that says how long the function waits, or is NULL. */
%define WAITS(FUNCTION, TIMEOUT)
%exception FUNCTION {
    waiting wait = waiting_begin(TIMEOUT);
    do {
        Py_BEGIN_ALLOW_THREADS
        $action
        Py_END_ALLOW_THREADS
    } while (waiting_goes_on(&wait, result));
    if (PyErr_Occurred())
        SWIG_fail;
}
%enddef

/* A function that writes finds the lock taken at once, and does not wait for it (binding.h). */
%define WRITES(FUNCTION)
%exception FUNCTION {
    $action
    if (result == POLYSHM_ETIMEDOUT) {
        if (waiting_enter(self, arg1) < 0)
            SWIG_fail;
        $action
        polyshm_list_unlock(arg1);
    }
}
%enddef

WAITS(polyshm_segment::create, NULL)
WAITS(polyshm_segment::create_or_attach, NULL)
WAITS(polyshm_segment::attach, &arg3)
WAITS(polyshm_segment::close, NULL)
WAITS(polyshm_segment::unlink, NULL)
WAITS(polyshm_list::create, NULL)
WAITS(polyshm_list::attach, &arg3)
WAITS(polyshm_list::wait, &arg3)
WAITS(polyshm_list::wait_item, &arg4)
WAITS(polyshm_list::close, NULL)
WAITS(polyshm_list::unlink, NULL)
WAITS(polyshm_manager::start, NULL)
WAITS(polyshm_manager::connect, NULL)
WAITS(polyshm_manager::create_segment, NULL)
WAITS(polyshm_manager::create_list, NULL)
WAITS(polyshm_manager::adopt, NULL)
WAITS(polyshm_manager::release, NULL)
WAITS(polyshm_manager::names, NULL)
WAITS(polyshm_manager::shutdown, NULL)
WAITS(polyshm_manager::join, &arg2)
WAITS(polyshm_manager::close, NULL)

WRITES(polyshm_list::add)
WRITES(polyshm_list::compare_exchange)

%exception polyshm_list::snapshot {
    result = waiting_snapshot(self, arg1, arg2, arg3);
    if (PyErr_Occurred())
        SWIG_fail;
}
