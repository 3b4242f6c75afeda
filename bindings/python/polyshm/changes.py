"""For ShareableList.changed: a thread sleeps where the tasks of an event loop must not."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .list import ShareableList as _ShareableList

# A thread that nobody needs any more ends within so many seconds.
_NAP = 0.1


class _Sleeper:
    """A thread that sleeps until a list changes, for all tasks of one event loop that await the same change.

    Only the loop's thread writes here. The other one tells it, by the future, to look at the list again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wait: Callable[[], int]) -> None:
        self.change: asyncio.Future[None] = loop.create_future()
        self.tasks = 0
        self.abandoned = False
        threading.Thread(target=self._sleep, args=(loop, wait), name="polyshm.changed", daemon=True).start()

    def _sleep(self, loop: asyncio.AbstractEventLoop, wait: Callable[[], int]) -> None:
        while not self.abandoned and not loop.is_closed():
            try:
                wait()
            except TimeoutError:
                continue
            except Exception:
                pass  # Looking again, each task meets it.
            with suppress(RuntimeError):  # The loop was closed meanwhile.
                loop.call_soon_threadsafe(self.change.set_result, None)
            return


async def change(items: _ShareableList[Any], seen: int, item: int | None) -> None:
    """Sleep until it is time to look at the list again: its version, or that of an item, may not be seen any more."""
    loop = asyncio.get_running_loop()
    sleepers = items.__dict__.setdefault("_sleepers", {})
    key = loop, seen, item
    if key not in sleepers:
        sleepers[key] = _Sleeper(loop, lambda: items.wait(seen, _NAP, item=item))
    sleeper = sleepers[key]
    sleeper.tasks += 1
    try:
        await asyncio.shield(sleeper.change)
    finally:
        sleeper.tasks -= 1
        if not sleeper.tasks:
            sleeper.abandoned = True
            del sleepers[key]
