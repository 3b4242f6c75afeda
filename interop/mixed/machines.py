"""The agent in C, built for other machines and with other C libraries: all of them share lists and blocks.

    python3 interop/mixed/machines.py NAME BITS COMMAND  NAME BITS COMMAND...

A name has no blanks; a command has its arguments behind blanks. What languages do with one another (mixed.py), builds do,
too; and they lock, add and wait, are killed with the lock in their hands, and refuse what they have no addresses for.
"""
import sys

import mixed
from agents import Agent
from mixed import PREFIX, SHM, Checks

NAME = f"{PREFIX}_list"
ADDITIONS = 200
TOO_LARGE = 5 << 30  # bytes, for 32 bits


class Build:
    """How to start an agent."""

    def __init__(self, name, bits, command):
        self.name, self.bits, self._command = name, int(bits), command.split()

    def start(self):
        return Agent(self.name, self._command)


def check_addition(agents, checks):
    """They add at the same time, without a lock of ours, and not one addition is lost."""
    mixed.opened(agents[0], agents, "list", NAME, "int64:0", "str:6869")
    for _ in range(ADDITIONS):
        for agent in agents:
            agent.send("add", NAME, 0, 2**33)
        for agent in agents:
            agent.answer()
    for agent in agents:
        checks.same(agent.ask("get", NAME, 0), [f"int64:{ADDITIONS * len(agents) * 2**33}"], agent, "reads the sum")


def check_waiting(writer, waiter, checks):
    """The one sleeps until the other changes an item, and until it gives the lock back."""
    seen = waiter.ask("version", NAME)[0]
    waiter.send("wait", NAME, seen)
    writer.ask("set", NAME, 1, "str:")
    checks.same(waiter.answer(), [str(int(seen) + 1)], waiter, "waits for", writer)
    checks.same(writer.ask("lock", NAME), ["POLYSHM_OK"], writer, "locks")
    waiter.send("lock", NAME)
    writer.ask("set", NAME, 1, "str:6f6e65")
    writer.ask("unlock", NAME)
    checks.same(waiter.answer(), ["POLYSHM_OK"], waiter, "waits for the lock of", writer)
    checks.same(waiter.ask("get", NAME, 1), ["str:6f6e65"], waiter, "reads what was written under it by", writer)
    waiter.ask("unlock", NAME)


def check_death(victim, heir, checks):
    """The one is killed while it holds the lock; the other, which waits for it, gets it, and is told."""
    victim.ask("attach_list", NAME)
    checks.same(victim.ask("lock", NAME), ["POLYSHM_OK"], victim, "locks")
    victim.ask("set", NAME, 1, "str:74776f")
    heir.send("lock", NAME)
    victim.kill()
    checks.same(heir.answer(), ["POLYSHM_OWNER_DIED"], heir, "takes the lock of", victim)
    checks.same(heir.ask("get", NAME, 1), ["str:74776f"], heir, "reads what was written by", victim)
    heir.ask("unlock", NAME)
    checks.same(heir.ask("lock", NAME), ["POLYSHM_OK"], heir, "locks again")
    heir.ask("unlock", NAME)


def check_size(build, agent, checks):
    """A block that is larger than the address space is refused, in words; elsewhere it is not."""
    name = f"{PREFIX}_large"
    with open(SHM / name, "wb") as file:
        file.truncate(TOO_LARGE)
    if build.bits == 64:
        checks.same(agent.ask("attach_block", name), [str(TOO_LARGE)], agent, "attaches to a large block")
        agent.ask("close", name)
    else:
        for words in ("attach_block", name), ("attach_list", name), ("create_block", name + "_2", TOO_LARGE):
            checks.refused(agent, *words, why="more than 32 bits can address")
    (SHM / name).unlink()


def run(builds, agents, checks):
    mixed.run(agents, checks)
    before = checks.passed
    check_addition(agents, checks)
    for build, one in zip(builds, agents):
        check_size(build, one, checks)
        for other in agents:
            if other is not one:
                check_waiting(one, other, checks)
                check_death(build.start(), other, checks)
    mixed.close(agents[0], agents, NAME)
    print(f"locks, waits, deaths: {checks.passed - before} checks held", flush=True)


def main(words):
    builds = [Build(*words[i:i + 3]) for i in range(0, len(words), 3)]
    agents = [build.start() for build in builds]
    mixed.conclude(agents, lambda checks: run(builds, agents, checks))


main(sys.argv[1:])
