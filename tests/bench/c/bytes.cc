// Bytes of a block, by the calls that check and by its address. The floor is memcpy between private memory.
#include "bench.hh"

#include <cstring>
#include <memory>

static const std::pair<const char *, size_t> sizes[] = {
    {"4 KiB", 4 << 10}, {"64 KiB", 64 << 10}, {"1 MiB", 1 << 20}, {"64 MiB", 64 << 20}, {"1 GiB", 1 << 30}};

struct Ground {
    explicit Ground(size_t size) : size(size), here(size, 1), there(size, 2)
    {
        MUST(polyshm_segment_create(nullptr, size, 0, 0, &segment) == 0);
        MUST(polyshm_segment_address(segment, &address) == 0);
        memset(address, 3, size);
    }
    ~Ground()
    {
        polyshm_segment_unlink(segment);
        polyshm_segment_unref(segment);
    }
    const size_t size;
    std::vector<char> here, there;
    polyshm_segment *segment = nullptr;
    void *address = nullptr;
};

// One at a time is kept: the largest take much.
static Ground &ground(size_t size)
{
    static std::unique_ptr<Ground> kept;
    if (!kept || kept->size != size) {
        kept.reset();
        kept = std::make_unique<Ground>(size);
    }
    return *kept;
}

template <typename F> static void add_copy(const std::string &name, const char *side, size_t size, F run)
{
    bench::add(name, side, [=](benchmark::State &state) {
        Ground &on = ground(size);
        for (auto _ : state) {
            run(on);
            benchmark::ClobberMemory();
        }
    });
}

void bench::register_topic()
{
    for (auto [words, size] : sizes) {
        if (bench::is_quick() && size > 1 << 20)
            continue;
        std::string read = std::string("copy bytes out, ") + words, write = std::string("copy bytes in, ") + words;
        add_copy(read, "polyshm", size,
                 [](Ground &on) { MUST(polyshm_segment_read(on.segment, 0, on.here.data(), on.size) == 0); });
        add_copy(read, "polyshm, by address", size, [](Ground &on) { memcpy(on.here.data(), on.address, on.size); });
        add_copy(read, "memcpy", size, [](Ground &on) { memcpy(on.here.data(), on.there.data(), on.size); });
        add_copy(write, "polyshm", size,
                 [](Ground &on) { MUST(polyshm_segment_write(on.segment, 0, on.here.data(), on.size) == 0); });
        add_copy(write, "polyshm, by address", size, [](Ground &on) { memcpy(on.address, on.here.data(), on.size); });
        add_copy(write, "memcpy", size, [](Ground &on) { memcpy(on.there.data(), on.here.data(), on.size); });
    }
}
