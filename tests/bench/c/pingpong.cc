// A message there and one back between two processes: asleep while they wait, or spinning. Peers: a bare futex pair, a
// bare atomic pair, a pipe, a Unix socket, a POSIX message queue; and iceoryx, in iceoryx.cc. polyshm's partner is also
// a program in another language (../LANGUAGE/partner.*): BENCH_PARTNERS has a line "LANGUAGE<tab>COMMAND" for each.
#include "bench.hh"

#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <mqueue.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <sstream>

// One of two who speak in turns: it sends a number and gets the one that is sent back.
class Line
{
  public:
    virtual ~Line() = default;
    virtual void send(int side, int32_t number) = 0;
    virtual int32_t receive(int side) = 0;
};

static const int32_t stop = -1;
static const double least_time = 0.02; // some of the system's slices: what spins may have to wait for one

class Words : public Line // two words of shared memory
{
  public:
    void send(int side, int32_t number) override
    {
        words_[side].value.store(number, std::memory_order_release);
    }
    int32_t receive(int side) override
    {
        int32_t number;
        while ((number = words_[!side].value.load(std::memory_order_acquire)) == seen_)
            ;
        return seen_ = number;
    }

  protected:
    struct alignas(64) Word {
        std::atomic<int32_t> value;
    };
    Word *words_ = static_cast<Word *>(bench::shared_bytes(2 * sizeof(Word)));
    int32_t seen_ = 0;
};

class Futexes : public Words
{
  public:
    void send(int side, int32_t number) override
    {
        Words::send(side, number);
        syscall(SYS_futex, &words_[side].value, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }
    int32_t receive(int side) override
    {
        int32_t number;
        while ((number = words_[!side].value.load(std::memory_order_acquire)) == seen_)
            syscall(SYS_futex, &words_[!side].value, FUTEX_WAIT, seen_, nullptr, nullptr, 0);
        return seen_ = number;
    }
};

class Items : public Line // two items of a list
{
  public:
    void send(int side, int32_t number) override
    {
        const polyshm_value value = bench::int_value(number);
        MUST(polyshm_list_set(list.get(), side, &value) == 0);
    }
    int32_t receive(int side) override
    {
        polyshm_value value;
        do
            MUST(polyshm_list_get(list.get(), !side, nullptr, 0, &value) == 0);
        while (value.integer == seen_);
        seen_ = value.integer;
        return int32_t(value.integer);
    }
    bench::List list{std::vector<polyshm_value>{bench::int_value(0), bench::int_value(0)}};

  protected:
    int64_t seen_ = 0;
};

class SleepyItems : public Items
{
  public:
    int32_t receive(int side) override
    {
        polyshm_value value;
        do {
            MUST(polyshm_list_wait_item(list.get(), !side, version_, INFINITY, &version_) == 0);
            MUST(polyshm_list_get(list.get(), !side, nullptr, 0, &value) == 0);
        } while (value.integer == seen_); // a partner in another language begins by writing what was there
        seen_ = value.integer;
        return int32_t(value.integer);
    }

  private:
    uint64_t version_ = 0; // that of an item nobody wrote
};

class Stream : public Line // two descriptors a side, to write to and to read from
{
  public:
    explicit Stream(bool socket)
    {
        if (socket) {
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_[0]) == 0);
            ends_[1][0] = dup(ends_[0][0]), ends_[1][1] = dup(ends_[0][1]);
            std::swap(ends_[1][0], ends_[1][1]);
        } else {
            MUST(pipe(ends_[0]) == 0 && pipe(ends_[1]) == 0);
        }
    }
    ~Stream() override
    {
        for (auto &pair : ends_)
            close(pair[0]), close(pair[1]);
    }
    void send(int side, int32_t number) override
    {
        MUST(write(ends_[side][1], &number, sizeof number) == sizeof number);
    }
    int32_t receive(int side) override
    {
        int32_t number;
        MUST(read(ends_[!side][0], &number, sizeof number) == sizeof number);
        return number;
    }

  private:
    int ends_[2][2]; // of each side: what the other one reads, what this one writes
};

class Queues : public Line
{
  public:
    Queues()
    {
        struct mq_attr attributes = {};
        attributes.mq_maxmsg = 1;
        attributes.mq_msgsize = sizeof(int32_t);
        for (mqd_t &queue : queues_) {
            const std::string name = "/" + bench::fresh_name();
            queue = mq_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
            MUST(queue != -1 && mq_unlink(name.c_str()) == 0);
        }
    }
    ~Queues() override
    {
        mq_close(queues_[0]), mq_close(queues_[1]);
    }
    void send(int side, int32_t number) override
    {
        MUST(mq_send(queues_[side], reinterpret_cast<char *>(&number), sizeof number, 0) == 0);
    }
    int32_t receive(int side) override
    {
        int32_t number;
        MUST(mq_receive(queues_[!side], reinterpret_cast<char *>(&number), sizeof number, nullptr) == sizeof number);
        return number;
    }

  private:
    mqd_t queues_[2];
};

static void play(benchmark::State &state, Line &line, pid_t partner)
{
    int32_t number = 0;
    auto exchange = [&] {
        line.send(0, ++number);
        MUST(line.receive(0) == number);
    };
    alarm(60);  // a partner that died would be waited for
    exchange(); // it is there
    for (auto _ : state)
        exchange();
    line.send(0, stop);
    bench::await(partner);
    alarm(0);
}

template <typename Make> static void add_pair(const std::string &name, const std::string &side, Make make)
{
    bench::add(name, side, [make](benchmark::State &state) {
        std::unique_ptr<Line> line = make();
        pid_t partner = bench::start([&] {
            for (int32_t number; (number = line->receive(1)) != stop;)
                line->send(1, number);
        });
        play(state, *line, partner);
    })->MinTime(least_time);
}

// The other program says that it is there by sending 0 (a write of the same value, which moves the version).
template <typename L> static void add_language(const std::string &name, const std::string &command, const char *how)
{
    bench::add(name, "polyshm", [=](benchmark::State &state) {
        L line;
        pid_t partner = bench::start([&] {
            const std::string whole = "exec " + command + " " + line.list.name + " " + how;
            execl("/bin/sh", "sh", "-c", whole.c_str(), nullptr);
            MUST(!"sh runs");
        });
        uint64_t version = 0;
        MUST(polyshm_list_wait_item(line.list.get(), 1, version, 30, &version) == 0);
        play(state, line, partner);
    })->MinTime(least_time);
}

void bench::register_topic()
{
    const char *asleep = "ping-pong, asleep", *spinning = "ping-pong, spinning";
    add_pair(asleep, "polyshm", [] { return std::make_unique<SleepyItems>(); });
    add_pair(asleep, "futex pair", [] { return std::make_unique<Futexes>(); });
    add_pair(asleep, "pipe", [] { return std::make_unique<Stream>(false); });
    add_pair(asleep, "Unix socket", [] { return std::make_unique<Stream>(true); });
    add_pair(asleep, "message queue", [] { return std::make_unique<Queues>(); });
    add_pair(spinning, "polyshm", [] { return std::make_unique<Items>(); });
    add_pair(spinning, "atomic pair", [] { return std::make_unique<Words>(); });
    const char *partners = getenv("BENCH_PARTNERS");
    std::istringstream lines(partners ? partners : "");
    for (std::string language, command; std::getline(std::getline(lines, language, '\t'), command);) {
        add_language<SleepyItems>(asleep + (", with " + language), command, "asleep");
        add_language<Items>(spinning + (", with " + language), command, "spinning");
    }
}
