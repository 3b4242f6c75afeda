// A lock among processes: alone, with 2 to 16 who want it, and the time until a survivor has it after the holder was
// killed. Peers: a robust pthread mutex, Boost's named_mutex, and fcntl's record locks.
#include "bench.hh"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/interprocess/sync/named_mutex.hpp>

#include <memory>

#include "robust.hh"

namespace ipc = boost::interprocess;

// A lock, in a process that is about to use it: open is called there first.
class Lock
{
  public:
    virtual ~Lock() = default;
    virtual void open()
    {
    }
    virtual void lock() = 0;
    virtual void unlock() = 0;
};

class ListLock : public Lock
{
  public:
    void open() override
    {
        MUST(polyshm_list_attach(list_.name.c_str(), 0, 0, &handle_) == 0);
    }
    void lock() override
    {
        MUST(polyshm_list_lock(handle_, 10) >= 0);
    }
    void unlock() override
    {
        MUST(polyshm_list_unlock(handle_) == 0);
    }
    ~ListLock() override
    {
        polyshm_list_unref(handle_);
    }

  private:
    bench::List list_{size_t(1)};
    polyshm_list *handle_ = nullptr;
};

class RobustLock : public Lock
{
  public:
    void lock() override
    {
        mutex_.lock();
    }
    void unlock() override
    {
        mutex_.unlock();
    }

  private:
    Robust mutex_;
};

class BoostLock : public Lock
{
  public:
    ~BoostLock() override
    {
        ipc::named_mutex::remove(name_.c_str());
    }
    void lock() override
    {
        mutex_.lock();
    }
    void unlock() override
    {
        mutex_.unlock();
    }

  private:
    std::string name_ = bench::fresh_name();
    ipc::named_mutex mutex_{ipc::create_only, name_.c_str()};
};

class RecordLock : public Lock
{
  public:
    RecordLock() : file_(::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600))
    {
        MUST(file_ >= 0);
    }
    ~RecordLock() override
    {
        close(file_);
    }
    void lock() override
    {
        act(F_WRLCK);
    }
    void unlock() override
    {
        act(F_UNLCK);
    }

  private:
    void act(short type)
    {
        struct flock record = {};
        record.l_type = type;
        record.l_whence = SEEK_SET;
        record.l_len = 1;
        MUST(fcntl(file_, F_SETLKW, &record) == 0); // a process's own: children of fork do not share it
    }
    int file_;
};

template <typename L> static void add_alone(const char *side)
{
    bench::add("lock + unlock", side, [](benchmark::State &state) {
        L lock;
        lock.open();
        for (auto _ : state) {
            lock.lock();
            lock.unlock();
        }
    });
}

// The time of one turn, of all together.
template <typename L> static void add_crowd(const char *side, int processes)
{
    const int turns = bench::is_quick() ? 2000 : 20000;
    bench::add_single(
        "lock + unlock, " + std::to_string(processes) + " processes", side,
        [=](benchmark::State &state) {
            for (auto _ : state) {
                L lock;
                auto work = [&](int) {
                    for (int i = 0; i < turns; i++) {
                        lock.lock();
                        lock.unlock();
                    }
                };
                state.SetIterationTime(bench::race(
                    processes, [&](int) { lock.open(); }, work));
            }
        },
        double(turns) * processes);
}

struct Deed {
    std::atomic<int> held;
    double killed;
};

// A holder, somebody who kills it while this process waits for the lock, and how long it took from there.
template <typename L> static void add_survivor(const char *side)
{
    bench::add_single("have the lock of a killed holder", side, [](benchmark::State &state) {
        auto *deed = bench::shared<Deed>();
        for (auto _ : state) {
            L lock;
            deed->held = 0;
            pid_t holder = bench::start([&] {
                lock.open();
                lock.lock();
                deed->held = 1;
                pause();
            });
            lock.open();
            while (!deed->held)
                usleep(100);
            pid_t killer = bench::start([&] {
                usleep(10000);
                deed->killed = bench::now();
                kill(holder, SIGKILL);
            });
            lock.lock();
            state.SetIterationTime(bench::now() - deed->killed);
            lock.unlock();
            bench::await(killer);
            bench::await(holder);
        }
    });
}

static void add_items()
{
    auto list = std::make_shared<bench::List>(size_t(1000));
    bench::add("add to an int", "polyshm", [list](benchmark::State &state) {
        for (auto _ : state)
            MUST(polyshm_list_add(list->get(), 500, 1, nullptr) == 0);
    });
    bench::add("get an int, beside a mutex", "polyshm", [list](benchmark::State &state) {
        polyshm_value value;
        for (auto _ : state)
            MUST(polyshm_list_get(list->get(), 500, nullptr, 0, &value) == 0);
    });
    bench::add("set an int, beside a mutex", "polyshm", [list](benchmark::State &state) {
        const polyshm_value value = bench::int_value(7);
        for (auto _ : state)
            MUST(polyshm_list_set(list->get(), 500, &value) == 0);
    });
    for (const char *name : {"add to an int", "get an int, beside a mutex", "set an int, beside a mutex"})
        bench::add(name, "robust mutex", [](benchmark::State &state) {
            Robust mutex;
            for (auto _ : state) {
                mutex.lock();
                mutex.unlock();
            }
        });
}

void bench::register_topic()
{
    add_alone<ListLock>("polyshm");
    add_alone<RobustLock>("robust mutex");
    add_alone<BoostLock>("Boost named_mutex");
    add_alone<RecordLock>("fcntl");
    add_items();
    for (int processes : {2, 4, 8, 16}) {
        add_crowd<ListLock>("polyshm", processes);
        add_crowd<RobustLock>("robust mutex", processes);
        add_crowd<BoostLock>("Boost named_mutex", processes);
        add_crowd<RecordLock>("fcntl", processes);
    }
    // Whoever waits for a named_mutex of a holder that was killed waits for ever.
    add_survivor<ListLock>("polyshm");
    add_survivor<RobustLock>("robust mutex");
    add_survivor<RecordLock>("fcntl");
}
