"""What must hold, and whether it does."""

from dataclasses import dataclass

from figures import ratio

OURS = "polyshm"


@dataclass
class Bound:
    """polyshm against a peer: its time goes at least so often into the peer's, or is at most so many of it.

    Without a peer: at most so many seconds or bytes, or never more than so many, be it in one sample of all.
    """

    words: str
    ours: tuple  # language, case
    peer: tuple  # language, case, side; or None
    kind: str  # "at least", "at most", "never over"
    bound: float

    def check(self, figures):
        """Its value with a spread, as a number or a pair, and whether it holds; None if that was not measured."""
        ours = figures.get(*self.ours, OURS)
        peer = figures.get(*self.peer) if self.peer else None
        if not ours or self.peer and not peer:
            return None
        if self.kind == "never over":
            return ours.worst, None, ours.worst <= self.bound
        if peer:
            spread = ratio(ours, peer) if self.kind == "at least" else ratio(peer, ours)
        else:
            spread = ours.spread
        holds = spread.median >= self.bound if self.kind == "at least" else spread.median <= self.bound
        return spread.median, (spread.low, spread.high), holds


def _python(words, case, peer, kind, bound):
    return Bound(f"Python: {words}", ("Python", case), ("Python", case, peer), kind, bound)


def _c(words, case, peer, bound):
    return Bound(f"C: {words}", ("C", case), ("C", case, peer), "at most", bound)


BOUNDS = (
    _python("get an int, times as fast as stock", "get an int (1,000)", "stock", "at least", 12),
    _python("get an int, times a list's time", "get an int (1,000)", "list", "at most", 3),
    _python("set an int, times as fast as stock", "set an int (1,000)", "stock", "at least", 15),
    _python("iterate, times as fast as stock", "iterate, per item (1,000)", "stock", "at least", 40),
    _python("build 1,000 items, times as fast as stock", "build (1,000)", "stock", "at least", 20),
    _python("attach a list + close, times as fast as stock", "attach a list + close (1,000)", "stock", "at least", 3),
    _python("untracked create + unlink, times as fast as stock", "create + close + unlink", "stock", "at least", 2),
    _python("create through a manager, times as fast as stock", "create, managed", "stock", "at least", 25),
    _python("count, times as fast as stock", "count, per item (1,000)", "stock", "at least", 25),
    _python("create tracked, times as fast as stock", "create, tracked", "stock", "at least", 1),
    _python("start + end of a manager, times as fast as stock", "start + end of a manager", "stock", "at least", 2),
    Bound("Ruby: list[i], times an Array's", ("Ruby", "get an int (1,000)"), ("Ruby", "get an int (1,000)", "Array"),
          "at most", 5),
    Bound("Lua 5.4: list[i], times a table's", ("Lua 5.4", "get an int (1,000)"),
          ("Lua 5.4", "get an int (1,000)", "table"), "at most", 12),
    Bound("LuaJIT: ffi get, times the call's in C", ("LuaJIT ffi", "get an int (1,000)"),
          ("C", "get an int (1,000)", OURS), "at most", 2),
    _c("get an int, of a robust mutex (8 ns where that takes 25)", "get an int, beside a mutex", "robust mutex", 0.32),
    _c("set an int, of a robust mutex", "set an int, beside a mutex", "robust mutex", 1.2),
    _c("untracked create + close + unlink, of the system calls", "create + close + unlink", "system calls", 1.8),
    _c("attach + close, of the system calls", "attach + close, 4 KiB", "system calls", 1.5),
    _c("read 1,000,000 ints, of memcpy of the values", "read all, per item (1,000,000)", "memcpy of its values", 2),
    _c("read 1,000,000 ints, of memcpy of 8 bytes an item", "read all, per item (1,000,000)",
       "memcpy of 8 bytes an item", 2),
    _c("ping-pong asleep, of a bare futex pair", "ping-pong, asleep", "futex pair", 1.2),
    _c("ping-pong spinning, of a bare atomic pair", "ping-pong, spinning", "atomic pair", 1.5),
    Bound("C: have the lock of a killed holder, s",
          ("C", "have the lock of a killed holder"), None, "never over", 0.05),
    Bound("C: attach a list of 1,000,000 ints, s", ("C", "attach a list + close (1,000,000)"), None, "at most", 0.01),
    Bound("C: sync area, beside 8 bytes an item and a slot, bytes",
          ("C", "sync area, beside 8 bytes an item and a slot"), None, "never over", 8192),
    Bound("C: the same, of a list with an item of 100,000 bytes",
          ("C", "the same, of a list with an item of 100,000 bytes"), None, "never over", 8192),
)
