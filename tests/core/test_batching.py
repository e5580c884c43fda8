"""Batching of concurrent lookups."""

import asyncio

import pytest

from core.batching import Batcher


async def test_lookups_during_a_batch_share_the_next_batch() -> None:
    batches: list[list[int]] = []
    begun, gate = asyncio.Event(), asyncio.Event()

    async def double(numbers: list[int]) -> list[int]:
        batches.append(numbers)
        begun.set()
        await gate.wait()
        return [2 * number for number in numbers]

    batcher = Batcher(double)
    first = asyncio.create_task(batcher.load(1))
    await begun.wait()
    others = [asyncio.create_task(batcher.load(number)) for number in (2, 3, 2)]
    await asyncio.sleep(0)
    gate.set()
    assert await first == 2
    assert await asyncio.gather(*others) == [4, 6, 4]
    assert batches == [[1], [2, 3, 2]]


async def test_a_batch_does_not_exceed_the_maximum_size() -> None:
    sizes: list[int] = []

    async def same(numbers: list[int]) -> list[int]:
        sizes.append(len(numbers))
        return numbers

    batcher = Batcher(same, max_size=4)
    assert await asyncio.gather(*map(batcher.load, range(10))) == list(range(10))
    assert sizes == [4, 4, 2]


async def test_an_error_is_raised_in_every_caller_of_the_batch_but_not_in_later_ones() -> None:
    is_broken = True

    async def fragile(numbers: list[int]) -> list[int]:
        if is_broken:
            raise ConnectionError("unreachable")
        return numbers

    batcher = Batcher(fragile)
    failures = await asyncio.gather(*map(batcher.load, range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ConnectionError] * 3
    is_broken = False
    assert await batcher.load(7) == 7


async def test_cancelling_a_caller_does_not_affect_the_others() -> None:
    gate = asyncio.Event()

    async def same(numbers: list[int]) -> list[int]:
        await gate.wait()
        return numbers

    batcher = Batcher(same)
    first, cancelled = asyncio.create_task(batcher.load(1)), asyncio.create_task(batcher.load(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.set()
    assert await first == 1
    with pytest.raises(asyncio.CancelledError):
        await cancelled
