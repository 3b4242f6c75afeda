// The ping-pong of pingpong.cc by iceoryx: a program of its own, which is there if iceoryx is. Two publishers and two
// subscribers are the line. Who waits asleep does so in a WaitSet, who spins takes until there is something.
//
// iceoryx needs a daemon, and has one place for it: names in /dev/shm and /tmp. So this program has both folders for
// itself, in a mount namespace of its own: a daemon of the user's is not met, and whatever is left, by whomever and
// however he was killed, goes with the last process of the program. Its children are killed when it ends.
//
// A process that uses iceoryx has threads from there on and must not fork. So this one does not use it: the daemon and
// both sides of each exchange are children.
#include "bench.hh"

#include <sys/mount.h>
#include <unistd.h>

#include <iceoryx_posh/popo/publisher.hpp>
#include <iceoryx_posh/popo/subscriber.hpp>
#include <iceoryx_posh/popo/wait_set.hpp>
#include <iceoryx_posh/roudi/iceoryx_roudi_app.hpp>
#include <iceoryx_posh/runtime/posh_runtime.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>

extern "C" {
#include "folder.h"
}

static const int32_t stop = -1;
static const double least_time = 0.02; // as in pingpong.cc

static iox::cxx::string<100> text(const std::string &name)
{
    return {iox::cxx::TruncateToCapacity, name.c_str()};
}

// This process's side of an exchange.
class Side
{
  public:
    Side(const std::string &exchange, const char *ours, const char *theirs, bool asleep)
        : publisher_({"ping-pong", text(exchange), text(ours)}),
          subscriber_({"ping-pong", text(exchange), text(theirs)}), asleep_(asleep)
    {
        if (asleep)
            MUST(!waiting_.attachState(subscriber_, iox::popo::SubscriberState::HAS_DATA).has_error());
        while (!publisher_.hasSubscribers())
            usleep(1000);
    }
    void send(int32_t number)
    {
        MUST(!publisher_.publishCopyOf(number).has_error());
    }
    int32_t receive()
    {
        for (;;) {
            if (asleep_)
                waiting_.wait();
            auto sample = subscriber_.take();
            if (!sample.has_error())
                return *sample.value();
        }
    }

  private:
    iox::popo::Publisher<int32_t> publisher_;
    iox::popo::Subscriber<int32_t> subscriber_;
    iox::popo::WaitSet<> waiting_;
    const bool asleep_;
};

// The seconds that a number takes there and back.
static double time_exchange(Side &side)
{
    int32_t number = 0;
    double begin = bench::now(), passed;
    do {
        for (int i = 0; i < 100; i++) {
            side.send(++number);
            MUST(side.receive() == number);
        }
    } while ((passed = bench::now() - begin) < least_time);
    side.send(stop);
    return passed / number;
}

static double run_exchange(bool asleep)
{
    static auto *seconds = bench::shared<double>();
    const std::string exchange = bench::fresh_name();
    auto start_side = [&](const char *ours, const char *theirs, auto work) {
        return bench::start([&] {
            alarm(10); // who died would be waited for
            iox::runtime::PoshRuntime::initRuntime(text(exchange + ours));
            Side side(exchange, ours, theirs, asleep);
            work(side);
        });
    };
    pid_t partner = start_side("pong", "ping", [](Side &side) {
        for (int32_t number; (number = side.receive()) != stop;)
            side.send(number);
    });
    bench::await(start_side("ping", "pong", [](Side &side) { *seconds = time_exchange(side); }));
    bench::await(partner);
    return *seconds;
}

static void add_exchange(const char *name, bool asleep)
{
    bench::add_single(name, "iceoryx", [asleep](benchmark::State &state) {
        for (auto _ : state)
            state.SetIterationTime(run_exchange(asleep));
    });
}

// The daemon, with memory for a few small messages instead of the usual 150 MB.
static void serve()
{
    iox::mepoo::MePooConfig pools;
    pools.addMemPool({128, 1000});
    iox::RouDiConfig_t config;
    const auto group = iox::posix::PosixGroup::getGroupOfCurrentProcess().getName();
    config.m_sharedMemorySegments.push_back({group, group, pools});
    iox::roudi::IceOryxRouDiApp({}, config).run();
}

static bool have_own_folders()
{
    return folder_mount("mode=1777") && mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
}

void bench::register_topic()
{
    if (!have_own_folders()) {
        perror("no iceoryx: a /dev/shm and a /tmp of its own");
        exit(EXIT_SUCCESS);
    }
    std::cout.setstate(std::ios::failbit); // iceoryx tells there of its progress
    std::clog.setstate(std::ios::failbit);
    bench::start(serve);
    add_exchange("ping-pong, asleep", true);
    add_exchange("ping-pong, spinning", false);
}
