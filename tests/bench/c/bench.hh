// What the topics in C share. They call the public C functions and are C++ only because Google Benchmark is.
//
// A topic registers its cases, each with who runs it ("polyshm", or a peer's name), and main runs them, their
// repetitions in random order, and prints one line of JSON for each: see ../README.md for the form.
#pragma once

#include <benchmark/benchmark.h>
#include <polyshm.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace bench
{

// What a topic's file has: it registers the cases.
void register_topic();

// Registers a case. per is the number of items that one iteration goes over.
benchmark::internal::Benchmark *add(const std::string &name, const std::string &side,
                                    std::function<void(benchmark::State &)> run, double per = 1);

// Registers a case that takes long and is run once: it tells by SetIterationTime how long it took.
benchmark::internal::Benchmark *add_single(const std::string &name, const std::string &side,
                                           std::function<void(benchmark::State &)> run, double per = 1);

// Prints a figure that is no time.
void print_bytes(const std::string &name, const std::string &side, double bytes);

// Whether the run is to be short.
bool is_quick();

// Ends the program unless this is so, with the place and the words of the last failure.
#define MUST(condition) ((condition) ? (void)0 : bench::fail(__FILE__, __LINE__, #condition))
[[noreturn]] void fail(const char *file, int line, const char *condition);

// 1,000,000 for a million.
std::string with_commas(size_t number);

// A name of a block that nobody else uses.
std::string fresh_name();

double now();

// Zeroed memory that children share, for as long as the process lives.
void *shared_bytes(size_t size);
template <typename T> T *shared()
{
    return static_cast<T *>(shared_bytes(sizeof(T)));
}

// Children; all are killed if this process ends first. await takes its end, which must be a success, unless it was
// killed.
pid_t start(const std::function<void()> &run);
void await(pid_t child);
void end(pid_t child); // by SIGKILL

// Starts count children, lets all begin at once, and gives the seconds until the last one has done its work.
double race(int count, const std::function<void(int)> &prepare, const std::function<void(int)> &work);

// A list with a name of its own, of these values or of count ints; gone with this object.
class List
{
  public:
    explicit List(size_t count);
    explicit List(const std::vector<polyshm_value> &values);
    ~List();
    List(const List &) = delete;
    List &operator=(const List &) = delete;
    polyshm_list *get() const
    {
        return list_;
    }
    const std::string name;

  private:
    polyshm_list *list_ = nullptr;
};

inline polyshm_value int_value(int64_t number)
{
    polyshm_value value = {};
    value.type = POLYSHM_TYPE_INT64;
    value.integer = number;
    return value;
}

} // namespace bench
