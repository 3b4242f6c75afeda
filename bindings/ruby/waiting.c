/* The calls of segments and lists that can take long, as waiting.h says. */
#include "ruby/call.h"

static int32_t run_segment_create(waiting *call)
{
    return polyshm_segment_create(call->name, call->size, call->mode, call->flags, call->segment);
}

int32_t waiting_segment_create(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                               polyshm_segment **segment)
{
    return waiting_call((waiting){
        .function = run_segment_create, .name = name, .size = size, .mode = mode, .flags = flags, .segment = segment});
}

static int32_t run_segment_attach(waiting *call)
{
    return polyshm_segment_attach(call->name, call->flags, call->timeout, call->segment);
}

int32_t waiting_segment_attach(const char *name, uint32_t flags, double timeout, polyshm_segment **segment)
{
    return waiting_call((waiting){
        .function = run_segment_attach, .name = name, .flags = flags, .timeout = timeout, .segment = segment});
}

static int32_t run_segment_create_or_attach(waiting *call)
{
    return polyshm_segment_create_or_attach(call->name, call->size, call->mode, call->flags, call->segment, call->flag);
}

int32_t waiting_segment_create_or_attach(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                                         polyshm_segment **segment, int32_t *created)
{
    return waiting_call((waiting){.function = run_segment_create_or_attach,
                                  .name = name,
                                  .size = size,
                                  .mode = mode,
                                  .flags = flags,
                                  .segment = segment,
                                  .flag = created});
}

static int32_t run_segment_unlink(waiting *call)
{
    return polyshm_segment_unlink(*call->segment);
}

int32_t waiting_segment_unlink(polyshm_segment *segment)
{
    return waiting_call((waiting){.function = run_segment_unlink, .segment = &segment});
}

static int32_t run_list_create(waiting *call)
{
    return polyshm_list_create(call->name, call->values, call->count, call->size, call->mode, call->flags, call->list);
}

int32_t waiting_list_create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare,
                            uint32_t mode, uint32_t flags, polyshm_list **list)
{
    return waiting_call((waiting){.function = run_list_create,
                                  .name = name,
                                  .values = values,
                                  .count = count,
                                  .size = spare,
                                  .mode = mode,
                                  .flags = flags,
                                  .list = list});
}

static int32_t run_list_attach(waiting *call)
{
    return polyshm_list_attach(call->name, call->flags, call->timeout, call->list);
}

int32_t waiting_list_attach(const char *name, uint32_t flags, double timeout, polyshm_list **list)
{
    return waiting_call(
        (waiting){.function = run_list_attach, .name = name, .flags = flags, .timeout = timeout, .list = list});
}

static int32_t run_list_unlink(waiting *call)
{
    return polyshm_list_unlink(*call->list);
}

int32_t waiting_list_unlink(polyshm_list *list)
{
    return waiting_call((waiting){.function = run_list_unlink, .list = &list});
}

static int32_t run_list_lock(waiting *call)
{
    return polyshm_list_lock(*call->list, call->timeout);
}

int32_t waiting_list_lock(polyshm_list *list, double timeout)
{
    return waiting_call((waiting){.function = run_list_lock, .list = &list, .timeout = timeout});
}

static int32_t run_list_wait(waiting *call)
{
    return polyshm_list_wait(*call->list, call->seen, call->timeout, call->version);
}

int32_t waiting_list_wait(polyshm_list *list, uint64_t seen, double timeout, uint64_t *version)
{
    return waiting_call(
        (waiting){.function = run_list_wait, .list = &list, .seen = seen, .timeout = timeout, .version = version});
}

static int32_t run_list_wait_item(waiting *call)
{
    return polyshm_list_wait_item(*call->list, call->index, call->seen, call->timeout, call->version);
}

int32_t waiting_list_wait_item(polyshm_list *list, int64_t index, uint64_t seen, double timeout, uint64_t *version)
{
    return waiting_call((waiting){.function = run_list_wait_item,
                                  .list = &list,
                                  .index = index,
                                  .seen = seen,
                                  .timeout = timeout,
                                  .version = version});
}

static int32_t step_snapshot(waiting *call)
{
    return items_snapshot(*call->list, call->many, call->version);
}

/* Who may only read, and meets writers, is as if interrupted while there is time left: Ruby looks what happened, and it
 * is tried again. waiting_call lets the time that is left not fall to 0. */
static int32_t run_list_snapshot(waiting *call)
{
    int32_t status = step_snapshot(call);
    int again = status == POLYSHM_ETIMEDOUT && list_is_readonly(*call->list) && call->timeout > WAITING_OVER;
    return again ? POLYSHM_EINTR : status;
}

int32_t waiting_list_snapshot(polyshm_list *list, double timeout, items *many, uint64_t *version)
{
    return waiting_call(
        (waiting){.function = run_list_snapshot, .list = &list, .timeout = timeout, .many = many, .version = version});
}

/* The lock is given back before this thread waits for the interpreter's: another thread may have that for long, and
 * other processes wait for the list's. */
static int32_t run_locked(waiting *call)
{
    int32_t status = polyshm_list_enter(*call->list, call->timeout);
    if (status < 0)
        return status;
    status = call->step(call);
    polyshm_list_unlock(*call->list);
    return status;
}

static int32_t step_write(waiting *call)
{
    return polyshm_list_write(*call->list, call->index, call->values, call->count);
}

int32_t waiting_list_write(polyshm_list *list, double timeout, int64_t start, const polyshm_value *values,
                           uint64_t count)
{
    return waiting_call((waiting){.function = run_locked,
                                  .step = step_write,
                                  .list = &list,
                                  .timeout = timeout,
                                  .index = start,
                                  .values = values,
                                  .count = count});
}

static int32_t step_add(waiting *call)
{
    return polyshm_list_add(*call->list, call->index, call->delta, call->sum);
}

int32_t waiting_list_add(polyshm_list *list, double timeout, int64_t index, int64_t delta, int64_t *sum)
{
    return waiting_call((waiting){.function = run_locked,
                                  .step = step_add,
                                  .list = &list,
                                  .timeout = timeout,
                                  .index = index,
                                  .delta = delta,
                                  .sum = sum});
}

static int32_t step_compare_exchange(waiting *call)
{
    return polyshm_list_compare_exchange(*call->list, call->index, call->values, call->desired, call->flag);
}

int32_t waiting_list_compare_exchange(polyshm_list *list, double timeout, int64_t index, const polyshm_value *expected,
                                      const polyshm_value *desired, int32_t *exchanged)
{
    return waiting_call((waiting){.function = run_locked,
                                  .step = step_compare_exchange,
                                  .list = &list,
                                  .timeout = timeout,
                                  .index = index,
                                  .values = expected,
                                  .desired = desired,
                                  .flag = exchanged});
}

int32_t waiting_list_snapshot_locked(polyshm_list *list, double timeout, items *many, uint64_t *version)
{
    return waiting_call((waiting){.function = run_locked,
                                  .step = step_snapshot,
                                  .list = &list,
                                  .timeout = timeout,
                                  .many = many,
                                  .version = version});
}
