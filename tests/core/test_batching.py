"""Questions that go together: each has its own answer, never an older one."""

import asyncio

import pytest

from core.batching import Batcher


async def test_who_asks_meanwhile_goes_along_with_the_next_question() -> None:
    asked: list[list[int]] = []
    begun, gate = asyncio.Event(), asyncio.Event()

    async def double(numbers: list[int]) -> list[int]:
        asked.append(numbers)
        begun.set()
        await gate.wait()
        return [2 * number for number in numbers]

    together = Batcher(double)
    first = asyncio.create_task(together.load(1))
    await begun.wait()
    others = [asyncio.create_task(together.load(number)) for number in (2, 3, 2)]
    await asyncio.sleep(0)
    gate.set()
    assert await first == 2
    assert await asyncio.gather(*others) == [4, 6, 4]
    assert asked == [[1], [2, 3, 2]]


async def test_no_more_go_together_than_may() -> None:
    sizes: list[int] = []

    async def same(numbers: list[int]) -> list[int]:
        sizes.append(len(numbers))
        return numbers

    together = Batcher(same, max_size=4)
    assert await asyncio.gather(*map(together.load, range(10))) == list(range(10))
    assert sizes == [4, 4, 2]


async def test_a_failure_is_everybodys_and_not_that_of_who_asks_afterwards() -> None:
    is_broken = True

    async def fragile(numbers: list[int]) -> list[int]:
        if is_broken:
            raise ConnectionError("away")
        return numbers

    together = Batcher(fragile)
    failures = await asyncio.gather(*map(together.load, range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ConnectionError] * 3
    is_broken = False
    assert await together.load(7) == 7


async def test_who_goes_away_takes_nobody_along() -> None:
    gate = asyncio.Event()

    async def same(numbers: list[int]) -> list[int]:
        await gate.wait()
        return numbers

    together = Batcher(same)
    stays, goes = asyncio.create_task(together.load(1)), asyncio.create_task(together.load(2))
    await asyncio.sleep(0)
    goes.cancel()
    gate.set()
    assert await stays == 1
    with pytest.raises(asyncio.CancelledError):
        await goes
