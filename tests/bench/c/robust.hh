// A robust pthread mutex that processes share: the system's own for the purpose of a list's lock.
#pragma once

#include <errno.h>
#include <pthread.h>

#include "bench.hh"

class Robust
{
  public:
    Robust() : mutex_(bench::shared<pthread_mutex_t>())
    {
        pthread_mutexattr_t attributes;
        MUST(pthread_mutexattr_init(&attributes) == 0);
        MUST(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
        MUST(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
        MUST(pthread_mutex_init(mutex_, &attributes) == 0);
        pthread_mutexattr_destroy(&attributes);
    }

    void lock()
    {
        int result = pthread_mutex_lock(mutex_);
        if (result == EOWNERDEAD)
            result = pthread_mutex_consistent(mutex_);
        MUST(result == 0);
    }

    void unlock()
    {
        MUST(pthread_mutex_unlock(mutex_) == 0);
    }

  private:
    pthread_mutex_t *mutex_;
};
