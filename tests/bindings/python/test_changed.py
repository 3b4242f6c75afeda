"""await ShareableList.changed: the event loop goes on, and no thread stays behind."""

import asyncio
import gc
import os
import threading
import time

import pytest

from conftest import DEADLINE, attached, until


@pytest.fixture(autouse=True)
def no_thread_left():
    before = threading.active_count()
    yield
    until(lambda: threading.active_count() == before)


def soon(function, *arguments):
    """Calls the function when the tasks that are there have run, and sleep."""
    asyncio.get_running_loop().call_later(0.05, function, *arguments)


def run(coroutine):
    """asyncio.run, with a deadline."""

    async def bounded():
        return await asyncio.wait_for(coroutine, DEADLINE)

    return asyncio.run(bounded())


def test_a_change_that_was_there_before_is_given_at_once(items):
    seen = items.version
    items[0] = 2
    assert run(items.changed(seen)) == items.version
    assert threading.active_count() == 1


def test_a_change_that_comes_later_wakes_the_task(items):
    async def main():
        seen = items.version
        soon(items.__setitem__, 0, 2)
        return seen, await items.changed(seen)

    seen, version = run(main())
    assert version == items.version != seen


def test_what_another_process_writes_wakes_the_task(items, start_child):
    async def main():
        seen = items.version
        child = start_child(
            "import sys, polyshm\n"
            "with polyshm.ShareableList(name=sys.argv[1]) as items: items[0] = 'other'",
            items.shm.name,
        )
        await items.changed(seen)
        child.communicate(timeout=DEADLINE)

    run(main())
    assert items[0] == "other"


def test_an_item_is_awaited_alone(items):
    async def main():
        seen = items.item_version(-1)
        soon(items.__setitem__, 0, 2)
        task = asyncio.ensure_future(items.changed(seen, item=-1))
        await items.changed(items.version)
        await asyncio.sleep(0.2)
        assert not task.done()
        items[-1] = 7
        assert await task == items.item_version(-1) != seen

    run(main())


def test_the_loop_goes_on_meanwhile(items):
    async def main():
        task = asyncio.ensure_future(items.changed(items.version))
        for _ in range(100):
            await asyncio.sleep(0.001)
        assert not task.done()
        items[0] = 2
        await task

    run(main())


def test_many_tasks_need_one_thread(items):
    async def main():
        seen = items.version
        before = threading.active_count()
        tasks = [asyncio.ensure_future(items.changed(seen)) for _ in range(200)]
        await asyncio.sleep(0.05)
        assert threading.active_count() == before + 1
        items[0] = 2
        assert await asyncio.gather(*tasks) == [items.version] * 200

    run(main())


def test_every_change_is_seen_in_turn(items):
    rounds = 200
    items[:2] = [1, 0]

    async def copy(read, write, added):
        for number in range(1, rounds):
            seen = items.version
            while items[read] < number:
                seen = await items.changed(seen)
            items[write] = number + added

    async def main():
        await asyncio.gather(copy(0, 1, 0), copy(1, 0, 1))

    run(main())
    assert items[:2] == [rounds, rounds - 1]


def test_wait_for_ends_it(items):
    async def main():
        before = threading.active_count()
        for _ in range(5):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(items.changed(items.version), 0.01)
        while threading.active_count() > before:
            await asyncio.sleep(0.01)
        items[0] = 2  # nobody is there to wake

    run(main())
    assert items._sleepers == {}


def test_a_cancelled_task_does_not_take_the_others_with_it(items):
    async def main():
        seen = items.version
        first, second = (asyncio.ensure_future(items.changed(seen)) for _ in range(2))
        await asyncio.sleep(0.02)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        items[0] = 2
        assert await second == items.version

    run(main())


def test_the_end_of_the_loop_leaves_nothing_behind(items, caplog):
    async def main():
        main.task = asyncio.ensure_future(items.changed(items.version))
        await asyncio.sleep(0.02)

    run(main())
    assert main.task.cancelled()
    assert not caplog.records


def test_a_loop_that_is_closed_under_its_tasks_lets_the_thread_go(items, caplog):
    before = threading.active_count()
    loop = asyncio.new_event_loop()
    task = loop.create_task(items.changed(items.version))
    loop.run_until_complete(asyncio.sleep(0.02))
    loop.close()
    until(lambda: threading.active_count() == before)
    items[0] = 2
    task._log_destroy_pending = False
    del task
    gc.collect()
    assert not caplog.records


def test_two_loops_wait_for_one_list(items):
    def other():
        results.append(run(items.changed(seen)))

    results, seen = [], items.version
    threads = [threading.Thread(target=other) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    items[0] = 2
    for thread in threads:
        thread.join(DEADLINE)
    assert results == [items.version] * 2


def test_closing_the_list_ends_the_wait(items):
    async def main():
        with attached(items) as other:
            soon(other.close)
            tasks = [asyncio.ensure_future(other.changed(other.version)) for _ in range(3)]
            for task in tasks:
                with pytest.raises(ValueError, match="closed"):
                    await task

    run(main())


@pytest.mark.parametrize(
    "arguments, error",
    [((None,), TypeError), (("x",), TypeError), ((0.5,), TypeError), ((-1,), ValueError), ((2**64,), OverflowError)],
)
def test_what_was_seen_is_a_version(items, arguments, error):
    with pytest.raises(error):
        run(items.changed(*arguments))


def test_an_item_that_is_not_there_is_an_index_error(items):
    with pytest.raises(IndexError):
        run(items.changed(0, item=len(items)))


def test_a_read_only_list_awaits_changes(items):
    async def main():
        with attached(items, readonly=True) as other:
            soon(items.__setitem__, 0, 2)
            await other.changed(other.version)
            assert other[0] == 2

    run(main())


@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_child_awaits_with_a_loop_of_its_own(items):
    def child():
        with pytest.raises(asyncio.TimeoutError):
            run(asyncio.wait_for(items.changed(items.version), 0.05))
        items[0] = "child"

    async def main():
        seen = items.version
        task = asyncio.ensure_future(items.changed(seen))
        await asyncio.sleep(0.02)
        pid = os.fork()
        if pid == 0:
            asyncio.events._set_running_loop(None)
            try:
                child()
                os._exit(0)
            finally:
                os._exit(1)
        await task
        assert os.waitpid(pid, 0)[1] == 0

    run(main())
    assert items[0] == "child"


def test_sleeping_takes_no_time_of_the_processor(items):
    async def main():
        task = asyncio.ensure_future(items.changed(items.version))
        before = time.process_time()
        await asyncio.sleep(1)
        used = time.process_time() - before
        task.cancel()
        return used

    assert run(main()) < 0.2


def test_a_program_that_ends_while_its_tasks_wait_ends(run_child, items):
    run_child(
        "import asyncio, sys, polyshm\n"
        "items = polyshm.ShareableList(name=sys.argv[1])\n"
        "loop = asyncio.new_event_loop()\n"
        "keep = loop.create_task(items.changed(items.version))\n"
        "keep._log_destroy_pending = False\n"
        "loop.run_until_complete(asyncio.sleep(0.02))\n",
        items.shm.name,
    )
