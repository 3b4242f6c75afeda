/* The calls of managers that can take long, as waiting.h says: they may start the helper, and unlink many blocks. */
#include "ruby/call.h"

static int32_t run_start(waiting *call)
{
    return polyshm_manager_start(call->name, call->authkey, call->size, call->manager);
}

int32_t waiting_manager_start(const char *address, const void *authkey, uint64_t authkey_size,
                              polyshm_manager **manager)
{
    return waiting_call((waiting){
        .function = run_start, .name = address, .authkey = authkey, .size = authkey_size, .manager = manager});
}

static int32_t run_connect(waiting *call)
{
    return polyshm_manager_connect(call->name, call->authkey, call->size, call->manager);
}

int32_t waiting_manager_connect(const char *address, const void *authkey, uint64_t authkey_size,
                                polyshm_manager **manager)
{
    return waiting_call((waiting){
        .function = run_connect, .name = address, .authkey = authkey, .size = authkey_size, .manager = manager});
}

static int32_t run_create_segment(waiting *call)
{
    return polyshm_manager_create_segment(*call->manager, call->name, call->size, call->mode, call->flags,
                                          call->segment);
}

int32_t waiting_manager_create_segment(polyshm_manager *manager, const char *name, uint64_t size, uint32_t mode,
                                       uint32_t flags, polyshm_segment **segment)
{
    return waiting_call((waiting){.function = run_create_segment,
                                  .manager = &manager,
                                  .name = name,
                                  .size = size,
                                  .mode = mode,
                                  .flags = flags,
                                  .segment = segment});
}

static int32_t run_create_list(waiting *call)
{
    return polyshm_manager_create_list(*call->manager, call->name, call->values, call->count, call->size, call->mode,
                                       call->flags, call->list);
}

int32_t waiting_manager_create_list(polyshm_manager *manager, const char *name, const polyshm_value *values,
                                    uint64_t count, uint64_t spare, uint32_t mode, uint32_t flags, polyshm_list **list)
{
    return waiting_call((waiting){.function = run_create_list,
                                  .manager = &manager,
                                  .name = name,
                                  .values = values,
                                  .count = count,
                                  .size = spare,
                                  .mode = mode,
                                  .flags = flags,
                                  .list = list});
}

static int32_t run_adopt(waiting *call)
{
    return polyshm_manager_adopt(*call->manager, call->name);
}

int32_t waiting_manager_adopt(polyshm_manager *manager, const char *name)
{
    return waiting_call((waiting){.function = run_adopt, .manager = &manager, .name = name});
}

static int32_t run_release(waiting *call)
{
    return polyshm_manager_release(*call->manager, call->name);
}

int32_t waiting_manager_release(polyshm_manager *manager, const char *name)
{
    return waiting_call((waiting){.function = run_release, .manager = &manager, .name = name});
}

static int32_t run_shutdown(waiting *call)
{
    return polyshm_manager_shutdown(*call->manager);
}

int32_t waiting_manager_shutdown(polyshm_manager *manager)
{
    return waiting_call((waiting){.function = run_shutdown, .manager = &manager});
}

static int32_t run_join(waiting *call)
{
    return polyshm_manager_join(*call->manager, call->timeout);
}

int32_t waiting_manager_join(polyshm_manager *manager, double timeout)
{
    return waiting_call((waiting){.function = run_join, .manager = &manager, .timeout = timeout});
}

static int32_t run_close(waiting *call)
{
    return polyshm_manager_close(*call->manager);
}

int32_t waiting_manager_close(polyshm_manager *manager)
{
    return waiting_call((waiting){.function = run_close, .manager = &manager});
}
