// Many at once: readers beside a writer, processes that all attach, a pile of orphans. Peers: pthread's lock for
// readers and writers, bare system calls, and the removal of as many files.
#include "bench.hh"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

static void read_items(polyshm_list *list, int count)
{
    polyshm_value value;
    for (int i = 0; i < count; i++)
        MUST(polyshm_list_get(list, i % 1000, nullptr, 0, &value) == 0);
}

static const int reads = bench::is_quick() ? 20000 : 50000;

// The time of a read, of all together, while somebody writes all the time.
static void add_readers(int readers)
{
    const std::string name = "get an int, " + std::to_string(readers) + " readers and a writer";
    bench::add_single(
        name, "polyshm",
        [readers](benchmark::State &state) {
            bench::List list(size_t(1000));
            for (auto _ : state) {
                pid_t writer = bench::start([&] {
                    for (int64_t i = 0;; i++) {
                        const polyshm_value value = bench::int_value(i);
                        MUST(polyshm_list_set(list.get(), i % 1000, &value) == 0);
                    }
                });
                state.SetIterationTime(bench::race(
                    readers, [](int) {}, [&](int) { read_items(list.get(), reads); }));
                bench::end(writer);
            }
        },
        double(readers) * reads);
    bench::add_single(
        name, "pthread_rwlock",
        [readers](benchmark::State &state) {
            struct Array {
                pthread_rwlock_t lock;
                volatile int64_t items[1000];
            };
            auto *array = bench::shared<Array>();
            pthread_rwlockattr_t attributes;
            MUST(pthread_rwlockattr_init(&attributes) == 0);
            MUST(pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
            for (auto _ : state) {
                MUST(pthread_rwlock_init(&array->lock, &attributes) == 0); // anew: who is killed keeps it
                pid_t writer = bench::start([=] {
                    for (int64_t i = 0;; i++) {
                        pthread_rwlock_wrlock(&array->lock);
                        array->items[i % 1000] = i;
                        pthread_rwlock_unlock(&array->lock);
                    }
                });
                state.SetIterationTime(bench::race(
                    readers, [](int) {},
                    [=](int) {
                        for (int i = 0; i < reads; i++) {
                            pthread_rwlock_rdlock(&array->lock);
                            benchmark::DoNotOptimize(array->items[i % 1000]);
                            pthread_rwlock_unlock(&array->lock);
                        }
                    }));
                bench::end(writer);
            }
            munmap(array, sizeof *array);
        },
        double(readers) * reads);
}

static void attach_bare(const std::string &name)
{
    struct stat status;
    int file = shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0);
    MUST(file >= 0 && fstat(file, &status) == 0);
    void *bytes = mmap(nullptr, size_t(status.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    MUST(bytes != MAP_FAILED);
    benchmark::DoNotOptimize(*static_cast<volatile char *>(bytes));
    munmap(bytes, size_t(status.st_size));
    close(file);
}

static void add_storm()
{
    const char *name = "64 processes attach, read and close";
    bench::add_single(name, "polyshm", [](benchmark::State &state) {
        bench::List list(size_t(1000));
        for (auto _ : state)
            state.SetIterationTime(bench::race(
                64, [](int) {},
                [&](int) {
                    polyshm_list *own;
                    MUST(polyshm_list_attach(list.name.c_str(), 0, 0, &own) == 0);
                    read_items(own, 1);
                    polyshm_list_unref(own);
                }));
    });
    bench::add_single(name, "system calls", [](benchmark::State &state) {
        bench::List list(size_t(1000));
        for (auto _ : state)
            state.SetIterationTime(bench::race(
                64, [](int) {}, [&](int) { attach_bare(list.name); }));
    });
}

static const int orphans = 10000;

// The helper's process id stands in its file.
static void kill_helper()
{
    const std::string path = std::string(getenv("XDG_RUNTIME_DIR")) + "/polyshm/helper";
    FILE *file = fopen(path.c_str(), "re");
    int helper = 0;
    MUST(file && fscanf(file, "%d", &helper) == 1 && helper > 1);
    fclose(file);
    MUST(kill(helper, SIGKILL) == 0);
    while (kill(helper, 0) == 0 && getpgid(helper) >= 0) {
        char state = 'Z';
        const std::string status = "/proc/" + std::to_string(helper) + "/stat";
        FILE *process = fopen(status.c_str(), "re");
        if (!process || fscanf(process, "%*d (%*[^)]) %c", &state) != 1 || state == 'Z')
            state = 'Z';
        if (process)
            fclose(process);
        if (state == 'Z')
            return;
        usleep(100);
    }
}

// A child makes them; it and the helper are killed.
static void make_orphans()
{
    auto *made = bench::shared<std::atomic<int>>();
    pid_t creator = bench::start([=] {
        for (int i = 0; i < orphans; i++) {
            polyshm_segment *segment;
            MUST(polyshm_segment_create(nullptr, 64, 0, POLYSHM_SEGMENT_SPARSE | POLYSHM_SEGMENT_TRACK, &segment) == 0);
            polyshm_segment_unref(segment);
        }
        *made = 1;
        pause();
    });
    while (!*made)
        usleep(1000);
    kill_helper();
    bench::end(creator);
    munmap(made, sizeof *made);
}

static void add_reaping()
{
    const char *name = "gc of 10,000 orphans";
    bench::add_single(name, "polyshm", [](benchmark::State &state) {
        for (auto _ : state) {
            uint64_t size = 0;
            make_orphans();
            double begin = bench::now();
            std::vector<char> names(1 << 20);
            MUST(polyshm_reap(0, names.data(), names.size(), &size) == 0);
            state.SetIterationTime(bench::now() - begin);
            MUST(size == orphans * sizeof "psm_01234567");
        }
    })->Repetitions(1);
    bench::add_single(name, "10,000 files removed", [](benchmark::State &state) {
        std::vector<std::string> names;
        for (auto _ : state) {
            for (int i = 0; i < orphans; i++) {
                names.push_back("/" + bench::fresh_name());
                close(shm_open(names.back().c_str(), O_CREAT | O_EXCL | O_RDWR, 0600));
            }
            double begin = bench::now();
            for (const std::string &each : names)
                MUST(shm_unlink(each.c_str()) == 0);
            state.SetIterationTime(bench::now() - begin);
        }
    })->Repetitions(1);
}

void bench::register_topic()
{
    for (int readers : {1, 2, 4, 8, 16})
        add_readers(readers);
    add_storm();
    add_reaping();
}
