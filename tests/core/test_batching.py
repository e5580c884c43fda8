"""Batching of concurrent lookups."""

import asyncio

import pytest

from core.batching import Batcher, GroupedBatcher


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


async def test_finish_waits_for_a_batch_whose_caller_was_cancelled() -> None:
    begun, gate, loaded = asyncio.Event(), asyncio.Event(), list[int]()

    async def load(numbers: list[int]) -> list[int]:
        begun.set()
        await gate.wait()
        loaded.extend(numbers)
        return numbers

    batcher = Batcher(load)
    await batcher.finish()
    caller = asyncio.create_task(batcher.load(1))
    await begun.wait()
    caller.cancel()
    finished = asyncio.create_task(batcher.finish())
    await asyncio.wait([caller])
    assert not finished.done()
    gate.set()
    await finished
    assert loaded == [1]


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


async def test_a_slow_group_delays_no_other_group() -> None:
    batches: list[list[str]] = []
    gate = asyncio.Event()

    async def upper(words: list[str]) -> list[str]:
        batches.append(words)
        if words == ["slow"]:
            await gate.wait()
        return [word.upper() for word in words]

    batcher = GroupedBatcher(upper, max_size=2)
    slow = asyncio.create_task(batcher.load(1, "slow"))
    await asyncio.sleep(0)
    behind = [asyncio.create_task(batcher.load(1, word)) for word in ("a", "b", "c")]
    assert await batcher.load(2, "other") == "OTHER"
    gate.set()
    assert await asyncio.gather(slow, *behind) == ["SLOW", "A", "B", "C"]
    assert batches == [["slow"], ["other"], ["a", "b"], ["c"]]


async def test_an_error_of_a_group_is_raised_in_its_callers_only() -> None:
    async def fragile(numbers: list[int]) -> list[int]:
        if 0 in numbers:
            raise ConnectionError("unreachable")
        return numbers

    batcher = GroupedBatcher(fragile, max_size=9)
    results = await asyncio.gather(*(batcher.load(n % 2, n) for n in range(4)), return_exceptions=True)
    assert [result if isinstance(result, int) else type(result) for result in results] == [
        ConnectionError,
        1,
        ConnectionError,
        3,
    ]
    assert await batcher.load(0, 2) == 2
