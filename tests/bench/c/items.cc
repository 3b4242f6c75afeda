// Items of a list, at three lengths: get, set, ranges, building, attaching, counting. Peers: an array in private memory
// (the floor), memcpy.
#include "bench.hh"

#include <cstring>
#include <map>
#include <memory>

using bench::int_value;

static const size_t lengths[] = {10, 1000, 1000000};

struct Ground {
    explicit Ground(size_t length) : list(length), values(length), copy(length), numbers(length), other(length)
    {
        for (size_t i = 0; i < length; i++)
            values[i] = int_value(int64_t(i)), numbers[i] = int64_t(i);
    }
    bench::List list;
    std::vector<polyshm_value> values, copy;
    std::vector<int64_t> numbers, other;
};

// Made when a case wants it, and kept.
static Ground &ground(size_t length)
{
    static std::map<size_t, std::unique_ptr<Ground>> grounds;
    auto &found = grounds[length];
    if (!found)
        found = std::make_unique<Ground>(length);
    return *found;
}

template <typename F> static void add(const std::string &name, const char *side, size_t length, F run, double per = 1)
{
    bench::add(
        name + " (" + bench::with_commas(length) + ")", side,
        [=](benchmark::State &state) {
            Ground &on = ground(length);
            for (auto _ : state) {
                run(on);
                benchmark::ClobberMemory();
            }
        },
        per);
}

static void add_gets(size_t length)
{
    const int64_t at = int64_t(length / 2);
    add("get an int", "polyshm", length, [at](Ground &on) {
        polyshm_value value;
        MUST(polyshm_list_get(on.list.get(), at, nullptr, 0, &value) == 0);
        benchmark::DoNotOptimize(value.integer);
    });
    add("get an int", "array", length, [at](Ground &on) { benchmark::DoNotOptimize(on.numbers[size_t(at)]); });
    add("set an int", "polyshm", length, [at](Ground &on) {
        const polyshm_value value = int_value(7);
        MUST(polyshm_list_set(on.list.get(), at, &value) == 0);
    });
    add("set an int", "array", length, [at](Ground &on) { on.numbers[size_t(at)] = 7; });
}

static void add_ranges(size_t length)
{
    add(
        "read all, per item", "polyshm", length,
        [length](Ground &on) { MUST(polyshm_list_read(on.list.get(), 0, length, nullptr, 0, on.copy.data()) == 0); },
        double(length));
    add(
        "read all, per item", "memcpy of its values", length,
        [length](Ground &on) { memcpy(on.copy.data(), on.values.data(), length * sizeof(polyshm_value)); },
        double(length));
    add(
        "read all, per item", "memcpy of 8 bytes an item", length,
        [length](Ground &on) { memcpy(on.other.data(), on.numbers.data(), length * sizeof(int64_t)); }, double(length));
    add(
        "write all, per item", "polyshm", length,
        [length](Ground &on) { MUST(polyshm_list_write(on.list.get(), 0, on.values.data(), length) == 0); },
        double(length));
    add(
        "write all, per item", "memcpy of 8 bytes an item", length,
        [length](Ground &on) { memcpy(on.numbers.data(), on.other.data(), length * sizeof(int64_t)); }, double(length));
    add(
        "snapshot, per item", "polyshm", length,
        [](Ground &on) { MUST(polyshm_list_snapshot(on.list.get(), nullptr, 0, on.copy.data(), nullptr) == 0); },
        double(length));
    add(
        "count, per item", "polyshm", length,
        [](Ground &on) {
            const polyshm_value value = int_value(-1);
            uint64_t count;
            MUST(polyshm_list_count(on.list.get(), &value, &count) == 0);
        },
        double(length));
}

static void add_lives(size_t length)
{
    add("build + unlink", "polyshm", length, [length](Ground &on) {
        polyshm_list *list;
        MUST(polyshm_list_create(nullptr, on.values.data(), length, 0, 0, 0, &list) == 0);
        MUST(polyshm_list_unlink(list) == 0);
        polyshm_list_unref(list);
    });
    add("attach a list + close", "polyshm", length, [](Ground &on) {
        polyshm_list *list;
        MUST(polyshm_list_attach(on.list.name.c_str(), 0, 0, &list) == 0);
        polyshm_list_unref(list);
    });
}

static void add_texts()
{
    static const char text[] = "a text of fifty bytes, as many an item may well be";
    polyshm_value value = {};
    value.type = POLYSHM_TYPE_STR;
    value.data = text;
    value.size = sizeof text - 1;
    auto list = std::make_shared<bench::List>(std::vector<polyshm_value>{value});
    bench::add("get a text", "polyshm", [list](benchmark::State &state) {
        char copy[64];
        polyshm_value got;
        for (auto _ : state)
            MUST(polyshm_list_get(list->get(), 0, copy, sizeof copy, &got) == 0);
    });
    bench::add("set a text", "polyshm", [list, value](benchmark::State &state) {
        for (auto _ : state)
            MUST(polyshm_list_set(list->get(), 0, &value) == 0);
    });
}

static uint64_t size_of(const bench::List &list)
{
    polyshm_segment *segment;
    uint64_t size;
    MUST(polyshm_list_segment(list.get(), &segment) == 0 && polyshm_segment_size(segment, &size) == 0);
    polyshm_segment_unref(segment);
    return size;
}

// What a list takes beside its stock part, 8 bytes an item, and one slot of the widest.
static double extra(const bench::List &list, uint64_t count, uint64_t widest, uint64_t slots)
{
    const uint64_t stock = 8 * (count + 2) + slots + 9 * count;
    return double(size_of(list)) - double(stock + 8 * count + widest);
}

static void print_memory()
{
    const uint64_t count = 1000000, width = 100000;
    const bench::List ints(count);
    bench::print_bytes("memory, per item (1,000,000)", "polyshm", double(size_of(ints)) / double(count));
    bench::print_bytes("memory, per item (1,000,000)", "array", 8);
    bench::print_bytes("sync area, beside 8 bytes an item and a slot", "polyshm", extra(ints, count, 8, 8 * count));

    const std::string bytes(width - 1, 'x');
    polyshm_value wide = {};
    wide.type = POLYSHM_TYPE_BYTES;
    wide.data = bytes.data();
    wide.size = bytes.size();
    const bench::List list(std::vector<polyshm_value>{int_value(0), wide});
    bench::print_bytes("the same, of a list with an item of 100,000 bytes", "polyshm",
                       extra(list, 2, width, 8 + width));
}

void bench::register_topic()
{
    for (size_t length : lengths) {
        add_gets(length);
        add_ranges(length);
        add_lives(length);
    }
    add_texts();
    print_memory();
}
