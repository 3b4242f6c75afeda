// The main program of every topic in C (bench.hh).
#include "bench.hh"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace bench
{

static const char separator = '|'; // in Google Benchmark's names, between case and side

static std::vector<std::string> order;      // the cases, as they were registered
static std::map<std::string, double> items; // how many items an iteration of each goes over

static benchmark::internal::Benchmark *enter(const std::string &name, const std::string &side,
                                             const std::function<void(benchmark::State &)> &run, double per)
{
    std::string full = name + separator + side;
    order.push_back(full);
    items[full] = per;
    return benchmark::RegisterBenchmark(full.c_str(), run);
}

benchmark::internal::Benchmark *add(const std::string &name, const std::string &side,
                                    std::function<void(benchmark::State &)> run, double per)
{
    return enter(name, side, run, per)->UseRealTime();
}

benchmark::internal::Benchmark *add_single(const std::string &name, const std::string &side,
                                           std::function<void(benchmark::State &)> run, double per)
{
    return enter(name, side, run, per)->UseManualTime()->Iterations(1);
}

static void print_line(const std::string &name, const std::string &side, const char *unit,
                       const std::vector<double> &samples)
{
    printf("{\"case\": \"%s\", \"language\": \"C\", \"side\": \"%s\", \"unit\": \"%s\", \"samples\": [", name.c_str(),
           side.c_str(), unit);
    for (size_t i = 0; i < samples.size(); i++)
        printf("%s%.6g", i ? ", " : "", samples[i]);
    printf("]}\n");
    fflush(stdout);
}

void print_bytes(const std::string &name, const std::string &side, double bytes)
{
    print_line(name, side, "B", {bytes});
}

// Keeps all repetitions of a case; they come in any order.
class Collector : public benchmark::BenchmarkReporter
{
  public:
    bool ReportContext(const Context &) override
    {
        return true;
    }

    void ReportRuns(const std::vector<Run> &runs) override
    {
        for (const Run &run : runs) {
            if (run.error_occurred)
                failed = true, fprintf(stderr, "%s: %s\n", run.benchmark_name().c_str(), run.error_message.c_str());
            else if (run.run_type == Run::RT_Iteration)
                samples_[run.run_name.function_name].push_back(run.real_accumulated_time / double(run.iterations));
        }
    }

    void Finalize() override
    {
        for (const std::string &full : order) {
            size_t at = full.find(separator);
            for (double &sample : samples_[full])
                sample /= items[full];
            print_line(full.substr(0, at), full.substr(at + 1), "s", samples_[full]);
        }
    }

    bool failed = false;

  private:
    std::map<std::string, std::vector<double>> samples_;
};

bool is_quick()
{
    const char *quick = getenv("BENCH_QUICK");
    return quick && *quick == '1';
}

void fail(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: not so: %s\nthe last failure: %s\n", file, line, condition, polyshm_error_message());
    _exit(EXIT_FAILURE);
}

std::string with_commas(size_t number)
{
    std::string digits = std::to_string(number);
    for (long at = long(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(size_t(at), ",");
    return digits;
}

std::string fresh_name()
{
    static int count = 0;
    return "t_bench_" + std::to_string(getpid()) + "_" + std::to_string(count++);
}

double now()
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

void *shared_bytes(size_t size)
{
    void *bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    MUST(bytes != MAP_FAILED);
    return bytes;
}

pid_t start(const std::function<void()> &run)
{
    pid_t parent = getpid(), child = fork();
    MUST(child >= 0);
    if (child > 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        run();
    _exit(EXIT_SUCCESS);
}

void await(pid_t child)
{
    int status = 0;
    MUST(waitpid(child, &status, 0) == child);
    MUST(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

void end(pid_t child)
{
    kill(child, SIGKILL);
    await(child);
}

double race(int count, const std::function<void(int)> &prepare, const std::function<void(int)> &work)
{
    struct Course {
        std::atomic<int> ready, begun;
        double ends[64];
    };
    auto *course = shared<Course>();
    MUST(count <= 64);
    std::vector<pid_t> children;
    for (int i = 0; i < count; i++)
        children.push_back(start([&, i] {
            prepare(i);
            course->ready++;
            while (!course->begun)
                usleep(100);
            work(i);
            course->ends[i] = now();
        }));
    while (course->ready < count)
        usleep(100);
    double begin = now(), last = begin;
    course->begun = 1;
    for (int i = 0; i < count; i++) {
        await(children[size_t(i)]);
        last = std::max(last, course->ends[i]);
    }
    munmap(course, sizeof *course);
    return last - begin;
}

static std::vector<polyshm_value> ints(size_t count)
{
    std::vector<polyshm_value> values;
    for (size_t i = 0; i < count; i++)
        values.push_back(int_value(int64_t(i)));
    return values;
}

List::List(size_t count) : List(ints(count))
{
}

List::List(const std::vector<polyshm_value> &values) : name(fresh_name())
{
    MUST(polyshm_list_create(name.c_str(), values.data(), values.size(), 0, 0, 0, &list_) == POLYSHM_OK);
}

List::~List()
{
    polyshm_list_unlink(list_);
    polyshm_list_unref(list_);
}

} // namespace bench

int main(int count, char **arguments)
{
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments))
        return 2;
    bench::register_topic();
    bench::Collector collector;
    benchmark::RunSpecifiedBenchmarks(&collector);
    return collector.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
