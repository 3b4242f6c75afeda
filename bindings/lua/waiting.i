/* Calls that find the lock taken wait for it (waiting.c), and are done again under it. */

%define TAKES_LOCK(FUNCTION)
%exception FUNCTION %{
    $action
    if (result == POLYSHM_ETIMEDOUT && !list_is_readonly(arg1)) {
        if (!waiting_try_enter(L)) {
            SWIG_fail;
        }
        $action
        polyshm_list_unlock(arg1);
    }
%}
%enddef

TAKES_LOCK(polyshm_list::set)
TAKES_LOCK(polyshm_list::write)
TAKES_LOCK(polyshm_list::add)
TAKES_LOCK(polyshm_list::compare_exchange)
TAKES_LOCK(polyshm_list::snapshot)
