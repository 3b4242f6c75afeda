// A block's life: create + close + unlink, attach + close. Peers: the bare system calls, and Boost.Interprocess.
#include "bench.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/shared_memory_object.hpp>

namespace ipc = boost::interprocess;

static const size_t page = 4096;

static void live(const char *name, uint32_t flags)
{
    polyshm_segment *segment;
    MUST(polyshm_segment_create(name, page, 0, flags, &segment) == POLYSHM_OK);
    polyshm_segment_close(segment);
    MUST(polyshm_segment_unlink(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static void live_bare(const char *name, bool reserve)
{
    int file = shm_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    MUST(file >= 0 && ftruncate(file, page) == 0);
    if (reserve)
        MUST(fallocate(file, 0, 0, page) == 0);
    void *bytes = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    MUST(bytes != MAP_FAILED && munmap(bytes, page) == 0 && close(file) == 0 && shm_unlink(name) == 0);
}

static void live_boost(const char *name)
{
    {
        ipc::shared_memory_object object(ipc::create_only, name, ipc::read_write);
        object.truncate(page);
        ipc::mapped_region region(object, ipc::read_write);
    }
    ipc::shared_memory_object::remove(name);
}

static void attach(const char *name)
{
    polyshm_segment *segment;
    MUST(polyshm_segment_attach(name, 0, 0, &segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static void attach_bare(const char *name)
{
    struct stat status;
    int file = shm_open(name, O_RDWR | O_CLOEXEC, 0);
    MUST(file >= 0 && fstat(file, &status) == 0);
    size_t size = size_t(status.st_size);
    void *bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    MUST(bytes != MAP_FAILED && munmap(bytes, size) == 0 && close(file) == 0);
}

static void attach_boost(const char *name)
{
    ipc::shared_memory_object object(ipc::open_only, name, ipc::read_write);
    ipc::mapped_region region(object, ipc::read_write);
}

static void live_in(polyshm_manager *manager)
{
    polyshm_segment *segment;
    MUST(polyshm_manager_create_segment(manager, nullptr, page, 0, 0, &segment) == POLYSHM_OK);
    polyshm_segment_close(segment);
    MUST(polyshm_segment_unlink(segment) == POLYSHM_OK);
    polyshm_segment_unref(segment);
}

static polyshm_manager *start_manager()
{
    polyshm_manager *manager;
    MUST(polyshm_manager_start(nullptr, nullptr, 0, &manager) == POLYSHM_OK);
    return manager;
}

static void end_manager(polyshm_manager *manager)
{
    MUST(polyshm_manager_shutdown(manager) == POLYSHM_OK);
    polyshm_manager_unref(manager);
}

// A case of functions that take a name that is free, or that of a block of this size.
template <typename F> static void add_life(const std::string &name, const char *side, F run)
{
    bench::add(name, side, [run](benchmark::State &state) {
        const std::string block = bench::fresh_name();
        for (auto _ : state)
            run(block.c_str());
    });
}

static void add_attach(const std::string &name, const char *side, size_t size, void (*run)(const char *))
{
    bench::add(name, side, [=](benchmark::State &state) {
        const std::string block = bench::fresh_name();
        polyshm_segment *segment;
        MUST(polyshm_segment_create(block.c_str(), size, 0, POLYSHM_SEGMENT_SPARSE, &segment) == POLYSHM_OK);
        for (auto _ : state)
            run(block.c_str());
        polyshm_segment_unlink(segment);
        polyshm_segment_unref(segment);
    });
}

static void add_managers()
{
    bench::add("create + close + unlink, managed", "polyshm", [](benchmark::State &state) {
        polyshm_manager *manager = start_manager();
        for (auto _ : state)
            live_in(manager);
        end_manager(manager);
    });
    // Another one keeps the helper at work: whether it lives already is another case.
    bench::add("start + end of a manager", "polyshm", [](benchmark::State &state) {
        polyshm_manager *other = start_manager();
        for (auto _ : state)
            end_manager(start_manager());
        end_manager(other);
    });
}

void bench::register_topic()
{
    const char *reserved = "create + close + unlink", *sparse = "create + close + unlink, sparse";
    add_life(reserved, "polyshm", [](const char *name) { live(name, 0); });
    add_life(reserved, "system calls", [](const char *name) { live_bare(name, true); });
    add_life(sparse, "polyshm", [](const char *name) { live(name, POLYSHM_SEGMENT_SPARSE); });
    add_life(sparse, "system calls", [](const char *name) { live_bare(name, false); });
    add_life(sparse, "Boost.Interprocess", live_boost);
    add_life("create + close + unlink, tracked", "polyshm",
             [](const char *name) { live(name, POLYSHM_SEGMENT_TRACK); });
    add_managers();
    const std::pair<const char *, size_t> sizes[] = {{"4 KiB", page}, {"1 MiB", 1 << 20}, {"1 GiB", 1 << 30}};
    for (auto [words, size] : sizes) {
        std::string name = std::string("attach + close, ") + words;
        add_attach(name, "polyshm", size, attach);
        add_attach(name, "system calls", size, attach_bare);
        add_attach(name, "Boost.Interprocess", size, attach_boost);
    }
}
