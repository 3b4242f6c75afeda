/* Calls that find the lock taken wait for it (waiting.c), and are done again under it. */

%define TAKES_LOCK(FUNCTION)
%exception FUNCTION %{
    $action
    if (result == POLYSHM_ETIMEDOUT) {
        if (!waiting_try_enter(L)) {
            SWIG_fail;
        }
        $action
        polyshm_list_unlock(arg1);
    }
%}
%enddef

/* Who may only read, and meets writers, tries again. */
%exception polyshm_list::snapshot %{
    double deadline = waiting_deadline(L);
    $action
    while (result == POLYSHM_ETIMEDOUT && list_is_readonly(arg1) && waiting_has_time(deadline)) {
        if (!waiting_try_hook(L)) {
            SWIG_fail;
        }
        $action
    }
    if (result == POLYSHM_ETIMEDOUT && !list_is_readonly(arg1)) {
        if (!waiting_try_enter(L)) {
            SWIG_fail;
        }
        $action
        polyshm_list_unlock(arg1);
    }
%}

TAKES_LOCK(polyshm_list::set)
TAKES_LOCK(polyshm_list::write)
TAKES_LOCK(polyshm_list::add)
TAKES_LOCK(polyshm_list::compare_exchange)
