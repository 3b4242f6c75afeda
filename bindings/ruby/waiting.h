/* The calls that can take long: to create, attach and unlink; to wait for the lock or a change; to read all at once;
 * all of a manager's.
 *
 * They run without the interpreter's lock, so that other threads go on. A signal, Thread#kill or Timeout wakes the
 * call, which then returns POLYSHM_EINTR; Ruby looks what happened, and when that raises nothing, the call goes on
 * for the time that is left. Parameters and results are those of the functions whose names end alike. */
#ifndef POLYSHM_RUBY_WAITING_H
#define POLYSHM_RUBY_WAITING_H

#include <polyshm.h>

#include "swig/items.h"

int32_t waiting_segment_create(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                               polyshm_segment **segment);
int32_t waiting_segment_attach(const char *name, uint32_t flags, double timeout, polyshm_segment **segment);
int32_t waiting_segment_create_or_attach(const char *name, uint64_t size, uint32_t mode, uint32_t flags,
                                         polyshm_segment **segment, int32_t *created);
int32_t waiting_segment_unlink(polyshm_segment *segment);
int32_t waiting_list_create(const char *name, const polyshm_value *values, uint64_t count, uint64_t spare,
                            uint32_t mode, uint32_t flags, polyshm_list **list);
int32_t waiting_list_attach(const char *name, uint32_t flags, double timeout, polyshm_list **list);
int32_t waiting_list_unlink(polyshm_list *list);
int32_t waiting_list_lock(polyshm_list *list, double timeout);
int32_t waiting_list_wait(polyshm_list *list, uint64_t seen, double timeout, uint64_t *version);
int32_t waiting_list_wait_item(polyshm_list *list, int64_t index, uint64_t seen, double timeout, uint64_t *version);

/* items_snapshot, but for the wait for the lock: timeout is that of a list that is attached read-only. */
int32_t waiting_list_snapshot(polyshm_list *list, double timeout, items *many, uint64_t *version);

/* What found the lock taken (POLYSHM_ETIMEDOUT): these wait for it as long as timeout says, and do it then. */
int32_t waiting_list_write(polyshm_list *list, double timeout, int64_t start, const polyshm_value *values,
                           uint64_t count);
int32_t waiting_list_add(polyshm_list *list, double timeout, int64_t index, int64_t delta, int64_t *sum);
int32_t waiting_list_compare_exchange(polyshm_list *list, double timeout, int64_t index, const polyshm_value *expected,
                                      const polyshm_value *desired, int32_t *exchanged);
int32_t waiting_list_snapshot_locked(polyshm_list *list, double timeout, items *many, uint64_t *version);

int32_t waiting_manager_start(const char *address, const void *authkey, uint64_t authkey_size,
                              polyshm_manager **manager);
int32_t waiting_manager_connect(const char *address, const void *authkey, uint64_t authkey_size,
                                polyshm_manager **manager);
int32_t waiting_manager_create_segment(polyshm_manager *manager, const char *name, uint64_t size, uint32_t mode,
                                       uint32_t flags, polyshm_segment **segment);
int32_t waiting_manager_create_list(polyshm_manager *manager, const char *name, const polyshm_value *values,
                                    uint64_t count, uint64_t spare, uint32_t mode, uint32_t flags, polyshm_list **list);
int32_t waiting_manager_adopt(polyshm_manager *manager, const char *name);
int32_t waiting_manager_release(polyshm_manager *manager, const char *name);
int32_t waiting_manager_shutdown(polyshm_manager *manager);
int32_t waiting_manager_join(polyshm_manager *manager, double timeout);
int32_t waiting_manager_close(polyshm_manager *manager);

#endif
