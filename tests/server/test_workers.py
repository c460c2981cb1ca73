"""Work that is handed over comes back, be it done or failed."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from contextlib import suppress
from functools import partial

import pytest

from kb.server.workers import Workers


def test_each_gets_what_its_own_work_gives_or_raises() -> None:
    workers = Workers(3)

    async def one(number: int) -> int:
        def work() -> int:
            assert threading.current_thread().name.startswith("worker-")
            if number % 7 == 0:
                raise LookupError(number)
            return number

        return await workers.do(work)

    async def everything() -> list[int | BaseException]:
        return await asyncio.gather(*map(one, range(100)), return_exceptions=True)

    for _ in range(2):  # another loop comes to the same threads
        found = asyncio.run(everything())
        assert [n if n % 7 else repr(LookupError(n)) for n in range(100)] == [
            repr(one) if isinstance(one, LookupError) else one for one in found
        ]


def test_who_no_longer_waits_keeps_nobody_else_waiting() -> None:
    workers, go = Workers(1), threading.Event()

    async def given_up() -> str:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(workers.do(go.wait), 0.01)
        go.set()
        return await workers.do(lambda: "next")

    assert asyncio.run(given_up()) == "next"


def test_a_thread_that_waits_keeps_nothing_of_the_work_before() -> None:
    class Held:
        """What a generation of an index stands for here."""

    workers, held = Workers(1), Held()
    gone = weakref.ref(held)

    async def once(what: list[Held]) -> None:
        await workers.do(what.pop)

    what = [held]
    del held
    asyncio.run(once(what))
    asyncio.run(workers_are_idle(workers))
    gc.collect()
    assert gone() is None


def test_an_error_keeps_nothing_of_the_work_either() -> None:
    class Held:
        """What a generation of an index stands for here."""

    workers, held = Workers(1), Held()
    gone = weakref.ref(held)

    def fails(what: list[Held]) -> None:
        mine = what.pop()
        raise LookupError(type(mine))

    async def once(what: list[Held]) -> None:
        with suppress(LookupError):
            await workers.do(partial(fails, what))

    what = [held]
    del held
    gc.disable()  # as long as it may take until it looks next
    try:
        asyncio.run(once(what))
        asyncio.run(workers_are_idle(workers))
        assert gone() is None
    finally:
        gc.enable()


def test_who_waits_is_told_of_an_end_that_a_future_cannot_have() -> None:
    def fails() -> str:
        return next(iter(()))

    async def waits() -> str:
        return await asyncio.wait_for(Workers(1).do(fails), 30)

    with pytest.raises(RuntimeError) as raised:
        asyncio.run(waits())
    assert isinstance(raised.value.__cause__, StopIteration)


async def workers_are_idle(workers: Workers) -> None:
    await workers.do(int)
