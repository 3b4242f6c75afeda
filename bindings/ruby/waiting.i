/* The calls that can take long go through waiting.h. */

%{
#include "ruby/waiting.h"
%}

%feature("action") polyshm_segment::create "result = waiting_segment_create(arg1, arg2, arg3, arg4, arg5);";
%feature("action") polyshm_segment::attach "result = waiting_segment_attach(arg1, arg2, arg3, arg4);";
%feature("action") polyshm_segment::create_or_attach
    "result = waiting_segment_create_or_attach(arg1, arg2, arg3, arg4, arg5, arg6);";
%feature("action") polyshm_segment::unlink "result = waiting_segment_unlink(arg1);";
%feature("action") polyshm_list::create "result = waiting_list_create(arg1, arg2, arg3, arg4, arg5, arg6, arg7);";
%feature("action") polyshm_list::attach "result = waiting_list_attach(arg1, arg2, arg3, arg4);";
%feature("action") polyshm_list::unlink "result = waiting_list_unlink(arg1);";

%feature("action") polyshm_manager::start "result = waiting_manager_start(arg1, arg2, arg3, arg4);";
%feature("action") polyshm_manager::connect "result = waiting_manager_connect(arg1, arg2, arg3, arg4);";
%feature("action") polyshm_manager::create_segment
    "result = waiting_manager_create_segment(arg1, arg2, arg3, arg4, arg5, arg6);";
%feature("action") polyshm_manager::create_list
    "result = waiting_manager_create_list(arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8);";
%feature("action") polyshm_manager::adopt "result = waiting_manager_adopt(arg1, arg2);";
%feature("action") polyshm_manager::release "result = waiting_manager_release(arg1, arg2);";
%feature("action") polyshm_manager::shutdown "result = waiting_manager_shutdown(arg1);";
%feature("action") polyshm_manager::join "result = waiting_manager_join(arg1, arg2);";
%feature("action") polyshm_manager::close "result = waiting_manager_close(arg1);";

/* Its action is in list.i, where it would take the place of one that is given here. */
%exception polyshm_list::lock {
    rb_check_frozen(self);
    result = waiting_list_lock(arg1, arg2);
    *arg3 = result == POLYSHM_OWNER_DIED;
}
%feature("action") polyshm_list::wait "result = waiting_list_wait(arg1, arg2, arg3, arg4);";
%feature("action") polyshm_list::wait_item "result = waiting_list_wait_item(arg1, arg2, arg3, arg4, arg5);";

/* It takes no Strings, so that its values stay as they are while other threads run. */
%exception polyshm_list::compare_exchange {
    rb_check_frozen(self);
    $action
    if (result == POLYSHM_ETIMEDOUT) {
        result = waiting_list_compare_exchange(arg1, list_timeout(self), arg2, arg3, arg4, arg5);
    }
}
